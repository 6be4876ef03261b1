# SPDX-License-Identifier: ISC
"""Linux's side of tests/target/two.sh: one test by name, status 0 when it holds."""
import hashlib
import os
import socket
import struct
import subprocess
import sys
import time

INNER, HERE = "10.98.0.2", "10.98.0.1"


def datagrams(to=None, port=7):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(20)
    if to:
        s.connect((to, port))
    return s


def ask(text):
    s = datagrams(INNER, 9)
    s.send(text.encode())
    return s.recv(300).decode()


def count(name):
    return int(ask("count " + name))


def sum16(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(src, dst, protocol, payload, options=b"", ttl=1):
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | words, 0, words * 4 + len(payload), 1, 0, ttl,
                       protocol, 0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return head[:10] + struct.pack("!H", sum16(head)) + head[12:] + payload


def send_raw(packet, to):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    s.sendto(packet, (to, 0))


def grows(name, do):
    """The counter grows because of what is done; asks until it did."""
    before = count(name)
    do()
    end = time.monotonic() + 5
    while count(name) <= before:
        if time.monotonic() > end:
            return False
    return True


def sixty_thousand_octets_both_ways():
    s = datagrams(INNER)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    for _ in range(5):
        text = os.urandom(60000)
        s.send(text)
        if hashlib.sha256(s.recv(65535)).digest() != hashlib.sha256(text).digest():
            return False
    return True


def a_shut_port_is_refused_at_our_socket():
    s = datagrams(INNER, 4444)
    s.send(b"x")
    try:
        s.recv(10)
    except ConnectionRefusedError:
        return True
    return False


def our_shut_port_is_refused_at_its_socket():
    return ask("send %s 4445 10 0" % HERE) == "-111"


def a_time_to_live_that_ends_on_the_way_is_told():
    return ask("send 203.0.113.9 4445 10 1") == "-113"


def a_broadcast_is_received():
    s = datagrams()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.sendto(b"to all", ("10.98.0.255", 7))
    return s.recvfrom(100) == (b"to all", (INNER, 7))


def reports(s):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        packet, sender = s.recvfrom(2000)
        igmp = packet[(packet[0] & 15) * 4:]
        if sender[0] == INNER and igmp[0] == 0x22 and socket.inet_aton("239.1.2.3") in igmp:
            return True
    return False


def a_query_is_answered_and_the_group_is_heard():
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
    s.settimeout(10)
    here = socket.inet_aton(HERE)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.0.22") + here)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
    query = struct.pack("!BBH4sBBH", 0x11, 10, 0, bytes(4), 2, 125, 0)
    query = query[:2] + struct.pack("!H", sum16(query)) + query[4:]
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
    raw.sendto(ip_packet(HERE, "224.0.0.1", 2, query, b"\x94\x04\0\0"), ("224.0.0.1", 0))
    if not reports(s):
        return False
    m = datagrams()
    m.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
    m.sendto(b"to the group", ("239.1.2.3", 7))
    return m.recvfrom(100) == (b"to the group", (INNER, 7))


def martians_are_counted():
    echo = struct.pack("!BBHHH", 8, 0, 0xF7FF, 0, 0)
    return all(
        grows("ip4." + name, lambda: send_raw(ip_packet(src, INNER, 1, echo), INNER))
        for src, name in (("240.0.0.1", "source_reserved"), ("224.0.0.1", "source_multicast"),
                          ("10.98.0.255", "source_broadcast"), (INNER, "source_own")))


def a_redirect_is_counted_and_changes_nothing():
    quote = ip_packet(INNER, "192.0.2.1", 17, struct.pack("!HHHH", 9, 9, 8, 0))
    message = struct.pack("!BBH4s", 5, 1, 0, socket.inet_aton("10.98.0.77")) + quote
    message = message[:2] + struct.pack("!H", sum16(message)) + message[4:]
    return grows("icmp.errors_no_meaning",
                 lambda: send_raw(ip_packet(HERE, INNER, 1, message), INNER)) \
        and opens("192.0.2.1") == "from " + INNER


def opens(address):
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    l.bind((address, 8080))
    l.listen()
    return ask("open %s 8080" % address)


def each_route_is_taken_with_the_source_that_fits():
    return opens("192.0.2.1") == "from 10.98.0.2" and opens("198.51.100.1") == "from 10.99.0.2"


def an_address_of_the_other_device_is_not_reached():
    probe = ip_packet(HERE, "10.99.0.2", 1, struct.pack("!BBHHH", 8, 0, 0xF7FF, 0, 0))
    with open("/sys/class/net/tap0/address") as f:
        here = bytes.fromhex(f.read().strip().replace(":", ""))
    neighbours = subprocess.run(["ip", "neigh", "show", INNER, "dev", "tap0"],
                                capture_output=True, text=True, check=True).stdout.split()
    there = bytes.fromhex(neighbours[neighbours.index("lladdr") + 1].replace(":", ""))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind(("tap0", 0))
    return grows("ip4.not_for_us", lambda: s.send(there + here + b"\x08\0" + probe))


def a_tap_that_goes_down_and_comes_back_loses_nothing():
    s = socket.create_connection((INNER, 7), 20)
    sent, got, block = hashlib.sha256(), hashlib.sha256(), os.urandom(4096)
    for n in range(400):
        if n == 200:
            subprocess.run(["ip", "link", "set", "tap0", "down"], check=True)
        s.sendall(block)
        sent.update(block)
        if n == 200:
            subprocess.run(["ip", "link", "set", "tap0", "up"], check=True)
        left = len(block)
        while left > 0:
            text = s.recv(left)
            if not text:
                return False
            got.update(text)
            left -= len(text)
    return sent.digest() == got.digest()


def main():
    if not globals()[sys.argv[1]]():
        sys.exit(1)


main()
