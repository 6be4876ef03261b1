# SPDX-License-Identifier: ISC
#
# A bad link from a namespace of Linux to an image, and to another namespace of Linux. For
# scripts that have read tests/support/shell.sh, from the tree's folder:
#
#   wire                       $near has the address 10.96.0.1; $far has a bridge to the image's
#                              tap; $other is Linux with the address 10.96.0.3
#   link_to far|other OPTION... puts the link between $near and there, instead of the last one
#   unlink                     takes it away; what became of frames is in $tmp/link.out
#   start_image ARGUMENT...    the mover, with the address 10.96.0.2
#   peer ARGUMENT...           test-peer in $near
#
# Taps without offloads: the link gets frames as they are on a wire.

near=drupe-near-$$
far=drupe-far-$$
other=drupe-other-$$
link_pid=

# No frames but those of the tests; connections know nothing of earlier ones; Linux asks for ECN
# and finds black holes, neither of which it does by itself.
plain() { # NAMESPACE
    ip netns exec "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
    ip netns exec "$1" sysctl -qw net.ipv4.tcp_no_metrics_save=1 net.ipv4.tcp_ecn=1 net.ipv4.tcp_mtu_probing=1
}

wire() {
    namespace_with_tap "$near" near0 10.96.0.1/24 &&
        namespace_with_tap "$far" link0 && namespace_with_tap "$other" link0 10.96.0.3/24 || return
    for n in "$near" "$far" "$other"; do plain "$n"; done
    ip -n "$far" link add br0 type bridge && ip -n "$far" link set br0 up &&
        ip -n "$far" tuntap add dev image0 mode tap && ip -n "$far" link set image0 master br0 up &&
        ip -n "$far" link set link0 master br0 up
    # What is bridged is not to be held up by the host's filter.
    ip netns exec "$far" sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null
    return 0
}

unlink() {
    [ -z "$link_pid" ] || stop "$link_pid"
    link_pid=
}

link_to() {
    case $1 in far) there=$far ;; *) there=$other ;; esac
    shift
    unlink
    start link build/bin/test-link "$@" "$near:near0" "$there:link0"
    link_pid=$pid
    wait_for 5 grep -q ready "$tmp/link.out"
}

start_image() {
    start image ip netns exec "$far" build/bin/drupe-spt --mem=64 --net:service=image0 \
        build/spt/mover.spt --ipv4=10.96.0.2/24 "$@"
    image=$pid
}

peer() {
    ip netns exec "$near" build/bin/test-peer "$@"
}
