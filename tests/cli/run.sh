#!/bin/sh
# SPDX-License-Identifier: ISC
#
# drupe run, with real images and real clients on the user-mode network.
. "$(dirname "$0")/tap.sh"
hello=$top/build/spt/hello.spt
web=$top/build/spt/web.spt
echo_image=$top/build/spt/echo.spt

an_image_runs_and_its_status_is_ours() {
    "$drupe" run "$hello" | grep -q 'Hello, world!'
    status=0
    "$drupe" run "$hello" -- --nothing >/dev/null 2>&1 || status=$?
    [ "$status" = 64 ]
}

a_folder_is_built_and_run_for_either_target() {
    "$drupe" new first >/dev/null
    "$drupe" run first 2>err | grep -q 'Hello, world!'
    [ ! -s err ]
    "$drupe" run -t unix first 2>/dev/null | grep -q 'Hello, world!'
}

a_folder_is_built_and_run_as_a_virtual_machine() {
    "$drupe" new machine >/dev/null
    "$drupe" run -t hvt machine 2>err | grep -q 'Hello, world!'
    [ ! -s err ]
    "$drupe" inspect machine/build/hvt/machine.stripped.hvt | grep -q '^target  *hvt$'
}

wrong_words_are_one_line() {
    says 64 'drupe: run takes one folder or image; its arguments come after --' "$drupe" run
    says 64 'drupe: run takes one folder or image; its arguments come after --' \
        "$drupe" run "$hello" argument
    says 64 "drupe: 'lots' is not a number of megabytes" "$drupe" run -m lots "$hello"
    says 64 "drupe: 'xen' is not a target: there are spt, hvt and unix" "$drupe" run -t xen "$hello"
    says 64 "drupe: $hello is for spt, not unix" "$drupe" run -t unix "$hello"
    says 1 'drupe: missing: No such file or directory' "$drupe" run missing
    says 1 'drupe: the image declares no network device: run it without -p and --tap' \
        "$drupe" run -p 8080:80 "$hello"
    says 64 "drupe: '0' in '0:80' is not a port (1 to 65535)" "$drupe" run -p 0:80 "$web"
    says 1 'drupe: 192.0.2.1:8080: this host has no such address' \
        "$drupe" run -p 192.0.2.1:8080:80 "$web"
}

# serve OPTIONS...: drupe run in the background, its pid in $pid, its words in `log`.
serve() {
    "$drupe" run "$@" >log 2>&1 &
    pid=$!
}

# Ends it by SIGTERM; the helper must be gone too.
end() {
    helper=$(tr -d " " <"/proc/$pid/task/$pid/children")
    kill "$pid"
    wait "$pid" || true
    grep -q 'Exiting on signal 15' log
    [ -n "$helper" ]
    until_it dead "$helper"
}

# Gone, or waiting for whoever is its parent now to look.
dead() {
    case $(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) in
    '' | Z*) return 0 ;;
    esac
    return 1
}

gets() {
    [ "$(curl -s -m 5 "http://127.0.0.1:$1/hello")" = 'Hello World!' ]
}

a_published_page_is_served_without_root_or_tap() {
    port=$(free_port)
    serve -p "$port:80" "$web"
    until_it gets "$port"
    grep -q "^http://127.0.0.1:$port/\$" log
    says 1 "drupe: 127.0.0.1:$port is in use: stop what listens there or publish another port" \
        "$drupe" run -p "$port:80" "$web"
    end
}

many_clients_at_once_are_served() {
    port=$(free_port)
    serve -p "$port:80" "$web"
    until_it gets "$port"
    urls=$(for i in $(seq 100); do echo "http://127.0.0.1:$port/hello"; done)
    # shellcheck disable=SC2086
    curl -s -m 20 -Z --parallel-max 50 $urls >out 2>/dev/null
    [ "$(grep -o 'Hello World!' out | wc -l)" = 100 ]
    end
}

echoes() {
    [ "$(echo "$2" | nc -q 1 -w 5 127.0.0.1 "$1" 2>/dev/null)" = "$2" ]
}

the_echo_server_answers_on_either_target() {
    for image in "$echo_image" "$top/build/unix/echo.unix"; do
        port=$(free_port)
        serve -p "$port:9000" "$image"
        until_it echoes "$port" 'hello, image'
        grep -q "^127.0.0.1:$port leads to TCP port 9000 of the image\$" log
        end
    done
}

without_publications_it_says_how_to_publish() {
    serve "$web"
    until_it grep -q 'Serving' log
    grep -q '^nothing is published: -p 8080:80 ' log
    end
}

an_address_of_ones_own_is_not_overruled() {
    serve "$web" -- --ipv4=10.0.0.7/24
    until_it grep -q 'Serving' log
    grep -q '10.0.0.7/24' log
    end
}

# With a standard descriptor closed, the network's socket would take its place: it would
# be refused as the console, or what drupe says would be sent to the image as a frame.
closed_standard_descriptors_do_no_harm() {
    # shellcheck disable=SC2188
    for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- >&- 2>&-'; do
        port=$(free_port)
        eval "serve_closed() { \"\$drupe\" run -p \"\$port:80\" \"\$web\" $closed & }"
        serve_closed >/dev/null 2>&1
        pid=$!
        until_it gets "$port"
        [ "$(readlink "/proc/$pid/fd/2" | cut -d: -f1)" != socket ]
        kill "$pid"
        wait "$pid" || true
    done
}

addresses_of_one_host_alone_are_published() {
    for address in 224.0.0.1 255.255.255.255; do
        says 64 "drupe: '$address' in '$address:8080:80' is not the address of one host" \
            timeout 5 "$drupe" run -p "$address:8080:80" "$web"
    done
}

# The same image with another target in its ABI note.
an_image_for_another_target_says_what_to_do() {
    cp "$hello" hello.xen
    at=$(LC_ALL=C grep -obUaP 'Solo5\x00\x00\x00\x02\x00\x00\x00\x02' hello.xen | head -n 1 | cut -d: -f1)
    printf '\006' | dd of=hello.xen bs=1 seek=$((at + 8)) conv=notrunc 2>/dev/null
    "$drupe" inspect hello.xen | grep -q '^target  *xen$'
    says 1 'drupe: ./hello.xen is for xen, and this drupe runs spt, hvt and unix: build it for those' \
        "$drupe" run hello.xen
}

try an_image_runs_and_its_status_is_ours
try a_folder_is_built_and_run_for_either_target
if [ -w /dev/kvm ] && [ -x "$top/build/bin/drupe-hvt" ]; then
    try a_folder_is_built_and_run_as_a_virtual_machine
else
    echo "skip a_folder_is_built_and_run_as_a_virtual_machine: no /dev/kvm, or it may not be opened"
fi
try wrong_words_are_one_line
try a_published_page_is_served_without_root_or_tap
try many_clients_at_once_are_served
try the_echo_server_answers_on_either_target
try without_publications_it_says_how_to_publish
try an_address_of_ones_own_is_not_overruled
try an_image_for_another_target_says_what_to_do
try closed_standard_descriptors_do_no_harm
try addresses_of_one_host_alone_are_published
exit $failed
