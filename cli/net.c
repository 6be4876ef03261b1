/* SPDX-License-Identifier: ISC */
/* The network of the tutorial: a bridge with an address, and a tap in it for an image.
 *
 * What `up` makes it marks by its Ethernet address, 02:64:72:75:xx:xx ("dru"), so that
 * `down` removes nothing else. The mark is where the interface is: in its network
 * namespace, without a file. */
#include "cli/cli.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_bridge.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

const char help_net[] =
    "usage: drupe net up [--bridge NAME] [--tap NAME] [--address ADDR/LEN] [--user NAME]\n"
    "       drupe net down [--bridge NAME] [--tap NAME]\n"
    "Makes a bridge with an address of this host and a tap in it, to which drupe run --tap\n"
    "attaches an image; or removes what up made. Needs root.\n"
    "  --bridge NAME        service when not given\n"
    "  --tap NAME           tap0 when not given\n"
    "  --address ADDR/LEN   of the bridge: 10.0.0.1/24 when not given\n"
    "  --user NAME          who may attach images to the tap without root\n";

struct net_words {
    const char *bridge, *tap, *address, *user;
};

#define PORTS_MAX 1024 /* of a bridge; the kernel has no more */

static const unsigned char mark[4] = {0x02, 0x64, 0x72, 0x75};

static struct ifreq request(const char *name)
{
    struct ifreq r = {0};
    memcpy(r.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
    return r;
}

/* The kernel's refusal as a line. */
static int refused(struct error *e, const char *what, const char *name)
{
    if (errno == EPERM || errno == EACCES)
        return fail(e, "cannot %s %s: this needs root (run it with sudo)", what, name);
    if (errno == EBUSY)
        return fail(e, "%s is in use: stop the image that it is attached to", name);
    return fail_errno(e, "cannot %s %s", what, name);
}

enum presence { ABSENT, OURS, FOREIGN };

static enum presence look(int s, const char *name)
{
    struct ifreq r = request(name);
    if (ioctl(s, SIOCGIFHWADDR, &r) < 0)
        return ABSENT;
    return memcmp(r.ifr_hwaddr.sa_data, mark, sizeof mark) == 0 ? OURS : FOREIGN;
}

static int set_mark(int s, const char *name)
{
    struct ifreq r = request(name);
    unsigned hash = 5381;
    for (const char *c = name; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(r.ifr_hwaddr.sa_data, mark, sizeof mark);
    r.ifr_hwaddr.sa_data[4] = (char)(hash >> 8);
    r.ifr_hwaddr.sa_data[5] = (char)hash;
    return ioctl(s, SIOCSIFHWADDR, &r);
}

static int set_flags(int s, const char *name, short on, short off)
{
    struct ifreq r = request(name);
    if (ioctl(s, SIOCGIFFLAGS, &r) < 0)
        return -1;
    r.ifr_flags = (short)((r.ifr_flags | on) & ~off);
    return ioctl(s, SIOCSIFFLAGS, &r);
}

static int set_address(int s, const char *name, struct in_addr addr, unsigned len)
{
    struct ifreq r = request(name);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = addr};
    memcpy(&r.ifr_addr, &a, sizeof a);
    if (ioctl(s, SIOCSIFADDR, &r) < 0)
        return -1;
    a.sin_addr.s_addr = htonl(len ? 0xffffffffU << (32 - len) : 0);
    memcpy(&r.ifr_netmask, &a, sizeof a);
    return ioctl(s, SIOCSIFNETMASK, &r);
}

static int bridge_up(int s, const struct net_words *w, struct error *e)
{
    char text[32];
    struct in_addr addr;
    unsigned long len = 0;
    size_t at = strcspn(w->address, "/");
    snprintf(text, sizeof text, "%.*s", at > 30 ? 30 : (int)at, w->address);
    if (!w->address[at] || inet_pton(AF_INET, text, &addr) != 1 ||
        !cli_number(w->address + at + 1, 1, 30, &len))
        return misused(e, "'%.60s' is not an address like 10.0.0.1/24", w->address);
    enum presence p = look(s, w->bridge);
    if (p == FOREIGN)
        return fail(e, "%s exists and is not drupe's: choose another --bridge", w->bridge);
    if (p == ABSENT && (ioctl(s, SIOCBRADDBR, w->bridge) < 0 || set_mark(s, w->bridge) < 0))
        return refused(e, "make the bridge", w->bridge);
    if (set_address(s, w->bridge, addr, (unsigned)len) < 0 ||
        set_flags(s, w->bridge, IFF_UP, 0) < 0)
        return refused(e, "set up the bridge", w->bridge);
    return 0;
}

static int owner_of(const char *user, long *uid, struct error *e)
{
    const char *sudo = getenv("SUDO_UID");
    unsigned long n;
    *uid = -1;
    if (user) {
        const struct passwd *p = getpwnam(user);
        if (!p)
            return fail(e, "there is no user '%.60s'", user);
        *uid = (long)p->pw_uid;
    } else if (sudo && cli_number(sudo, 0, 999999999, &n)) {
        *uid = (long)n;
    }
    return 0;
}

static int open_tap(const char *name)
{
    struct ifreq r = request(name);
    r.ifr_flags = IFF_TAP | IFF_NO_PI;
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (ioctl(fd, TUNSETIFF, &r) == 0)
        return fd;
    int err = errno;
    close(fd);
    errno = err;
    return -1;
}

/* Makes it, or gives the one that is there to `uid`. It outlives this process once it is
 * persistent: the last thing, so that nothing unmarked stays. */
static int make_tap(int s, const char *name, long uid, struct error *e)
{
    int fd = open_tap(name);
    if (fd < 0)
        return errno == ENOENT ? fail(e, "/dev/net/tun is missing: modprobe tun")
                               : refused(e, "make the tap", name);
    int r = uid >= 0 ? ioctl(fd, TUNSETOWNER, (unsigned long)uid) : 0;
    if (r < 0) {
        fail_errno(e, "cannot give the tap %s to user %ld", name, uid);
    } else if ((r = set_mark(s, name)) < 0 || (r = ioctl(fd, TUNSETPERSIST, 1UL)) < 0) {
        refused(e, "make the tap", name);
    }
    close(fd);
    return r;
}

static bool is_in_bridge(int s, const char *bridge, int index)
{
    int ports[PORTS_MAX] = {0};
    unsigned long args[4] = {BRCTL_GET_PORT_LIST, (unsigned long)ports, PORTS_MAX, 0};
    struct ifreq r = request(bridge);
    r.ifr_data = (void *)args;
    if (ioctl(s, SIOCDEVPRIVATE, &r) < 0)
        return false;
    for (size_t i = 0; i < PORTS_MAX; i++)
        if (ports[i] == index)
            return true;
    return false;
}

static int enter_bridge(int s, const struct net_words *w, struct error *e)
{
    struct ifreq r = request(w->bridge), tap = request(w->tap);
    if (ioctl(s, SIOCGIFINDEX, &tap) < 0)
        return refused(e, "find the tap", w->tap);
    r.ifr_ifindex = tap.ifr_ifindex;
    if (ioctl(s, SIOCBRADDIF, &r) == 0)
        return 0;
    if (errno != EBUSY)
        return refused(e, "put into the bridge the tap", w->tap);
    if (is_in_bridge(s, w->bridge, tap.ifr_ifindex))
        return 0;
    return fail(e, "%s is in another bridge: choose another --tap, or drupe net down first",
                w->tap);
}

static int tap_up(int s, const struct net_words *w, struct error *e)
{
    long uid;
    if (owner_of(w->user, &uid, e) < 0)
        return -1;
    if ((w->user || look(s, w->tap) == ABSENT) && make_tap(s, w->tap, uid, e) < 0)
        return -1;
    if (enter_bridge(s, w, e) < 0)
        return -1;
    if (set_flags(s, w->tap, IFF_UP, 0) < 0)
        return refused(e, "set up the tap", w->tap);
    return 0;
}

static int up(int s, const struct net_words *w, struct error *e)
{
    if (look(s, w->tap) == FOREIGN)
        return fail(e, "%s exists and is not drupe's: choose another --tap", w->tap);
    int r = bridge_up(s, w, e);
    if (r != 0)
        return r;
    if (tap_up(s, w, e) < 0)
        return CLI_FAILED;
    printf("bridge %s has the address %s, and %s is in it: drupe run --tap %s ...\n", w->bridge,
           w->address, w->tap, w->tap);
    return 0;
}

static int remove_tap(const char *name, struct error *e)
{
    int fd = open_tap(name);
    int r = fd < 0 ? -1 : ioctl(fd, TUNSETPERSIST, 0UL);
    if (r < 0)
        refused(e, "remove the tap", name);
    if (fd >= 0)
        close(fd);
    return r < 0 ? -1 : 0;
}

static int down(int s, const struct net_words *w, struct error *e)
{
    enum presence tap = look(s, w->tap), bridge = look(s, w->bridge);
    if (tap == FOREIGN || bridge == FOREIGN)
        return fail(e, "%s is not drupe's: it stays", tap == FOREIGN ? w->tap : w->bridge);
    if (tap == OURS && remove_tap(w->tap, e) < 0)
        return CLI_FAILED;
    if (bridge == OURS &&
        (set_flags(s, w->bridge, 0, IFF_UP) < 0 || ioctl(s, SIOCBRDELBR, w->bridge) < 0))
        return refused(e, "remove the bridge", w->bridge);
    printf("%s\n",
           tap == ABSENT && bridge == ABSENT ? "there is nothing to remove" : "removed");
    return 0;
}

static int check_names(const struct net_words *w, struct error *e)
{
    const char *names[] = {w->bridge, w->tap};
    for (size_t i = 0; i < 2; i++)
        if (!cli_name_ok(names[i]) || strlen(names[i]) >= IFNAMSIZ)
            return misused(e,
                           "'%.60s' is not a name for an interface: a letter, then letters, "
                           "digits, - and _, at most 15",
                           names[i]);
    if (strcmp(w->bridge, w->tap) == 0)
        return misused(e, "the bridge and the tap need names of their own");
    return 0;
}

int cmd_net(int argc, char **argv, struct error *e)
{
    struct net_words w = {0};
    struct cli_list words = {0};
    char **rest;
    const struct cli_option options[] = {{.name = "bridge", .text = &w.bridge},
                                         {.name = "tap", .text = &w.tap},
                                         {.name = "address", .text = &w.address},
                                         {.name = "user", .text = &w.user},
                                         {0}};
    int r = cli_parse(argc, argv, options, &words, &rest, e);
    if (r != 0)
        return r;
    bool is_up = words.n == 1 && strcmp(words.at[0], "up") == 0;
    if (words.n != 1 || *rest || (!is_up && strcmp(words.at[0], "down") != 0))
        return misused(e, "net takes up or down");
    w.bridge = w.bridge ? w.bridge : "service";
    w.tap = w.tap ? w.tap : "tap0";
    w.address = w.address ? w.address : "10.0.0.1/24";
    if ((r = check_names(&w, e)) != 0)
        return r;
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return fail_errno(e, "cannot make a socket");
    r = is_up ? up(s, &w, e) : down(s, &w, e);
    close(s);
    return r;
}
