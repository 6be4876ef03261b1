/* SPDX-License-Identifier: ISC */
#include "host/netdev.h"

#include "base/offload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>

#define MTU_MIN     68    /* octets; RFC 791 */
#define MTU_MAX     65521 /* with the Ethernet header it is what a tap can carry */
#define BUSY_TRIES  50
#define BUSY_NAP_NS 10000000 /* 10 ms */

static struct ifreq request(const char *name)
{
    struct ifreq r;
    memset(&r, 0, sizeof r);
    strncpy(r.ifr_name, name, sizeof r.ifr_name - 1);
    return r;
}

/* ---- Questions to the interface -------------------------------------------- */

static int check_up(int s, const char *name, struct error *e)
{
    struct ifreq r = request(name);
    if (ioctl(s, SIOCGIFFLAGS, &r) != 0 && errno == ENODEV)
        return fail(
            e,
            "there is no network interface '%s' (make one: ip tuntap add dev %s mode tap "
            "user USER; ip link set %s up)",
            name, name, name);
    if (!(r.ifr_flags & IFF_UP))
        return fail(e, "the network interface '%s' is down (ip link set %s up)", name, name);
    return 0;
}

static int read_mtu(int s, const char *name, uint16_t *mtu, struct error *e)
{
    struct ifreq r = request(name);
    if (ioctl(s, SIOCGIFMTU, &r) != 0)
        return fail_errno(e, "cannot read the MTU of '%s'", name);
    if (r.ifr_mtu < MTU_MIN || r.ifr_mtu > MTU_MAX)
        return fail(e, "the MTU of '%s' is %d, not %d to %d", name, r.ifr_mtu, MTU_MIN,
                    MTU_MAX);
    *mtu = (uint16_t)r.ifr_mtu;
    return 0;
}

/* ---- Offloads -------------------------------------------------------------- */

/* What the kernel may leave undone in the frames that it hands over. The length of the header
 * is set because another's choice stays with a tap that persists. False when this kernel
 * cannot. */
static bool switch_offloads_on(int fd, uint8_t features)
{
    int header_len = OFFLOAD_HEADER_LEN;
    unsigned long flags = (features & OFFLOAD_CSUM ? TUN_F_CSUM : 0U) |
                          (features & OFFLOAD_TSO4 ? TUN_F_TSO4 : 0U) |
                          (features & OFFLOAD_TSO6 ? TUN_F_TSO6 : 0U);
    return ioctl(fd, TUNSETVNETHDRSZ, &header_len) == 0 && ioctl(fd, TUNSETOFFLOAD, flags) == 0;
}

/* Without them the image's buffers hold one frame: the host is asked not to join segments. Who
 * may not ask (it takes a privilege) has a tap that does not join them of itself. */
static void switch_offloads_off(int s, int fd, const char *name)
{
    (void)ioctl(fd, TUNSETOFFLOAD, 0UL); /* what the tap's last user had switched on */

    static const uint32_t commands[] = {ETHTOOL_SGRO, ETHTOOL_SGSO, ETHTOOL_STSO};
    for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct ethtool_value off = {.cmd = commands[i], .data = 0};
        struct ifreq r = request(name);
        r.ifr_data = (void *)&off;
        (void)ioctl(s, SIOCETHTOOL, &r);
    }
}

/* ---- A tap by name --------------------------------------------------------- */

/* A tap stays busy for a moment after the process that had it ended. */
static int set_tap(int fd, const char *name, short header)
{
    static const struct timespec nap = {.tv_nsec = BUSY_NAP_NS};
    for (int tries = 0;; tries++) {
        struct ifreq r = request(name);
        r.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | header);
        if (ioctl(fd, TUNSETIFF, &r) == 0)
            return 0;
        if (errno != EBUSY || tries == BUSY_TRIES)
            return -1;
        (void)nanosleep(&nap, NULL);
    }
}

static int fail_tap(struct error *e, const char *name)
{
    switch (errno) {
    case EBUSY:
        return fail(e, "the tap '%s' is in use by another process", name);
    case EINVAL:
        return fail(e, "the network interface '%s' is not a tap", name);
    case EPERM:
        return fail(e, "the tap '%s' belongs to another user (ip tuntap add ... user USER)",
                    name);
    default:
        return fail_errno(e, "cannot attach the tap '%s'", name);
    }
}

static int open_tap(const char *name, short header, struct error *e)
{
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "cannot open /dev/net/tun");
    if (set_tap(fd, name, header) == 0)
        return fd;
    fail_tap(e, name);
    close(fd);
    return -1;
}

/* With the header when there is use for it and the kernel can. */
static int open_tap_for(int s, const char *name, uint8_t understood, struct netdev *out,
                        struct error *e)
{
    out->features = understood;
    out->fd = open_tap(name, understood ? IFF_VNET_HDR : 0, e);
    if (out->fd >= 0 && understood && !switch_offloads_on(out->fd, understood)) {
        close(out->fd);
        out->features = 0;
        out->fd = open_tap(name, 0, e);
    }
    if (out->fd < 0)
        return -1;
    if (!out->features)
        switch_offloads_off(s, out->fd, name);
    return 0;
}

int netdev_open_tap(const char *name, uint8_t understood, struct netdev *out, struct error *e)
{
    if (strlen(name) >= IFNAMSIZ)
        return fail(e, "'%s' is too long for the name of a network interface", name);
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return fail_errno(e, "cannot open a socket");
    int bad = check_up(s, name, e);
    if (!bad)
        bad = open_tap_for(s, name, understood, out, e);
    if (!bad)
        bad = read_mtu(s, name, &out->mtu, e);
    close(s);
    return bad;
}

/* ---- A descriptor ---------------------------------------------------------- */

/* What is said of a descriptor: "@3", with ",offload" or ",mtu=N" behind it in any order. */
struct said {
    int fd;
    bool offload;
    uint16_t mtu; /* 0: nothing */
};

static int parse_mtu(const char *text, char **at, struct said *out, struct error *e)
{
    errno = 0;
    long mtu = strtol(*at, at, 10);
    if (errno != 0 || mtu < MTU_MIN || mtu > MTU_MAX)
        return fail(e, "%s: an MTU is %d to %d", text, MTU_MIN, MTU_MAX);
    out->mtu = (uint16_t)mtu;
    return 0;
}

static int parse_fd(const char *text, struct said *out, struct error *e)
{
    static const char offload[] = ",offload", mtu[] = ",mtu=";
    char *at;
    errno = 0;
    long n = strtol(text + 1, &at, 10);
    bool good = text[1] >= '0' && text[1] <= '9' && errno == 0 && n <= 1 << 20;
    *out = (struct said){.fd = (int)n};
    while (good && *at) {
        if (strncmp(at, offload, sizeof offload - 1) == 0) {
            out->offload = true;
            at += sizeof offload - 1;
        } else if (strncmp(at, mtu, sizeof mtu - 1) == 0) {
            at += sizeof mtu - 1;
            if (parse_mtu(text, &at, out, e) < 0)
                return -1;
        } else {
            good = false;
        }
    }
    return good ? 0 : fail(e, "%s: give the number of an open descriptor: @3", text);
}

static bool is_packet_socket(int fd)
{
    int domain = 0, type = 0;
    socklen_t len = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0)
        return false;
    len = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
        return false;
    return domain == AF_UNIX && (type == SOCK_SEQPACKET || type == SOCK_DGRAM);
}

static int adopt_tap(const char *text, uint8_t understood, const struct ifreq *tap,
                     struct netdev *out, struct error *e)
{
    bool header = tap->ifr_flags & IFF_VNET_HDR;
    if (!(tap->ifr_flags & IFF_TAP))
        return fail(e, "%s is a tun interface, not a tap", text);
    if (!(tap->ifr_flags & IFF_NO_PI))
        return fail(e, "%s is a tap whose frames have a header: open it with IFF_NO_PI", text);
    if (header && !understood)
        return fail(e,
                    "%s is a tap with IFF_VNET_HDR, which the image does not understand: open "
                    "it with IFF_NO_PI alone",
                    text);
    if (header && !switch_offloads_on(out->fd, understood))
        return fail_errno(e, "cannot set the offloads of %s", text);
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return fail_errno(e, "cannot open a socket");
    out->features = header ? understood : 0;
    if (!header)
        switch_offloads_off(s, out->fd, tap->ifr_name);
    int bad = read_mtu(s, tap->ifr_name, &out->mtu, e);
    close(s);
    return bad;
}

static int adopt_socket(const char *text, uint8_t understood, const struct said *said,
                        struct netdev *out, struct error *e)
{
    if (said->offload && !understood)
        return fail(e, "%s: the image understands no frames with a header", text);
    out->mtu = said->mtu ? said->mtu : NETDEV_MTU;
    out->features = said->offload ? understood : 0;
    return 0;
}

int netdev_adopt(const char *text, uint8_t understood, struct netdev *out, struct error *e)
{
    struct ifreq tap = {0};
    struct said said;
    if (parse_fd(text, &said, e) != 0)
        return -1;
    out->fd = said.fd;
    if (out->fd == STDOUT_FILENO)
        return fail(e, "%s is the image's console", text);
    int flags = fcntl(out->fd, F_GETFL);
    if (flags < 0)
        return fail(e, "%s is not an open descriptor", text);
    int bad;
    bool is_tap = ioctl(out->fd, TUNGETIFF, &tap) == 0;
    if (is_tap && said.mtu)
        bad = fail(e, "%s: a tap has an MTU of its own: leave it out", text);
    else if (is_tap)
        bad = adopt_tap(text, understood, &tap, out, e);
    else if (is_packet_socket(out->fd))
        bad = adopt_socket(text, understood, &said, out, e);
    else
        bad = fail(e, "%s is neither a tap nor a Unix socket of packets", text);
    if (bad)
        return bad;
    if (fcntl(out->fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(out->fd, F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(e, "%s", text);
    return 0;
}
