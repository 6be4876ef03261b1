#!/bin/sh
# SPDX-License-Identifier: ISC
#
# compat.sh: stock images under our tenders beside the stock ones, and our images under the stock ones.
# SOLO5 names a built tree of Solo5. Its lines beginning with "# |" are the tables of
# docs/design/compatibility.md.
set -u
cd "$(dirname "$0")/../.." || exit
solo5=${SOLO5:-}
if [ ! -x "$solo5/tenders/spt/solo5-spt" ]; then
    echo "skip images_and_tenders_of_solo5: SOLO5 names no built tree of Solo5"
    exit 0
fi
# Taps with known names, and their traffic, are in a network of our own.
if [ "${DRUPE_COMPAT_INSIDE:-}" = "" ]; then
    if ! unshare -n true 2>/dev/null; then
        echo "skip images_and_tenders_of_solo5: no network namespace can be made here"
        exit 0
    fi
    DRUPE_COMPAT_INSIDE=1 exec unshare -n "$0"
fi

tmp=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill $pid 2>/dev/null; rm -rf "$tmp"' EXIT
failed=0
ip link set lo up
for n in 0 1 2; do
    ip tuntap add "tap$n" mode tap
done
ip addr add 10.0.0.1/24 dev tap0
ip addr add 10.1.0.1/24 dev tap1
ip link set tap2 mtu 9000
for n in 0 1 2; do
    ip link set "tap$n" up
done

result() { # NAME PASSED: 0 for yes
    if [ "$2" -eq 0 ]; then
        echo "ok $1"
    else
        echo "not ok $1"
        failed=1
    fi
}

stock() { # TARGET
    echo "$solo5/tenders/$1/solo5-$1"
}

# What the image said, without what is the tender's or differs from run to run.
said() { # FILE
    grep -avE '^(solo5|drupe)-[a-z]+: ' "$1" | sed 's/0x[0-9a-f]*/N/g; s/[0-9][0-9]*/N/g'
}

# ---- Stock images that need no network ---------------------------------------

# one NAME TARGET IMAGE ARGUMENTS: under both tenders; the same status and the same words.
one() {
    name=$1 t=$2 image=$3
    shift 3
    [ -f "$image" ] || return 0
    # shellcheck disable=SC2086 # words
    {
        timeout 60 "$(stock "$t")" "$@" >"$tmp/stock" 2>&1
        theirs=$?
        timeout 60 "build/bin/drupe-$t" "$@" >"$tmp/ours" 2>&1
        ours=$?
    }
    said "$tmp/stock" >"$tmp/stock.said"
    said "$tmp/ours" >"$tmp/ours.said"
    words=same
    cmp -s "$tmp/stock.said" "$tmp/ours.said" || words=differ
    echo "# | $name | $t | status $theirs | status $ours | $words |"
    bad=1
    [ "$theirs" -eq "$ours" ] && [ $words = same ] && bad=0
    result "${name}_is_the_same_under_drupe-$t" $bad
    [ $bad -eq 0 ] || diff "$tmp/stock.said" "$tmp/ours.said" | sed 's/^/# /' | head -20
}

# Under both; each says why in its own words.
refused() { # NAME TARGET ARGUMENTS
    name=$1 t=$2
    shift 2
    timeout 60 "$(stock "$t")" "$@" >"$tmp/stock" 2>&1
    theirs=$?
    timeout 60 "build/bin/drupe-$t" "$@" >"$tmp/ours" 2>&1
    ours=$?
    [ $theirs -eq 1 ] && [ $ours -eq 1 ] && [ "$(wc -l <"$tmp/ours")" -eq 1 ]
    result "${name}_is_refused_by_drupe-${t}_too" $?
    [ $ours -eq 1 ] || sed 's/^/# /' "$tmp/stock" "$tmp/ours" | head
}

image_of() { # NAME TARGET
    echo "$solo5/tests/test_$1/test_$1.$2"
}

quiet_ones() {
    for t in $targets; do
        for name in globals exception zeropage rnow xnow xnor rnox wnox notls tls ssp time seccomp fpu; do
            one $name $t "$(image_of $name $t)" "$(image_of $name $t)"
        done
        one hello $t "$(image_of hello $t)" "$(image_of hello $t)" Hello_Solo5
        one quiet $t "$(image_of quiet $t)" "$(image_of quiet $t)" --solo5:quiet
        one output $t "$(image_of output $t)" "$(image_of output $t)" Output_Solo5
    done
}

disks() {
    truncate -s 1048576 "$tmp/disk"
    for t in $targets; do
        image=$(image_of blk $t)
        one blk $t "$image" --block:storage="$tmp/disk" -- "$image"
        one blk_4096 $t "$image" --block:storage="$tmp/disk" --block-sector-size:storage=4096 -- "$image"
        for size in 768 256 0; do
            refused blk_of_$size $t --block:storage="$tmp/disk" --block-sector-size:storage=$size -- "$image"
        done
        refused blk_without_a_disk $t "$image"
        [ $t = spt ] || refused buggyelf $t "$(image_of buggyelf $t)"
    done
}

# 63 devices, of which each is its own file.
maxdevices() {
    options=
    for n in $(seq 0 62); do
        truncate -s 1024 "$tmp/d$n"
        options="$options --block:storage$n=$tmp/d$n"
    done
    for t in $targets; do
        image=$(image_of mft_maxdevices $t)
        # shellcheck disable=SC2086 # words
        one mft_maxdevices $t "$image" $options -- "$image"
    done
}

# ---- Networks ------------------------------------------------------------------

# start LOG COMMAND...
start() {
    log=$1
    shift
    timeout 120 "$@" >"$log" 2>&1 &
    pid=$!
}

stop() {
    # timeout hands the signal on.
    kill $pid 2>/dev/null
    wait $pid 2>/dev/null
    pid=
}

answers() { # ADDRESS: within a bounded number of tries
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ping -q -c 1 -W 1 "$1" >/dev/null 2>&1 && return 0
    done
    return 1
}

# pings ADDRESS COUNT: how many are answered, and the mean time of one.
pings() {
    ping -q -c "$2" -i 0.002 -W 2 "$1" 2>/dev/null |
        sed -n 's/.* \([0-9]*\) received.*/\1/p; s|.*= [0-9.]*/\([0-9.]*\)/.*|\1|p' | tr '\n' ' '
}

# ping_both NAME TARGET "OPTIONS" ADDRESS...: the stock image under both tenders.
ping_both() {
    name=$1 t=$2 options=$3
    shift 3
    image=$(image_of "$name" "$t")
    [ -f "$image" ] || return 0
    row="# | $name | $t |"
    least=500
    for tender in "$(stock "$t")" "build/bin/drupe-$t"; do
        # shellcheck disable=SC2086 # words
        start "$tmp/log" "$tender" $options -- "$image"
        cell=
        for address in "$@"; do
            got=0 ms=-
            if answers "$address"; then
                # shellcheck disable=SC2046
                set_got $(pings "$address" 500)
            fi
            cell="$cell $got of 500, $ms ms;"
            least=$got
        done
        stop
        row="$row ${cell% }|"
    done
    echo "$row"
    [ "$least" -ge 495 ]
    result "${name}_answers_under_drupe-$t" $?
}

set_got() {
    got=$1 ms=${2:--}
}

# Answers 10000 pings, and looks at every octet of them.
ring() { # TARGET
    image=$(image_of net_ring "$1")
    row="# | net_ring | $1 |"
    for tender in "$(stock "$1")" "build/bin/drupe-$1"; do
        start "$tmp/log" "$tender" --net:service0=tap0 -- "$image"
        got=$(ping -fq -c 12000 -w 60 -p deadbeef 10.0.0.2 2>/dev/null | sed -n 's/.* \([0-9]*\) received.*/\1/p')
        stop
        row="$row $got answered, $(grep -ac SUCCESS "$tmp/log") SUCCESS |"
    done
    echo "$row"
    grep -aq SUCCESS "$tmp/log"
    result "net_ring_succeeds_under_drupe-$1" $?
}

networks() {
    for t in $targets; do
        ping_both net $t --net:service0=tap0 10.0.0.2
        ring $t
        ping_both net_2if $t "--net:service0=tap0 --net:service1=tap1" 10.0.0.2 10.1.0.2
        one net_mtu $t "$(image_of net_mtu $t)" --net:service0=tap2 -- "$(image_of net_mtu $t)"
        result net_mtu_is_9000_under_drupe-$t "$(
            grep -q 'MTU is 9000' "$tmp/ours"
            echo $?
        )"
    done
}

# ---- Our images under stock tenders --------------------------------------------------

our_hello() { # TARGET
    timeout 60 "$(stock "$1")" "build/$1/hello.$1" >"$tmp/stock" 2>&1
    theirs=$?
    timeout 60 "build/bin/drupe-$1" "build/$1/hello.$1" >"$tmp/ours" 2>&1
    bad=1
    [ $theirs -eq $? ] && [ "$(said "$tmp/stock")" = "$(said "$tmp/ours")" ] && bad=0
    result "our_hello_says_the_same_under_solo5-$1" $bad
}

# our_server NAME TARGET ASK: ASK is a command that prints "yes".
our_server() {
    start "$tmp/log" "$(stock "$2")" --net:service=tap0 -- "build/$2/$1.$2" --ipv4=10.0.0.2/24
    answers 10.0.0.2
    # shellcheck disable=SC2046
    set_got $(pings 10.0.0.2 500)
    [ "$($3)" = yes ]
    bad=$?
    stop
    echo "# | our $1 | $2 | $got of 500 pings, $ms ms under the stock tender |"
    result "our_$1_serves_under_solo5-$2" $bad
    [ $bad -eq 0 ] || sed 's/^/# /' "$tmp/log"
}

ask_echo() {
    [ "$(printf 'a line\n' | timeout 10 nc -q 1 10.0.0.2 9000)" = "a line" ] && echo yes
}

ask_web() {
    curl -s -m 10 -o "$tmp/page" -w '%{http_code}' http://10.0.0.2/ | grep -q '^200$' && [ -s "$tmp/page" ] &&
        curl -s -m 10 -o /dev/null -w '%{http_code}' http://10.0.0.2/nothing | grep -q '^404$' && echo yes
}

our_images() {
    for t in $targets; do
        our_hello $t
        our_server echo $t ask_echo
        our_server web $t ask_web
    done
}

targets="spt hvt"
if [ ! -w /dev/kvm ]; then
    echo "skip virtual_machines_of_solo5: there is no /dev/kvm here, or it may not be opened"
    targets=spt
fi
echo "# | image | target | stock tender | ours | words |"
quiet_ones
disks
maxdevices
networks
our_images
exit $failed
