#!/bin/sh
# SPDX-License-Identifier: ISC
#
# nokvm.sh: drupe-hvt where KVM is not there, is something else, or may not be used. The device is
# hidden in a namespace of mounts of our own.
set -u
cd "$(dirname "$0")/../.." || exit
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
tender="$PWD/build/bin/drupe-hvt $PWD/build/tests/guest-none.hvt exit 0"

if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
    echo "skip a_machine_without_kvm: no namespace of mounts can be made here"
    exit 0
fi

# says NAME PATTERN: the last run ended with 1 and this line alone.
says() {
    if [ "$status" -eq 1 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] && grep -qE "^drupe-hvt: $2" "$tmp/out"; then
        echo "ok $1"
    else
        sed "s/^/# status $status: /" "$tmp/out"
        echo "not ok $1"
        failed=1
    fi
}

# hidden COMMANDS [AS]: runs the tender where these have been done to /dev.
hidden() {
    unshare -m sh -c "$1"' || exit 99
        exec '"${2:-} $tender" >"$tmp/out" 2>&1
    status=$?
}

hidden 'mount -t tmpfs drupe-test /dev'
says a_machine_without_kvm_is_told_of_its_module_and_of_spt \
    'there is no KVM on this machine .*modprobe .*the target spt'

hidden 'mount -t tmpfs drupe-test /dev && mknod /dev/kvm c 1 3'
says a_device_that_is_not_kvm_is_no_kvm '/dev/kvm has version -1 of its interface, not 12: is it KVM\?'

hidden 'mount -t tmpfs drupe-test /dev && mknod /dev/kvm c 250 250'
says a_device_without_a_driver_is_no_kvm 'there is no KVM on this machine'

hidden 'mount -t tmpfs drupe-test /dev && mknod -m 600 /dev/kvm c 1 3' \
    'setpriv --reuid=65534 --clear-groups'
case $(cat "$tmp/out") in
*"not found"* | *"denied"*) echo "skip who_may_not_use_kvm_is_told_of_its_group: the tree cannot be read by others" ;;
*) says who_may_not_use_kvm_is_told_of_its_group 'you may not use /dev/kvm: .*usermod -aG kvm' ;;
esac
exit $failed
