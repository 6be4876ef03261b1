#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What `make run` ends with.
set -u
cd "$(dirname "$0")/../.."
. tests/support/shell.sh

need curl nc || { skip make_run_serves "there is no curl or no nc"; exit 0; }
port=$((20000 + $$ % 20000))
while nc -z 127.0.0.1 $port; do port=$((port + 1)); done

# refuses WANT PORT: one line, status 1.
refuses() {
    said=$(tools/run-web "$2" 2>&1) && return 1
    [ "$said" = "$1" ] || { echo "$said"; return 1; }
}
page() {
    [ "$(curl -s -m 5 "http://127.0.0.1:$port/hello")" = 'Hello World!' ]
}

start web tools/run-web $port
check it_serves_on_the_port_that_was_chosen wait_for 10 page
check it_prints_the_address grep -qx "http://127.0.0.1:$port/" "$tmp/web.out"
check a_port_in_use_is_one_line_with_another_port refuses \
    "127.0.0.1:$port is in use: stop what listens there, or choose another port: make run PORT=$((port + 1))" $port
for bad in 0 080 65536 99999999999999999999 x ''; do
    check "a_port_like_'$bad'_is_one_line" refuses \
        "PORT is $bad: it can be 1 to 65535, for example make run PORT=8081" "$bad"
done
kill -TERM $pid
wait $pid
check being_told_to_end_is_no_failure [ $? -eq 0 ]
check the_last_word_is_the_images [ "$(tail -n 1 "$tmp/web.out")" = 'drupe-spt: Exiting on signal 15' ]
check nothing_is_left_listening sh -c "! nc -z 127.0.0.1 $port"
finish
