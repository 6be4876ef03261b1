# SPDX-License-Identifier: ISC
#
# For test scripts: . tests/support/shell.sh
#
#   ok NAME · not_ok NAME [WHY] · skip NAME WHY     the lines that tools/run-tests counts
#   check NAME COMMAND...                            ok if the command succeeds, else not ok, with its output
#   wait_for SECONDS COMMAND...                      until the command succeeds; fails when it is too late
#   need COMMAND... || skip ...                      whether all these programs are there
#   can_make_namespaces                              whether namespace_with_tap would work
#   namespace_with_tap NAME TAP [ADDR/LEN [MTU]]     a network namespace with lo and a tap, up
#   remove_namespace NAME
#   start NAME COMMAND...                            in the background: output in $tmp/NAME.out; sets $pid
#   stop PID                                         ends what was started, and waits for it; returns its status
#   finish                                           at the end: the script's exit status
#
# $tmp is a folder of the script's own. It, the namespaces and what was started are gone
# when the script ends, however it ends. Nothing sleeps without a condition.

shell_failed=0
shell_pids=
shell_namespaces=
tmp=$(mktemp -d)

ok() {
    echo "ok $1"
}

not_ok() {
    echo "not ok $1"
    [ $# -lt 2 ] || echo "# $2"
    shell_failed=1
}

skip() {
    echo "skip $1: $2"
}

check() {
    shell_checked=$1
    shift
    if "$@" >"$tmp/check.out" 2>&1; then
        ok "$shell_checked"
    else
        not_ok "$shell_checked" "$* ended with $?"
        sed 's/^/# /' "$tmp/check.out"
    fi
}

need() {
    for shell_program; do
        command -v "$shell_program" >/dev/null 2>&1 || return 1
    done
}

# The pause between two looks is short, and only while the condition does not hold.
wait_for() {
    shell_until=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -le "$shell_until" ] || return 1
        sleep 0.02
    done
}

can_make_namespaces() {
    need ip && [ -c /dev/net/tun ] || return 1
    ip netns add "drupe-try-$$" 2>/dev/null || return 1
    ip netns exec "drupe-try-$$" ip tuntap add dev try0 mode tap 2>/dev/null
    shell_can=$?
    ip netns delete "drupe-try-$$"
    return $shell_can
}

namespace_with_tap() {
    ip netns add "$1" || return 1
    shell_namespaces="$shell_namespaces $1"
    ip -n "$1" link set lo up &&
        ip -n "$1" tuntap add dev "$2" mode tap &&
        ip -n "$1" link set "$2" mtu "${4:-1500}" up || return 1
    [ -z "${3:-}" ] || ip -n "$1" address add "$3" dev "$2"
}

remove_namespace() {
    ip netns delete "$1"
    shell_namespaces=$(echo " $shell_namespaces " | sed "s/ $1 / /")
}

start() {
    shell_name=$1
    shift
    : >"$tmp/$shell_name.out" # now: what is in it must not be taken for the new one's
    "$@" >"$tmp/$shell_name.out" 2>&1 </dev/null &
    pid=$!
    shell_pids="$shell_pids $pid"
}

stop() {
    kill -TERM "$1" 2>/dev/null
    wait_for 5 shell_gone "$1" || kill -KILL "$1"
    wait "$1" 2>/dev/null
}

# Whether the process has ended; a child that was not waited for still has a number.
shell_gone() {
    ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

finish() {
    return $shell_failed
}

shell_clean_up() {
    for shell_pid in $shell_pids; do
        kill -KILL "$shell_pid" 2>/dev/null
    done
    for shell_namespace in $shell_namespaces; do
        ip netns delete "$shell_namespace" 2>/dev/null
    done
    rm -rf "$tmp"
}
trap shell_clean_up EXIT
trap 'exit 130' INT TERM
