# SPDX-License-Identifier: ISC
#
# What the tests of the command share. A test is a function whose name is true; `try`
# runs it in a shell of its own and prints its line.
top=$(cd "$(dirname "$0")/../.." && pwd)
drupe=$top/build/bin/drupe
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room" || exit 1
failed=0

try() {
    (set -eux; "$1") 2>"$room/trace"
    # Not as a condition: there, set -e would do nothing.
    # shellcheck disable=SC2181
    if [ $? -eq 0 ]; then
        echo "ok $1"
    else
        tail -n 8 "$room/trace" | cut -c 1-200 | sed 's/^/# /'
        echo "not ok $1"
        failed=1
    fi
}

# says STATUS LINE COMMAND...: the command ends with the status and its whole stderr is
# that line.
says() {
    want_status=$1 want=$2
    shift 2
    status=0
    got=$("$@" 2>&1 >/dev/null </dev/null) || status=$?
    [ "$status" -eq "$want_status" ] && [ "$got" = "$want" ] && return 0
    echo "# $*"
    echo "# ended with $status, not $want_status: $got"
    return 1
}

# until COMMAND...: tries it again for at most ten seconds.
until_it() {
    n=0
    while ! "$@"; do
        n=$((n + 1))
        [ "$n" -lt 200 ] || return 1
        sleep 0.05
    done
}

# A port of loopback that is free now.
free_port() {
    n=$((20000 + $$ % 20000))
    while nc -z 127.0.0.1 "$n"; do n=$((n + 1)); done
    echo "$n"
}
