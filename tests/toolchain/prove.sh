#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The proofs of the parsers hold, and fail when a bound is taken out of a source. Skipped where
# the provers are not (`make prove` installs them).
set -u
cd "$(dirname "$0")/../.."

for t in frama-c why3 cvc4; do
    command -v $t >/dev/null || {
        echo "skip the parsers are proved: there is no $t: make prove installs it"
        exit 0
    }
done

work=build/prove-bugs
rm -rf "$work"

tools/prove >"$work.log"
proved=$?
sed -n 's/^\([a-z0-9_]*\): proved \([0-9]*\) of \2 goals.*/ok \1_is_proved/p' "$work.log"
if [ $proved -ne 0 ]; then
    echo "not ok all_is_proved"
    cat "$work.log"
fi

# fails NAME PROOF SOURCE SCRIPT EXPECTED: with the sed script applied to the source, PROOF (which
# is NAME:FUNCTION) fails, and says what is expected of it.
fails() {
    dir=$work/$1
    mkdir -p "$dir/$(dirname "$3")"
    sed "$4" "src/$3" >"$dir/$3"
    cmp -s "src/$3" "$dir/$3" && { echo "not ok $1 (the script finds nothing in $3)"; return; }
    if tools/prove -I "$dir" "$2" >"$dir/log"; then
        echo "not ok $1 (it was proved)"
    elif ! grep -qE "$5" "$dir/log"; then
        echo "not ok $1"
        cat "$dir/log"
    else
        echo "ok $1"
    fi
}

fails a_cursor_without_its_bound_is_not_proved octets:read_bytes base/octets.h \
    's/ || reader_left(r) < n) {/) {/' 'not proved: read_bytes_ensures'
fails an_address_copied_without_a_look_at_its_length_is_not_proved arp:read_mac net/arp/arp.c \
    '/if (b.len == sizeof a.octet)/d' 'not proved: read_mac_call_octets_copy_requires'
fails a_walk_of_options_without_progress_is_not_proved ip4:walk_options net/ip4/ip4.c \
    's/uint8_t type = read_u8(&r);/uint8_t type = *r.at;/' 'not proved: walk_options_loop_variant'
fails more_blocks_of_sack_than_there_is_room_for_are_not_proved tcp:take_option net/tcp/segment.c \
    's/ && body.len <= 8 \* TCP_SACKS_MAX//' 'not proved: take_option_'
fails a_length_beyond_the_packet_is_not_proved udp:parse net/udp/udp.c \
    's/ || len > packet.len)/)/' 'not proved: parse_'
fails a_loop_without_a_variant_is_not_proved ip4:ip4_own_index net/ip4/ip4.c \
    's/ *loop variant own->len - i; /        /' 'not proved: ip4_own_index_terminates'
fails a_new_function_without_a_contract_is_refused udp:peek net/udp/udp.c \
    '$a uint8_t peek(struct bytes b);\nuint8_t peek(struct bytes b)\n{\n    return b.at[0];\n}' 'peek'
