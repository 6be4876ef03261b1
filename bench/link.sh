#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Goodput over a link that loses, beside Linux to Linux over the same link with the same losses
# (the same seed) and the same congestion control: rows as bench/run.sh prints them.
#
#     bench/link.sh [OCTETS [ROUNDS]]     of a transfer, 4000000; 5
#
# LOSS (1%), DELAY of one way (20ms), RATE (100mbit) and QUEUE (50ms) are taken from the
# environment, and CONGESTION: "reno cubic".
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/support/shell.sh
. tests/link/wiring.sh

len=${1:-4000000}
rounds=${2:-5}
loss=${LOSS:-1%} delay=${DELAY:-20ms}

stats() {
    sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)], v[1], v[NR]; else print "0 0 0" }'
}

moves() { # FILE THERE ADDRESS WHAT [CONGESTION]: appends Mbit/s
    link_to "$2" "seed=$round" "loss=$loss" "delay=$delay" "rate=${RATE:-100mbit}" "queue=${QUEUE:-50ms}" || return
    peer "$4" "$3" "$len" ${5:+"$5"} | awk '{ print $3 }' >>"$1"
    unlink
}

row() { # NAME KEY
    echo "$(stats <"$tmp/$2.d") $(stats <"$tmp/$2.l")" | awk -v name="$1" '{
        printf "%-34s %-26s %-26s %.2f\n", name, $1 " [" $2 ".." $3 "] Mbit/s",
            $4 " [" $5 ".." $6 "] Mbit/s", $4 ? $1 / $4 : 0 }'
}

compare() { # CONGESTION IMAGE'S-NAME [IMAGE'S-ARGUMENT]
    start_image ${3:+"$3"}
    start server ip netns exec "$other" build/bin/test-peer serve 10.96.0.3 "$1"
    server=$pid
    for round in $(seq "${SEED:-1}" $((${SEED:-1} + rounds - 1))); do
        moves "$tmp/$1.get.d" far 10.96.0.2 get
        moves "$tmp/$1.get.l" other 10.96.0.3 get
        moves "$tmp/$1.put.d" far 10.96.0.2 put "$1"
        moves "$tmp/$1.put.l" other 10.96.0.3 put "$1"
    done
    stop "$image"
    stop "$server"
    row "goodput, $loss, 2 x $delay, $2" "$1.get"
    row "  the same, to it" "$1.put"
}

can_make_namespaces || { echo "bench: no network namespaces with taps here" >&2; exit 1; }
wire || exit 1
for congestion in ${CONGESTION:-reno cubic}; do
    case $congestion in
    reno) compare reno NewReno --newreno ;;
    *) compare "$congestion" "$(echo "$congestion" | tr a-z A-Z)" ;;
    esac
done
