/* SPDX-License-Identifier: ISC */
#include "host/devices.h"
#include "base/offload.h"
#include "host/capture.h"
#include "host/netdev.h"
#include "host/usernet.h"

#include <abi/note.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert((int)OFFLOAD_CSUM == ABI_NET_CSUM && (int)OFFLOAD_TSO4 == ABI_NET_TSO4 &&
                   (int)OFFLOAD_TSO6 == ABI_NET_TSO6,
               "one numbering");

#define SECTOR_SIZE     512U
#define SECTOR_SIZE_MAX 32768U

/* ---- Texts ----------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int parse_mac(const char *text, uint8_t mac[6], struct error *e)
{
    uint8_t all = 0;
    const char *c = text;
    for (int i = 0; i < 6; i++, c += 2) {
        if (i > 0 && *c++ != ':')
            return fail(e, "'%s' is not a hardware address (02:00:00:00:00:01)", text);
        int high = hex_digit(c[0]), low = high < 0 ? -1 : hex_digit(c[1]);
        if (low < 0)
            return fail(e, "'%s' is not a hardware address (02:00:00:00:00:01)", text);
        mac[i] = (uint8_t)(high << 4 | low);
        all |= mac[i];
    }
    if (*c != 0)
        return fail(e, "'%s' is not a hardware address (02:00:00:00:00:01)", text);
    if (all == 0 || (mac[0] & 1))
        return fail(e, "'%s' is not the address of one station", text);
    return 0;
}

int parse_sector_size(const char *text, uint16_t *size, struct error *e)
{
    unsigned n = 0;
    const char *c = text;
    for (; *c >= '0' && *c <= '9' && n <= SECTOR_SIZE_MAX; c++)
        n = n * 10 + (unsigned)(*c - '0');
    if (c == text || *c != 0 || n < SECTOR_SIZE || n > SECTOR_SIZE_MAX || (n & (n - 1)) != 0)
        return fail(e, "the sector size '%s' is not a power of 2 from %u to %u", text,
                    SECTOR_SIZE, SECTOR_SIZE_MAX);
    *size = (uint16_t)n;
    return 0;
}

/* ---- Networks -------------------------------------------------------------- */

static bool is_user(const char *value)
{
    return strncmp(value, "user", 4) == 0 && (value[4] == 0 || value[4] == ',');
}

static int open_user(const char *spec, struct netdev *out, struct error *e)
{
    struct usernet u;
    if (usernet_start(spec, &u, e) != 0)
        return -1;
    *out = (struct netdev){.fd = u.fd, .mtu = u.mtu};
    return 0;
}

static int open_net(const char *value, uint8_t understood, struct netdev *out, struct error *e)
{
    if (value[0] == '@')
        return netdev_adopt(value, understood, out, e);
    return is_user(value) ? open_user(value, out, e)
                          : netdev_open_tap(value, understood, out, e);
}

/* A locally administered address of one station. */
static int random_mac(uint8_t mac[6], struct error *e)
{
    if (getrandom(mac, 6, 0) != 6)
        return fail_errno(e, "no random numbers for a hardware address");
    mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02);
    return 0;
}

static int attach_net(struct manifest *m, unsigned handle, const char *value, struct error *e)
{
    struct abi_manifest_entry *d = &m->entry[handle];
    struct netdev net;
    if (random_mac(d->u.net.mac, e) != 0 || open_net(value, m->understood, &net, e) != 0)
        return -1;
    for (unsigned i = 1; i < m->entries; i++)
        if (m->entry[i].attached && m->entry[i].b.hostfd == net.fd)
            return fail(e, "%s is attached to device '%s' already", value, m->entry[i].name);
    d->u.net.mtu = net.mtu;
    d->b.hostfd = net.fd;
    d->attached = 1;
    m->features[handle] = net.features;
    return 0;
}

/* ---- Block devices --------------------------------------------------------- */

static int open_block(const char *path, struct error *e)
{
    struct stat st;
    /* O_NONBLOCK: a FIFO must not hold the tender up; files do not know it. */
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", path);
    if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
        return fd;
    close(fd);
    return fail(e, "'%s' is neither a file nor a disk", path);
}

static int attach_block(struct manifest *m, unsigned handle, const char *path, struct error *e)
{
    struct abi_manifest_entry *d = &m->entry[handle];
    int fd = open_block(path, e);
    if (fd < 0)
        return -1;
    off_t capacity = lseek(fd, 0, SEEK_END);
    if (capacity < 0)
        return fail_errno(e, "cannot find the size of '%s'", path);
    d->u.block.capacity = (uint64_t)capacity;
    d->u.block.block_size = SECTOR_SIZE;
    d->b.hostfd = fd;
    d->attached = 1;
    return 0;
}

/* ---- The command line ------------------------------------------------------ */

static int apply(struct manifest *m, unsigned handle, const struct option_device *o,
                 struct error *e)
{
    struct abi_manifest_entry *d = &m->entry[handle];
    switch (o->kind) {
    case OPTION_NET:
        return attach_net(m, handle, o->value, e);
    case OPTION_NET_MAC:
        return parse_mac(o->value, d->u.net.mac, e);
    case OPTION_PCAP: /* when all are attached */
        return 0;
    case OPTION_BLOCK:
        return attach_block(m, handle, o->value, e);
    case OPTION_BLOCK_SECTOR_SIZE:
        return parse_sector_size(o->value, &d->u.block.block_size, e);
    }
    return 0;
}

/* Attaching sets defaults, which the other options change: two rounds. */
static bool attaches(enum option_kind kind)
{
    return kind == OPTION_NET || kind == OPTION_BLOCK;
}

static int find(const struct manifest *m, const struct option_device *o, unsigned *handle,
                struct error *e)
{
    bool net = o->kind != OPTION_BLOCK && o->kind != OPTION_BLOCK_SECTOR_SIZE;
    enum abi_device type = net ? ABI_DEVICE_NET : ABI_DEVICE_BLOCK;
    *handle = manifest_find(m, o->name, o->name_len, type);
    if (*handle == 0)
        return fail(e, "%s%.*s: the image declares no %s device of that name",
                    option_text(o->kind), (int)o->name_len, o->name, manifest_type_text(type));
    return 0;
}

static int apply_all(const struct options *o, struct manifest *m, bool attaching,
                     struct error *e)
{
    for (unsigned i = 0; i < o->count; i++) {
        const struct option_device *d = &o->device[i];
        unsigned handle;
        if (attaches(d->kind) != attaching)
            continue;
        if (find(m, d, &handle, e) != 0)
            return -1;
        if (apply(m, handle, d, e) != 0) {
            char subject[100];
            snprintf(subject, sizeof subject, "%s%s", option_text(d->kind),
                     m->entry[handle].name);
            return fail_about(e, subject);
        }
    }
    return 0;
}

/* Nothing is opened for a command line that cannot do. */
static int check_all_named(const struct options *o, const struct manifest *m, struct error *e)
{
    bool named[ABI_MANIFEST_ENTRIES_MAX] = {0};
    unsigned handle;
    for (unsigned i = 0; i < o->count; i++) {
        if (find(m, &o->device[i], &handle, e) != 0)
            return -1;
        named[handle] |= attaches(o->device[i].kind);
    }
    for (unsigned i = 1; i < m->entries; i++) {
        const struct abi_manifest_entry *d = &m->entry[i];
        bool net = d->type == ABI_DEVICE_NET;
        if (!named[i])
            return fail(e, "the image's %s device '%s' is not attached: add --%s:%s=%s",
                        manifest_type_text(d->type), d->name, net ? "net" : "block", d->name,
                        net ? "TAP, or =user" : "FILE");
    }
    return 0;
}

/* ---- Captures -------------------------------------------------------------- */

/* What the command line says that the device is attached to. */
static const char *attached_to(const struct options *o, const struct manifest *m,
                               unsigned handle)
{
    const char *name = m->entry[handle].name;
    for (unsigned i = 0; i < o->count; i++)
        if (o->device[i].kind == OPTION_NET && strlen(name) == o->device[i].name_len &&
            memcmp(name, o->device[i].name, o->device[i].name_len) == 0)
            return o->device[i].value;
    return "";
}

static struct capture_device captured(const struct options *o, const struct manifest *m,
                                      unsigned handle)
{
    const struct abi_manifest_entry *d = &m->entry[handle];
    struct capture_device c = {.name = d->name,
                               .attached = attached_to(o, m, handle),
                               .features = m->features[handle],
                               .fd = d->b.hostfd};
    memcpy(c.mac, d->u.net.mac, sizeof c.mac);
    return c;
}

static int capture_all(const struct options *o, const struct manifest *m, struct error *e)
{
    struct capture_device device[CAPTURE_DEVICES_MAX];
    unsigned n = 0;
    for (unsigned i = 1; i < m->entries; i++)
        if (m->entry[i].type == ABI_DEVICE_NET)
            device[n++] = captured(o, m, i);
    if (n == 0)
        return fail(e, "--pcap: the image declares no network device");
    return capture_start(o->pcap, device, n, e) != 0 ? fail_about(e, "--pcap") : 0;
}

/* One for all devices, or one for each that was named. */
static int capture(const struct options *o, const struct manifest *m, struct error *e)
{
    unsigned handle;
    if (o->pcap && capture_all(o, m, e) != 0)
        return -1;
    for (unsigned i = 0; i < o->count; i++) {
        if (o->device[i].kind != OPTION_PCAP)
            continue;
        if (o->pcap)
            return fail(e, "--pcap= and --pcap:NAME= exclude each other");
        if (find(m, &o->device[i], &handle, e) != 0)
            return -1;
        struct capture_device device = captured(o, m, handle);
        if (capture_start(o->device[i].value, &device, 1, e) != 0)
            return fail_about(e, "--pcap");
    }
    return 0;
}

static int check_capacity(const struct abi_manifest_entry *d, struct error *e)
{
    const struct abi_block_info *b = &d->u.block;
    if (b->capacity < b->block_size || b->capacity % b->block_size != 0)
        return fail(e,
                    "--block:%s: the size, %lu octets, is not a multiple of the sector size %u",
                    d->name, (unsigned long)b->capacity, b->block_size);
    return 0;
}

/* With its standard output closed, a device would be opened as descriptor 1, and what
 * the image says on its console would be written to it. */
static int keep_console_apart(struct error *e)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return fail_errno(e, "cannot open /dev/null");
    return 0;
}

int devices_attach(const struct options *o, struct manifest *m, struct error *e)
{
    if (keep_console_apart(e) != 0)
        return -1;
    if (check_all_named(o, m, e) != 0 || apply_all(o, m, true, e) != 0 ||
        apply_all(o, m, false, e) != 0)
        return -1;
    for (unsigned i = 1; i < m->entries; i++)
        if (m->entry[i].type == ABI_DEVICE_BLOCK && check_capacity(&m->entry[i], e) != 0)
            return -1;
    return capture(o, m, e);
}
