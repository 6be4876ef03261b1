#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Captures of whole runs, read back by tcpdump: on every target, on the user-mode network
# and on a tap with offloads.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/support/shell.sh"
drupe=$top/build/bin/drupe
ns=drupe-capture-$$

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

gets() {
    [ "$(curl -s -m 5 "http://$1/hello")" = 'Hello World!' ]
}

# tcpdump of a capture, with its words on standard error besides.
dump() {
    tcpdump -nvvr "$@" 2>&1
}

# The statistics stand at the end: it is complete.
complete() {
    grep -aq 'frames that the other side did not take: 0' "$1"
}

# capture IMAGE FILE: serves a page on the user-mode network, and captures that.
capture() {
    port=$(free_port)
    start run "$drupe" run --pcap "$2" -p "$port:80" "$1"
    wait_for 10 gets "127.0.0.1:$port" || return 1
    stop "$pid"
    wait_for 5 complete "$2"
}

# Both ways, the checksums right, nothing cut, and the name of the device.
is_whole() {
    dump "$1" >"$tmp/text" && grep -q 'GET /hello HTTP/1.1' "$tmp/text" &&
        grep -q 'HTTP/1.1 200 OK' "$tmp/text" && grep -q 'cksum 0x.*(correct)' "$tmp/text" &&
        ! grep -q 'incorrect\|truncated\|bad' "$tmp/text" && grep -aq 'service' "$1"
}

for target in spt unix hvt; do
    name=a_page_is_captured_both_ways_on_$target
    if [ $target = hvt ] && ! [ -w /dev/kvm ]; then
        skip $name "no /dev/kvm, or it may not be opened"
        continue
    fi
    captured() {
        capture "$top/build/$target/web.$target" "$tmp/$target.pcapng" &&
            is_whole "$tmp/$target.pcapng"
    }
    check $name captured
done

its_owner_alone_reads_it() {
    [ "$(stat -c %a "$tmp/spt.pcapng")" = 600 ]
}
check a_capture_is_for_its_owner_alone its_owner_alone_reads_it

refused() {
    before=$(cksum <"$tmp/spt.pcapng")
    "$drupe" run --pcap "$tmp/spt.pcapng" "$top/build/spt/web.spt" >"$tmp/said" 2>&1
    [ $? = 1 ] && grep -q "^drupe-spt: --pcap: '.*spt.pcapng' exists: remove it, or name another file\$" "$tmp/said" &&
        [ "$before" = "$(cksum <"$tmp/spt.pcapng")" ]
}
check what_is_there_is_not_written_over refused

no_network() {
    "$drupe" run --pcap "$tmp/none.pcapng" "$top/build/spt/hello.spt" >"$tmp/said" 2>&1
    [ $? = 1 ] && grep -q 'drupe-spt: --pcap: the image declares no network device' "$tmp/said" &&
        ! [ -e "$tmp/none.pcapng" ]
}
check an_image_without_a_network_has_nothing_to_capture no_network

piped() {
    mkfifo "$tmp/fifo"
    port=$(free_port)
    start reader tcpdump -nlr "$tmp/fifo"
    "$drupe" run --pcap - -p "$port:80" "$top/build/spt/web.spt" 2>"$tmp/console" >"$tmp/fifo" &
    pid=$!
    wait_for 10 gets "127.0.0.1:$port" || return 1
    wait_for 10 grep -q 'GET /hello' "$tmp/reader.out" || return 1
    stop "$pid"
    grep -q 'Serving http' "$tmp/console"
}
check standard_output_is_the_capture_and_the_console_moves piped

# A file that may not grow stands for a disk that is full.
full() {
    port=$(free_port)
    (
        ulimit -f 1
        exec "$drupe" run --pcap "$tmp/full.pcapng" -p "$port:80" "$top/build/spt/web.spt"
    ) >"$tmp/full.out" 2>&1 &
    pid=$!
    wait_for 10 gets "127.0.0.1:$port" || return 1
    for _ in 1 2 3 4 5 6 7 8 9; do
        gets "127.0.0.1:$port" || return 1
    done
    stop "$pid"
    [ "$(grep -c "^drupe-pcap: cannot write '.*full.pcapng': File too large; the network goes on" "$tmp/full.out")" = 1 ] &&
        dump "$tmp/full.pcapng" >"$tmp/text" && ! grep -q truncated "$tmp/text"
}
check a_full_disk_is_said_once_and_ends_nothing full

offloads() {
    namespace_with_tap "$ns" cap0 10.0.0.1/24 || return 1
    start run ip netns exec "$ns" "$top/build/bin/drupe-spt" --net:service=cap0 \
        "--pcap:service=$tmp/tap.pcapng" "$top/build/spt/web.spt" --ipv4=10.0.0.2/24
    wait_for 10 ip netns exec "$ns" curl -s -m 5 -o "$tmp/page" http://10.0.0.2/hello || return 1
    ip netns exec "$ns" curl -s -m 5 --data-binary "@$top/build/bin/drupe" http://10.0.0.2/ >"$tmp/answer"
    stop "$pid"
    wait_for 5 complete "$tmp/tap.pcapng" && is_whole "$tmp/tap.pcapng" &&
        awk '/ length [0-9]+/ { match($0, / length [0-9]+/); n = substr($0, RSTART + 8, RLENGTH - 8) + 0
             if (n > most) most = n } END { exit most <= 1500 }' "$tmp/text"
}
if can_make_namespaces; then
    check super_frames_are_whole_and_their_checksums_completed offloads
else
    skip super_frames_are_whole_and_their_checksums_completed "namespaces cannot be made here"
fi

finish
