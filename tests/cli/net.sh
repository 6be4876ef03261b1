#!/bin/sh
# SPDX-License-Identifier: ISC
#
# drupe net, in a network namespace of its own.
if [ "${1:-}" != inside ]; then
    if unshare -n true 2>/dev/null; then
        exec unshare -n "$0" inside
    elif unshare -rn true 2>/dev/null; then
        exec unshare -rn "$0" inside
    fi
    echo "skip net_up_and_down: no network namespaces here (run as root, or allow user namespaces)"
    exit 0
fi
. "$(dirname "$0")/tap.sh"
if ! "$drupe" net up --bridge probe --tap probe0 >/dev/null 2>err; then
    echo "skip net_up_and_down: $(cat err)"
    exit 0
fi
"$drupe" net down --bridge probe --tap probe0 >/dev/null

has() {
    grep -q "^ *$1:" /proc/net/dev
}

lacks() {
    if has "$1"; then return 1; fi
}

up_makes_a_bridge_and_a_tap_and_down_removes_them() {
    "$drupe" net up | grep -q 'service has the address 10.0.0.1/24'
    has service
    has tap0
    "$drupe" net down >/dev/null
    lacks service
    lacks tap0
}

both_can_be_repeated() {
    "$drupe" net up >/dev/null
    "$drupe" net up >/dev/null
    "$drupe" net down >/dev/null
    [ "$("$drupe" net down)" = 'there is nothing to remove' ]
}

what_is_not_ours_stays() {
    ip link add service type bridge
    says 1 "drupe: service exists and is not drupe's: choose another --bridge" "$drupe" net up
    says 1 "drupe: service is not drupe's: it stays" "$drupe" net down
    has service
    ip link del service
}

up_makes_nothing_when_the_tap_is_not_ours() {
    ip tuntap add tap0 mode tap
    says 1 "drupe: tap0 exists and is not drupe's: choose another --tap" "$drupe" net up
    lacks service
    ip link del tap0
}

a_tap_is_in_one_bridge() {
    "$drupe" net up >/dev/null
    says 1 'drupe: tap0 is in another bridge: choose another --tap, or drupe net down first' \
        "$drupe" net up --bridge other --address 10.0.1.1/24
    "$drupe" net down --bridge other --tap nothing >/dev/null
    "$drupe" net down >/dev/null
}

# An owner that does not exist where drupe runs, as in a container with few users.
what_up_could_not_finish_down_removes() {
    unshare -rn true 2>/dev/null || return 0
    # shellcheck disable=SC2016
    SUDO_UID=54321 unshare -rn sh -c '"$0" net up; "$0" net down; cat /proc/net/dev' \
        "$drupe" >out 2>&1
    grep -q '^drupe: cannot give the tap tap0 to user 54321: ' out
    [ "$(grep -c 'tap0:\|service:' out)" = 0 ]
}

the_owner_of_a_tap_that_is_there_is_changed() {
    "$drupe" net up >/dev/null
    "$drupe" net up --user nobody >/dev/null
    "$drupe" run --tap tap0 "$top/build/spt/web.spt" -- --ipv4=10.0.0.2/24 >log 2>&1 &
    pid=$!
    until_it grep -q Serving log
    says 1 'drupe: tap0 is in use: stop the image that it is attached to' \
        "$drupe" net up --user nobody
    kill "$pid"
    wait "$pid" || true
    "$drupe" net down >/dev/null
}

an_image_on_the_tap_is_a_host_of_its_own() {
    "$drupe" net up >/dev/null
    "$drupe" run --tap tap0 "$top/build/spt/web.spt" -- --ipv4=10.0.0.2/24 >log 2>&1 &
    pid=$!
    until_it curl -s -m 2 -o page http://10.0.0.2/hello
    [ "$(cat page)" = 'Hello World!' ]
    says 1 'drupe: tap0 is in use: stop the image that it is attached to' "$drupe" net down
    kill "$pid"
    wait "$pid" || true
    "$drupe" net down >/dev/null
}

wrong_words_are_one_line() {
    name='a letter, then letters, digits, - and _, at most 15'
    says 64 'drupe: net takes up or down' "$drupe" net
    says 64 'drupe: net takes up or down' "$drupe" net sideways
    says 64 "drupe: 'a/b' is not a name for an interface: $name" "$drupe" net up --tap a/b
    says 64 "drupe: 'abcdefghijklmnop' is not a name for an interface: $name" \
        "$drupe" net up --bridge abcdefghijklmnop
    says 64 'drupe: the bridge and the tap need names of their own' \
        "$drupe" net up --bridge a --tap a
    says 64 "drupe: '10.0.0.1' is not an address like 10.0.0.1/24" \
        "$drupe" net up --address 10.0.0.1
    says 64 "drupe: '10.0.0.1/31' is not an address like 10.0.0.1/24" \
        "$drupe" net up --address 10.0.0.1/31
    says 1 "drupe: there is no user 'nobody-at-all'" "$drupe" net up --user nobody-at-all
    "$drupe" net down >/dev/null
}

try up_makes_a_bridge_and_a_tap_and_down_removes_them
try both_can_be_repeated
try what_is_not_ours_stays
try up_makes_nothing_when_the_tap_is_not_ours
try a_tap_is_in_one_bridge
try what_up_could_not_finish_down_removes
try the_owner_of_a_tap_that_is_there_is_changed
try an_image_on_the_tap_is_a_host_of_its_own
try wrong_words_are_one_line
exit $failed
