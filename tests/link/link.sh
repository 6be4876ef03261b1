#!/bin/sh
# SPDX-License-Identifier: ISC
#
# An image and Linux over a bad link: what arrives is what was sent, each way, whatever the
# link does. `tests/link/link.sh PATTERN` runs the profiles whose names contain it.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/support/shell.sh
. tests/link/wiring.sh

only=${1:-}

profile() { # NAME OCTETS WHAT OPTION...: WHAT is a count that must not be zero then
    name=$1 len=$2 what=$3
    shift 3
    case $name in *"$only"*) ;; *) return ;; esac
    link_to far "$@"
    check "an_image_sends_to_linux_over_$name" peer get 10.96.0.2 "$len"
    check "linux_sends_to_an_image_over_$name" peer put 10.96.0.2 "$len"
    unlink
    check "and_that_was_$name" grep -q " $what [1-9]" "$tmp/link.out"
}

if ! can_make_namespaces || ! need ip sysctl; then
    skip an_image_and_linux_over_a_bad_link "it takes network namespaces with taps"
else
    wire || not_ok the_wiring
    start_image
    profile a_wire 20000000 sent delay=0ms
    profile a_path_that_loses 2000000 lost loss=1% delay=5ms
    profile a_path_that_loses_in_bursts 2000000 lost_in_burst burst=0.3%,30%,100% delay=5ms
    profile a_path_that_reorders 5000000 held reorder=10%,4ms jitter=200us delay=2ms
    profile a_path_that_doubles 5000000 doubled duplicate=10% delay=2ms
    profile a_path_that_corrupts 2000000 corrupted corrupt=2% delay=2ms
    profile an_asymmetric_path_with_a_small_queue 2000000 queue_full \
        rate=20mbit queue=10ms ab-delay=1ms ba-delay=15ms ba-loss=1%
    profile a_path_that_marks 2000000 marked rate=20mbit queue=100ms mark-above=5ms delay=2ms
    profile a_path_that_does_it_all 500000 lost loss=1% burst=0.1%,30%,100% reorder=2%,3ms \
        duplicate=1% corrupt=1% mark=1% delay=3ms jitter=1ms rate=50mbit
    # Each side remembers what it learns of the path.
    profile a_path_that_swallows_long_packets 1000000 too_long silent-mtu=1400,200ms rate=20mbit delay=2ms
    profile a_path_that_becomes_narrow 2000000 told_too_long mtu=900,200ms rate=20mbit delay=2ms
    stop "$image"
    remove_namespace "$near"
    remove_namespace "$far"
    remove_namespace "$other"
fi
finish
