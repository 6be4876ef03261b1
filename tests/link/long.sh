#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 1 GB each way between an image and Linux over a link that does a little of everything, hashed:
# some minutes, so it is no part of make test.
#
#     tests/link/long.sh [OCTETS [OPTION...]]     options of build/bin/test-link instead of its own
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/support/shell.sh
. tests/link/wiring.sh

len=${1:-1000000000}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- seed=1 delay=200us loss=0.01% burst=0.001%,30%,100% reorder=0.1%,300us \
    duplicate=0.1% corrupt=0.01%

wire || exit 1
start_image
link_to far "$@" || exit 1
check an_image_sends_to_linux peer get 10.96.0.2 "$len"
cat "$tmp/check.out"
check linux_sends_to_an_image peer put 10.96.0.2 "$len"
cat "$tmp/check.out"
unlink
grep '^[ab]*:' "$tmp/link.out"
stop "$image"
finish
