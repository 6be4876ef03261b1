#!/bin/sh
# SPDX-License-Identifier: ISC
#
# IPv4 against Linux: an image with two devices, each on a tap of one network namespace.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/support/shell.sh

ns=drupe-two-$$
if ! need ip ping python3 || ! can_make_namespaces; then
    skip an_image_with_two_devices_and_linux "it takes ping, python3 and network namespaces with taps"
    exit 0
fi
within() {
    ip netns exec "$ns" "$@"
}
linux() { # NAME: of a function in two.py
    check "$1" within timeout 60 python3 tests/target/two.py "$1"
}

namespace_with_tap "$ns" tap0 10.98.0.1/24 || exit 1
ip -n "$ns" tuntap add dev tap1 mode tap && ip -n "$ns" link set tap1 up
ip -n "$ns" address add 10.99.0.1/24 dev tap1
ip -n "$ns" address add 192.0.2.1/32 dev lo
ip -n "$ns" address add 198.51.100.1/32 dev lo
ip -n "$ns" route add 203.0.113.0/24 via 10.98.0.77
within sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
start two within build/bin/drupe-spt --mem=16 --net:inner=tap0 --net:outer=tap1 build/spt/two.spt \
    --inner=10.98.0.2/24 --inner-route=192.0.2.0/24,10.98.0.1 --outer=10.99.0.2/24 --outer-gateway=10.99.0.1
image=$pid
check both_devices_answer wait_for 10 sh -c "ip netns exec $ns ping -c1 -W1 10.98.0.2 && ip netns exec $ns ping -c1 -W1 10.99.0.2"
check an_echo_of_20000_octets_comes_back within ping -c 3 -i 0.2 -W 5 -s 20000 10.98.0.2
linux sixty_thousand_octets_both_ways
linux a_shut_port_is_refused_at_our_socket
linux our_shut_port_is_refused_at_its_socket
linux a_time_to_live_that_ends_on_the_way_is_told
linux a_broadcast_is_received
linux a_query_is_answered_and_the_group_is_heard
linux martians_are_counted
linux each_route_is_taken_with_the_source_that_fits
linux a_redirect_is_counted_and_changes_nothing
linux an_address_of_the_other_device_is_not_reached
linux a_tap_that_goes_down_and_comes_back_loses_nothing
kill -0 "$image" 2>/dev/null || not_ok the_image_is_still_there "$(tail -n 3 "$tmp/two.out")"
finish
