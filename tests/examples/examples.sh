#!/bin/sh
# SPDX-License-Identifier: ISC
#
# examples.sh TARGET [web]: boots echo and web (or web alone) as TARGET and asks them what curl and nc ask.
set -u
target=$1
dir=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT

is() { # NAME WANT GOT
    if [ "$2" = "$3" ]; then
        echo "ok $1_on_$target"
    else
        echo "# wanted: $2"
        echo "# got: $3"
        echo "not ok $1_on_$target"
    fi
}

# A free port of 127.0.0.1, as good as one can know.
free_port() {
    port=$((20000 + ($$ + $1) % 20000))
    while nc -z 127.0.0.1 $port 2>/dev/null; do port=$((port + 1)); done
    echo $port
}

# boot NAME PORT GUESTPORT: starts the image and waits until it says that it serves.
boot() {
    set -- "$1" --net:service="user,publish=127.0.0.1:$2:$3" --ipv4=10.0.0.2/24 --ipv4-gateway=10.0.0.1
    name=$1 net=$2
    shift 2
    if [ "$target" = spt ]; then
        build/bin/drupe-spt --mem=8 "$net" "build/spt/$name.spt" "$@" >"$dir/$name" 2>&1 &
    elif [ "$target" = hvt ]; then
        build/bin/drupe-hvt --mem=8 "$net" "build/hvt/$name.hvt" "$@" >"$dir/$name" 2>&1 &
    else
        "build/unix/$name.unix" "$net" "$@" >"$dir/$name" 2>&1 &
    fi
    pids="$pids $!"
    for _ in $(seq 100); do
        grep -q ' port ' "$dir/$name" && return
        sleep 0.1
    done
    sed 's/^/# /' "$dir/$name"
}

for tool in curl nc; do
    command -v $tool >/dev/null || { echo "skip examples_on_$target: there is no $tool"; exit 0; }
done

if [ "$target" = hvt ] && ! { [ -w /dev/kvm ] && [ -x build/bin/drupe-hvt ]; }; then
    echo "skip examples_on_hvt: there is no /dev/kvm here, or it may not be opened"
    exit 0
fi

web=$(free_port 0)
boot web "$web" 80
url=http://127.0.0.1:$web
# status CURL-ARGUMENT...
status() { curl -s -m 10 -o /dev/null -w '%{http_code}' "$@"; }

is hello_world "Hello World!" "$(curl -s -m 10 "$url/hello")"
is the_page_is_html "text/html; charset=utf-8" "$(curl -s -m 10 -o /dev/null -w '%{content_type}' "$url/")"
is two_requests_share_a_connection 1 \
    "$(curl -s -m 10 -o /dev/null -o /dev/null -w '%{num_connects}\n' "$url/" "$url/hello" | paste -sd+ | sed 's/1+0/1/')"
is head_has_no_body "200 0" "$(curl -s -m 10 -I -o /dev/null -w '%{http_code} %{size_download}' "$url/")"
is an_unknown_path_is_404 404 "$(status "$url/no")"
is another_method_is_405 405 "$(status -X DELETE "$url/hello")"
is a_long_upload_is_413 413 "$(head -c 2000000 /dev/zero | status -H Expect: --data-binary @- "$url/hello")"
is a_long_target_is_414 414 "$(status "$url/$(head -c 9000 /dev/zero | tr '\0' x)")"
is a_bad_request_is_400 "HTTP/1.1 400 Bad Request" \
    "$(printf 'GET / HTTP/1.1\r\n\r\n' | nc -w 10 127.0.0.1 "$web" | head -n 1 | tr -d '\r')"

[ "${2:-}" != web ] || exit 0

echo=$(free_port 1)
boot echo "$echo" 9000
is echo_says_what_it_hears "hello, image" "$(printf 'hello, image\n' | nc -N -w 10 127.0.0.1 "$echo")"
head -c 3000000 /dev/urandom >"$dir/sent"
is three_megabytes_come_back "$(sha256sum <"$dir/sent")" \
    "$(nc -N -w 20 127.0.0.1 "$echo" <"$dir/sent" | sha256sum)"
