#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 200 MB to a Linux peer and back over a tap: with super-frames and checksums left to the
# host, and for the same image without its note, which gets plain frames.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/support/shell.sh

tender=build/bin/drupe-spt
ns=drupe-offload-$$

# A block of 1,000,003 octets, 200 times.
LEN=200000600

get() { # PATH ARGUMENTS OF CURL...
    path=$1
    shift
    ip netns exec "$ns" curl -sS -m 60 "$@" "http://10.97.0.2/$path"
}

serves() {
    get none -o /dev/null
}

try_image() { # NAME IMAGE MTU
    namespace_with_tap "$ns" tap0 10.97.0.1/24 "$3" || return
    start "$1" ip netns exec "$ns" "$tender" --mem=16 --net:service=tap0 "$2" --ipv4=10.97.0.2/24
    server=$pid
    wait_for 10 serves
    get down -o "$tmp/file"
    check "as_many_octets_arrive_as_were_sent_$1" [ "$(stat -c %s "$tmp/file")" -eq "$LEN" ]
    answer=$(get same -H 'Expect:' -H 'Content-Type: application/octet-stream' -X POST -T "$tmp/file")
    check "and_come_back_unchanged_$1" [ "$answer" = "the same" ]
    rm -f "$tmp/file"
    stop "$server"
    remove_namespace "$ns"
}

if ! need ip curl || ! can_make_namespaces; then
    skip 200_MB_go_to_a_peer_and_back "it takes curl and network namespaces with taps"
else
    LC_ALL=C sed 's/NET1Drupe/NET0Drupe/' build/spt/bulk.spt >"$tmp/plain.spt"
    try_image with_offloads build/spt/bulk.spt 1500
    try_image with_offloads_and_long_frames build/spt/bulk.spt 9000
    try_image without_offloads "$tmp/plain.spt" 1500
fi
finish
