#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Measures the web image beside nginx and prints a table of ratios (bench/README.md).
#
#     client namespace -- bridge -- { veth to nginx's namespace | tap of drupe-spt }
#
# Everything happens in three network namespaces of its own, which have no way out, and
# which it removes however it ends. Each figure is the median of ROUNDS runs, with the
# least and the greatest; the two servers take turns, so that what else the machine does
# falls on both.
set -u
cd "$(dirname "$0")/.." || exit 1

ROUNDS=${ROUNDS:-5}
LAST_S=${LAST_S:-180}   # of the part lasting
RUN_S=${RUN_S:-3}       # one run of wrk
IDLE_S=${IDLE_S:-4}     # of watching an idle server
HELD=${HELD:-100000}    # idle connections to the image; to nginx as many as it may have open
HELD_NGINX=${HELD_NGINX:-16000}
NET=${NET:-service}     # the web image's device
MEM=${MEM:-32}
B=${B:-build}
tender=$B/bin/drupe-spt
image=$B/spt/web.spt
only=${1:-all}          # sizes, start, memory, requests, connects, held, bulk, usernet, idle; calls, user and lasting are never in all
BULK=200000600          # octets that tests/target/bulk sends

base=drupe-bench-$$
c=$base-client h=$base-host s=$base-server
tmp=
pids=

die() {
    echo "bench: $*" >&2
    exit 1
}

# ---- Cleaning up --------------------------------------------------------------

stop() { # PID...: ends servers of ours
    for p in "$@"; do
        kill "$p" 2>/dev/null && wait "$p" 2>/dev/null
    done
}

remove_namespaces() { # those of a run by its process number
    for n in client host server; do
        ip netns del "drupe-bench-$1-$n" 2>/dev/null
    done
}

cleanup() {
    trap - EXIT INT TERM HUP
    # shellcheck disable=SC2086
    stop $pids
    remove_namespaces $$
    [ -n "$tmp" ] && rm -rf "$tmp"
}
trap cleanup EXIT
trap 'cleanup; exit 130' INT TERM HUP

remove_stale() { # what a run that was killed outright has left
    ip netns list | sed -n 's/^drupe-bench-\([0-9]*\)-.*/\1/p' | sort -u | while read -r p; do
        [ -d "/proc/$p" ] || remove_namespaces "$p"
    done
}

# ---- The wiring ---------------------------------------------------------------

in_ns() { # NAMESPACE COMMAND...
    ns=$1
    shift
    ip netns exec "$ns" "$@"
}

port() { # NAMESPACE ADDRESS: joins it to the bridge
    ip -n "$1" link add eth0 type veth peer name "p-${1##*-}" netns "$h" || die "no veth"
    ip -n "$1" addr add "$2/24" dev eth0
    ip -n "$1" link set eth0 up
    ip -n "$h" link set "p-${1##*-}" master br0 up
}

wire() {
    for n in "$c" "$h" "$s"; do
        ip netns add "$n" || die "cannot make network namespaces: run it as root"
        ip -n "$n" link set lo up
    done
    ip -n "$h" link add br0 type bridge || die "no bridges here"
    ip -n "$h" link set br0 up
    # Filtering bridged frames by iptables would cost both servers, but the tap's twice.
    in_ns "$h" sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null
    port "$c" 10.77.0.10
    port "$s" 10.77.0.3
    ip -n "$h" tuntap add tap0 mode tap || die "no taps here (is /dev/net/tun there?)"
    ip -n "$h" link set tap0 master br0 up
    # One for the image that moves much.
    ip -n "$h" tuntap add tap2 mode tap
    ip -n "$h" link set tap2 master br0 up
    # A tap of its own, without a bridge, to measure the start with.
    ip -n "$h" tuntap add tap1 mode tap
    ip -n "$h" addr add 10.78.0.1/24 dev tap1
    ip -n "$h" link set tap1 up
}

# ---- The servers --------------------------------------------------------------

answers() { # ADDRESS: waits until it serves, 5 s at most
    i=0
    while ! in_ns "$c" curl -s -m 1 -o "$tmp/page" "http://$1/"; do
        i=$((i + 1))
        [ $i -lt 50 ] || die "no answer from $1: $(tail -n 3 "$tmp/log" 2>/dev/null)"
        in_ns "$c" ping -c 1 -W 0.1 "$1" >/dev/null 2>&1
    done
}

start_drupe() {
    # Not in_ns: a function in the background would be a shell of its own, and $! that shell.
    ip netns exec "$h" taskset -c 1 "$tender" --mem="$MEM" "--net:$NET=tap0" "$image" \
        --ipv4=10.77.0.2/24 >"$tmp/log" 2>&1 </dev/null &
    drupe=$!
    pids="$pids $drupe"
    answers 10.77.0.2
}

nginx_conf() { # ADDRESS:PORT: one worker, no log, the same page
    mkdir -p "$tmp/www"
    cat >"$tmp/nginx.conf" <<END
daemon off;
worker_processes 1;
user root;
pid $tmp/nginx.pid;
error_log $tmp/nginx.log;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    keepalive_requests 1000000000;
    default_type text/html;
    server { listen $1; root $tmp/www; }
}
END
}

start_nginx() {
    cp "$tmp/page" "$tmp/www/index.html"
    ip netns exec "$s" taskset -c 1 nginx -c "$tmp/nginx.conf" >"$tmp/log" 2>&1 </dev/null &
    nginx=$!
    pids="$pids $nginx"
    answers 10.77.0.3
}

# ---- Figures ------------------------------------------------------------------

# Reads numbers; prints "median least greatest".
stats() {
    sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)], v[1], v[NR]; else print "0 0 0" }'
}

head_row() {
    printf '%-34s %-26s %-26s %s\n' "" "drupe" "nginx" "ratio (1 = nginx; more is better)"
}

# row NAME UNIT DRUPE-FILE NGINX-FILE more|less: which of the two is better
row() {
    # shellcheck disable=SC2046
    set -- "$1" "$2" "$5" $(stats <"$3") $(stats <"$4")
    printf '%s %s %s %s %s %s %s\n' "$2" "$4" "$5" "$6" "$7" "$8" "$9" |
        awk -v name="$1" -v better="$3" '{
            ratio = better == "more" ? ($5 ? $2 / $5 : 0) : ($2 ? $5 / $2 : 0)
            printf "%-34s %-26s %-26s %.2f\n", name, $2 " [" $3 ".." $4 "] " $1,
                $5 " [" $6 ".." $7 "] " $1, ratio
        }'
}

sizes() {
    for n in hello echo web; do
        f=$B/spt/$n.stripped.spt
        [ -f "$f" ] && printf '%-34s %s KiB\n' "image, stripped: $n" \
            "$(awk -v n="$(stat -c %s "$f")" 'BEGIN { printf "%.1f", n / 1024 }')"
    done
}

# A server's start is measured from the tap's own namespace: no bridge in between.
start_times() {
    nginx_conf 10.78.0.1:8088
    cp "$tmp/page" "$tmp/www/index.html"
    for _ in $(seq "$ROUNDS"); do
        in_ns "$h" "$B/bench/first_octet" 10.78.0.2 80 "$tender" --mem="$MEM" "--net:$NET=tap1" \
            "$image" --ipv4=10.78.0.2/24 2>>"$tmp/log" </dev/null | grep -E '^[0-9]+$' >>"$tmp/start.d"
        in_ns "$h" "$B/bench/first_octet" 10.78.0.1 8088 nginx -c "$tmp/nginx.conf" \
            2>>"$tmp/log" </dev/null | grep -E '^[0-9]+$' >>"$tmp/start.n"
    done
    row "start to first HTTP octet" us "$tmp/start.d" "$tmp/start.n" less
}

# Bulk runs before all other processes where that is allowed: each of them stops what moves much,
# nginx least, whose socket the kernel goes on emptying.
first() { # COMMAND...: of a child, so that $! is the command's
    chrt -r 1 true 2>/dev/null && exec chrt -r 1 "$@"
    exec "$@"
}

priority() { # r 1 | o 0: nginx's, while bulk is measured
    for p in $(family "$nginx"); do chrt "-$1" -p "$2" "$p" >/dev/null 2>&1; done
}

cpu_ns() { # PID: of it and its children
    for p in $(family "$1"); do
        cat "/proc/$p/schedstat" 2>/dev/null
    done | awk '{ n += $1 } END { print n + 0 }'
}

moved() { # KEY SERVER'S-PID ARGUMENTS OF CURL...: appends MB/s, and ms of CPU a GB
    key=$1 server=$2
    shift 2
    before=$(cpu_ns "$server")
    (first ip netns exec "$c" taskset -c 0 curl -sS -m 60 -o /dev/null -H 'Expect:' "$@" \
        -w '%{speed_download} %{speed_upload}\n') |
        awk '{ printf "%d\n", ($1 > $2 ? $1 : $2) / 1e6 }' >>"$tmp/bulk.$key"
    echo "$before $(cpu_ns "$server") $BULK" |
        awk '{ printf "%d\n", ($2 - $1) / $3 * 1e3 }' >>"$tmp/cost.$key"
}

# Down: a file of the image's own beside one that nginx sends from the page cache. Up: beside a
# program that does nothing but read.
bulk() {
    first ip netns exec "$h" taskset -c 1 "$tender" --mem="$MEM" --net:service=tap2 "$B/spt/bulk.spt" \
        --ipv4=10.77.0.4/24 >"$tmp/log.bulk" 2>&1 </dev/null &
    mover=$!
    first ip netns exec "$s" taskset -c 1 "$B/bench/sink" 10.77.0.3 9 >"$tmp/log.sink" 2>&1 </dev/null &
    sink=$!
    pids="$pids $mover $sink"
    answers 10.77.0.4
    head -c "$BULK" /dev/urandom >"$tmp/www/file"
    priority r 1
    for _ in $(seq "$ROUNDS"); do
        moved down.d "$mover" http://10.77.0.4/down
        moved down.n "$nginx" http://10.77.0.3/file
        moved up.d "$mover" -X POST -T "$tmp/www/file" http://10.77.0.4/up
        moved up.n "$sink" -X POST -T "$tmp/www/file" http://10.77.0.3:9/up
        (first "$B/bench/line") >>"$tmp/line"
    done
    priority o 0
    # shellcheck disable=SC2046
    printf '%-34s %s ns [%s..%s]\n' "a cache line from CPU 0 to CPU 1" $(stats <"$tmp/line")
    row "bulk download (nginx: sendfile)" MB/s "$tmp/bulk.down.d" "$tmp/bulk.down.n" more
    row "  CPU of the server" ms/GB "$tmp/cost.down.d" "$tmp/cost.down.n" less
    row "bulk upload (beside a bare sink)" MB/s "$tmp/bulk.up.d" "$tmp/bulk.up.n" more
    row "  CPU of the server" ms/GB "$tmp/cost.up.d" "$tmp/cost.up.n" less
    stop "$mover" "$sink"
}

# User time of the image itself for a request, and all of its process's.
user() {
    before=$(cut -d' ' -f14,15 "/proc/$drupe/stat")
    in_ns "$c" taskset -c 0 wrk -t1 -c64 "-d${RUN_S}s" "http://10.77.0.2/" >"$tmp/wrk" 2>&1
    after=$(cut -d' ' -f14,15 "/proc/$drupe/stat")
    echo "$before $after $(awk '/requests in/ { print $1 }' "$tmp/wrk") $(getconf CLK_TCK)" |
        awk '{ printf "%-34s %.2f us in the image, %.2f us in the kernel\n", "CPU for a request",
            ($3 - $1) * 1e6 / $6 / $5, ($4 - $2) * 1e6 / $6 / $5 }'
}

family() { # PID: it and its children
    echo "$1"
    pgrep -P "$1"
}

resident() { # PID KIND: KiB of it and its children
    for p in $(family "$1"); do
        sed -n "s/^$2: *\([0-9]*\) kB/\1/p" "/proc/$p/smaps_rollup" 2>/dev/null
    done | awk '{ n += $1 } END { print n + 0 }'
}

memory() {
    for kind in Rss Pss; do
        resident "$drupe" $kind >"$tmp/mem.d"
        resident "$nginx" $kind >"$tmp/mem.n"
        row "resident, idle ($kind, all processes)" KiB "$tmp/mem.d" "$tmp/mem.n" less
    done
}

wrk_run() { # ADDRESS CONNECTIONS KEY: appends requests/s, p50, p99 (µs)
    in_ns "$c" taskset -c 0 wrk -t1 "-c$2" "-d${RUN_S}s" --latency "http://$1/" >"$tmp/wrk" 2>&1
    grep -q 'Socket errors\|Non-2xx' "$tmp/wrk" && grep 'Socket errors\|Non-2xx' "$tmp/wrk" >&2
    awk -v rps="$tmp/rps.$3" -v p50="$tmp/p50.$3" -v p99="$tmp/p99.$3" '
        function us(t) {
            if (t ~ /us$/) return t + 0
            if (t ~ /ms$/) return t * 1000
            return t * 1000000
        }
        $1 == "Requests/sec:" { printf "%d\n", $2 >> rps }
        $1 == "50%" { printf "%d\n", us($2) >> p50 }
        $1 == "99%" { printf "%d\n", us($2) >> p99 }' "$tmp/wrk"
}

# A connection a request: wrk counts one that the server closes as an error of reading.
connects() {
    for _ in $(seq "$ROUNDS"); do
        for side in 2:d 3:n; do
            in_ns "$c" taskset -c 0 wrk -t1 -c64 "-d${RUN_S}s" -H 'Connection: close' \
                "http://10.77.0.${side%:*}/" |
                awk '$1 == "Requests/sec:" { printf "%d\n", $2 }' >>"$tmp/new.${side#*:}"
        done
    done
    row "new connections/s, 64 at once" /s "$tmp/new.d" "$tmp/new.n" more
}

# The same for minutes on end, at the image alone: the rate of each slice, and what it holds.
lasting() {
    for _ in $(seq $((LAST_S / 10))); do
        in_ns "$c" taskset -c 0 wrk -t1 -c64 -d10s -H 'Connection: close' http://10.77.0.2/ |
            awk -v kib="$(resident "$drupe" Rss)" \
                '$1 == "Requests/sec:" { printf "%-34s %d /s, %d KiB\n", "new connections, lasting", $2, kib }'
    done
}

# What the tender's process asks of the kernel for one request.
calls() {
    ip netns exec "$c" timeout 20 wrk -t1 -c64 "-d${RUN_S}s" "http://10.77.0.2/" >"$tmp/wrk" &
    client=$!
    timeout -s INT "$RUN_S" strace -c -f -p "$drupe" 2>"$tmp/strace"
    wait "$client"
    requests=$(awk '/requests in/ { print $1 }' "$tmp/wrk")
    awk -v requests="$requests" '$4 ~ /^[0-9]+$/ && $NF != "total" {
        printf "%-34s %.2f\n", "calls/request while traced: " $NF, $4 / requests }' "$tmp/strace"
}

requests() { # CONNECTIONS
    for _ in $(seq "$ROUNDS"); do
        wrk_run 10.77.0.2 "$1" "$1.d"
        wrk_run 10.77.0.3 "$1" "$1.n"
    done
    row "requests/s, $1 connection(s)" /s "$tmp/rps.$1.d" "$tmp/rps.$1.n" more
    row "  latency, median" us "$tmp/p50.$1.d" "$tmp/p50.$1.n" less
    row "  latency, 99%" us "$tmp/p99.$1.d" "$tmp/p99.$1.n" less
}

# The image on the user-mode network and nginx, both on the loopback of the client's namespace, and
# all that serves on CPU 1: the helper and the image take turns there.
usernet() {
    ip netns exec "$c" taskset -c 1 "$tender" --mem="$MEM" "--net:$NET=user,publish=8080:80" "$image" \
        --ipv4=10.0.0.2/24 --ipv4-gateway=10.0.0.1 >>"$tmp/log" 2>&1 </dev/null &
    user=$!
    pids="$pids $user"
    nginx_conf 127.0.0.1:8081
    ip netns exec "$c" taskset -c 1 nginx -c "$tmp/nginx.conf" >>"$tmp/log" 2>&1 </dev/null &
    beside=$!
    pids="$pids $beside"
    answers 127.0.0.1:8080
    answers 127.0.0.1:8081
    for _ in $(seq "$ROUNDS"); do
        wrk_run 127.0.0.1:8080 64 user.d
        wrk_run 127.0.0.1:8081 64 user.n
    done
    row "user-mode network, 64 connections" /s "$tmp/rps.user.d" "$tmp/rps.user.n" more
    row "  latency, median" us "$tmp/p50.user.d" "$tmp/p50.user.n" less
    row "  latency, 99%" us "$tmp/p99.user.d" "$tmp/p99.user.n" less
    stop "$user" "$beside"
}

cpu_ticks() { # PID: of it and its children
    for p in $(family "$1"); do
        sed 's/.*) //' "/proc/$p/stat" 2>/dev/null
    done | awk '{ n += $12 + $13 } END { print n + 0 }'
}

kernel_objects() { # octets of those that are in use, sockets among them
    awk 'NR > 2 { n += $2 * $4 } END { printf "%.0f\n", n }' /proc/slabinfo
}

settled() { # the same, when what was let go of is gone
    last=0 now=$(kernel_objects)
    while [ $(((last - now) * (last - now))) -gt 40000000000 ]; do # 200 kB a second
        sleep 1
        last=$now now=$(kernel_objects)
    done
    echo "$now"
}

# held_by PID ADDRESS PORT COUNT: octets that so many connections, which have asked once and are
# idle, add to it, and to the kernel.
held_by() {
    before=$(resident "$1" Rss)
    kernel=$(settled)
    mkfifo "$tmp/held"
    : >"$tmp/held.n"
    ip netns exec "$h" "$B/bench/idle_clients" "$2" "$3" 10.78.0.101 "$4" <"$tmp/held" >"$tmp/held.n" 2>>"$tmp/log" &
    clients=$!
    exec 9>"$tmp/held"
    while [ ! -s "$tmp/held.n" ] && kill -0 "$clients" 2>/dev/null; do sleep 0.2; done
    echo $((($(resident "$1" Rss) - before) * 1024 / $4)) $((($(kernel_objects) - kernel) / $4))
    exec 9>&-
    wait "$clients"
    rm "$tmp/held"
    [ "$(tr '\n' ' ' <"$tmp/held.n")" = "$4 $4 " ] ||
        die "of $4 connections came about, and lasted: $(tr '\n' ' ' <"$tmp/held.n")"
}

# The clients' sockets are in the same kernel. What these cost is seen beside the image, which has
# none of its own; the rest of what the kernel holds beside nginx is nginx's.
held() {
    for i in 1 2 3 4 5 6 7; do ip -n "$h" addr add "10.78.0.10$i/24" dev tap1; done
    ip netns exec "$h" "$tender" --mem=256 "--net:$NET=tap1" "$image" \
        --ipv4=10.78.0.2/24 >>"$tmp/log" 2>&1 </dev/null &
    keep=$!
    pids="$pids $keep"
    until in_ns "$h" curl -s -m 1 -o /dev/null http://10.78.0.2/; do kill -0 "$keep" || die "no image"; done
    drupe_held=$(held_by "$keep" 10.78.0.2 80 "$HELD") || exit 1
    stop "$keep"
    nginx_conf 10.78.0.1:8088
    sed -i 's/worker_connections 1024/worker_connections 19000/' "$tmp/nginx.conf"
    ip netns exec "$h" nginx -c "$tmp/nginx.conf" >>"$tmp/log" 2>&1 </dev/null &
    keep=$!
    pids="$pids $keep"
    until in_ns "$h" curl -s -m 1 -o /dev/null http://10.78.0.1:8088/; do kill -0 "$keep" || die "no nginx"; done
    nginx_held=$(held_by "$keep" 10.78.0.1 8088 "$HELD_NGINX") || exit 1
    stop "$keep"
    echo "${drupe_held% *}" >"$tmp/held.d"
    echo "${nginx_held% *}" >"$tmp/held.n1"
    echo $((${nginx_held% *} + ${nginx_held#* } - ${drupe_held#* })) >"$tmp/held.n2"
    row "an idle client (of $HELD, $HELD_NGINX)" octets "$tmp/held.d" "$tmp/held.n1" less
    row "the same, with the kernel's" octets "$tmp/held.d" "$tmp/held.n2" less
}

idle() {
    d=$(cpu_ticks "$drupe") n=$(cpu_ticks "$nginx")
    d_switches=$(awk '/^voluntary/ { print $2 }' "/proc/$drupe/status")
    sleep "$IDLE_S"
    d=$(($(cpu_ticks "$drupe") - d)) n=$(($(cpu_ticks "$nginx") - n))
    d_switches=$(($(awk '/^voluntary/ { print $2 }' "/proc/$drupe/status") - d_switches))
    printf '%-34s %-26s %-26s\n' "CPU while idle for $IDLE_S s" "$d ticks, $d_switches wake-ups" "$n ticks"
}

# ---- All of it ----------------------------------------------------------------

for tool in ip nginx wrk curl pgrep taskset chrt; do
    command -v $tool >/dev/null || die "$tool is missing: run bench/install"
done
for f in "$tender" "$image" "$B/bench/first_octet" "$B/bench/idle_clients" \
    "$B/bench/sink" "$B/bench/line" "$B/spt/bulk.spt"; do
    [ -e "$f" ] || die "$f is missing: run make bench, which builds it"
done
[ "$(id -u)" = 0 ] || die "network namespaces need root: sudo make bench"
[ "$(nproc)" -ge 2 ] || die "two CPUs are needed, one for the client and one for the server"

wants() { [ "$only" = all ] || [ "$only" = "$1" ]; }

tmp=$(mktemp -d) || die "no temporary folder"
remove_stale
wire
start_drupe
nginx_conf 10.77.0.3:80
start_nginx
wants sizes && sizes
head_row
wants memory && memory
wants idle && idle
wants held && held
wants requests && requests 64
wants requests && requests 1
wants connects && connects
wants bulk && bulk
[ "$only" = lasting ] && lasting
[ "$only" = user ] && user
wants usernet && usernet
if wants link; then bench/link.sh; fi
[ "$only" = calls ] && calls
wants start && start_times
exit 0
