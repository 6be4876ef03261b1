/* SPDX-License-Identifier: ISC */
#include "host/netdev.h"

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

/* The image's buffers hold one frame: the host is asked not to join segments. Who may
 * not ask (it takes a privilege) has a tap that does not join them of itself. */
static void switch_offloads_off(int s, const char *name)
{
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
static int set_tap(int fd, const char *name)
{
    static const struct timespec nap = {.tv_nsec = BUSY_NAP_NS};
    for (int tries = 0;; tries++) {
        struct ifreq r = request(name);
        r.ifr_flags = IFF_TAP | IFF_NO_PI;
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

static int open_tap(const char *name, struct error *e)
{
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "cannot open /dev/net/tun");
    if (set_tap(fd, name) == 0)
        return fd;
    fail_tap(e, name);
    close(fd);
    return -1;
}

int netdev_open_tap(const char *name, struct netdev *out, struct error *e)
{
    if (strlen(name) >= IFNAMSIZ)
        return fail(e, "'%s' is too long for the name of a network interface", name);
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return fail_errno(e, "cannot open a socket");
    int bad = check_up(s, name, e);
    out->fd = bad ? -1 : open_tap(name, e);
    if (out->fd >= 0) {
        switch_offloads_off(s, name);
        bad = read_mtu(s, name, &out->mtu, e);
    }
    close(s);
    return out->fd < 0 || bad ? -1 : 0;
}

/* ---- A descriptor ---------------------------------------------------------- */

static int parse_fd(const char *text, int *fd, struct error *e)
{
    char *end;
    errno = 0;
    long n = strtol(text + 1, &end, 10);
    if (text[1] < '0' || text[1] > '9' || *end != 0 || errno != 0 || n > 1 << 20)
        return fail(e, "%s: give the number of an open descriptor: @3", text);
    *fd = (int)n;
    return 0;
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

static int adopt_tap(const char *text, const struct ifreq *tap, uint16_t *mtu, struct error *e)
{
    if (!(tap->ifr_flags & IFF_TAP))
        return fail(e, "%s is a tun interface, not a tap", text);
    if (!(tap->ifr_flags & IFF_NO_PI) || (tap->ifr_flags & IFF_VNET_HDR))
        return fail(e, "%s is a tap whose frames have a header: open it with IFF_NO_PI alone",
                    text);
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return fail_errno(e, "cannot open a socket");
    switch_offloads_off(s, tap->ifr_name);
    int bad = read_mtu(s, tap->ifr_name, mtu, e);
    close(s);
    return bad;
}

int netdev_adopt(const char *text, struct netdev *out, struct error *e)
{
    struct ifreq tap = {0};
    if (parse_fd(text, &out->fd, e) != 0)
        return -1;
    if (out->fd == STDOUT_FILENO)
        return fail(e, "%s is the image's console", text);
    int flags = fcntl(out->fd, F_GETFL);
    if (flags < 0)
        return fail(e, "%s is not an open descriptor", text);
    if (ioctl(out->fd, TUNGETIFF, &tap) == 0) {
        if (adopt_tap(text, &tap, &out->mtu, e) != 0)
            return -1;
    } else if (is_packet_socket(out->fd)) {
        out->mtu = NETDEV_MTU;
    } else {
        return fail(e, "%s is neither a tap nor a Unix socket of packets", text);
    }
    if (fcntl(out->fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(out->fd, F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(e, "%s", text);
    return 0;
}
