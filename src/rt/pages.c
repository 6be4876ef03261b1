/* SPDX-License-Identifier: ISC */
/* Theory of operation. Free pages form maximal runs; a run hangs in a bin by its
 * length: one bin a length up to 31 pages, then eight a doubling. To take n pages,
 * the first bin whose every run is long enough is found by a bit scan, and the run
 * is cut. Short requests are cut from a run's low end and long ones from its high
 * end, so that small things that stay do not sit among large ones that go.
 *
 * What describes the pages lies in an array of its own ahead of them, where a
 * stray write into a buffer does not reach it: for the first and last page of a
 * free run its length, for the first its neighbours in the bin, and for every page
 * a bit that says whether it is handed out.
 *
 * Single pages come and go with every request that a connection carries: the last few given
 * back are kept aside, still marked, and are handed out first, warm. They join the runs when
 * no run is long enough.
 *
 * I1  no two free runs touch.
 * I2  a page's bit is set exactly when it is handed out or kept aside.
 * I3  a bin's bit is set exactly when the bin is not empty.
 * I4  pages in [clean_from, clean_to) were never handed out: they are zeroes. */
#include "rt/pages.h"

#include <string.h>

#define EXACT     32U /* runs shorter than this have a bin for their length */
#define SUB_BITS  3U  /* then 2^3 bins a doubling */
#define BINS      (EXACT + (32 - 5) * (1U << SUB_BITS))
#define BIN_WORDS ((BINS + 63) / 64)
#define NONE      UINT32_MAX
#define KEPT_MAX  16U /* pages kept aside */
#define LONG      64U /* pages from which a request is cut from the high end */

struct page {
    uint32_t len;        /* of the free run that begins or ends here */
    uint32_t next, prev; /* in the bin, of a free run's first page */
};

static struct {
    uint8_t *base;        /* of page 0 */
    uint32_t count, left; /* left: with those kept aside */
    struct page *page;
    uint64_t *used;
    uint32_t clean_from, clean_to;
    uint64_t occupied[BIN_WORDS];
    uint32_t bin[BINS];
    uint32_t kept[KEPT_MAX], kept_count;
} all;

static unsigned bin_of(uint32_t len)
{
    if (len < EXACT)
        return len;
    unsigned top = 31U - (unsigned)__builtin_clz(len); /* >= 5 */
    unsigned sub = (len >> (top - SUB_BITS)) & ((1U << SUB_BITS) - 1);
    return EXACT + ((top - 5) << SUB_BITS) + sub;
}

/* The first bin of which every run has at least `len` pages. */
static unsigned bin_above(uint32_t len)
{
    if (len < EXACT)
        return len;
    unsigned top = 31U - (unsigned)__builtin_clz(len);
    return bin_of(len + (1U << (top - SUB_BITS)) - 1);
}

static void add_run(uint32_t first, uint32_t len)
{
    unsigned b = bin_of(len);
    struct page *p = &all.page[first];
    p->len = all.page[first + len - 1].len = len;
    p->prev = NONE;
    p->next = all.bin[b];
    if (p->next != NONE)
        all.page[p->next].prev = first;
    all.bin[b] = first;
    all.occupied[b / 64] |= (uint64_t)1 << b % 64;
}

static void remove_run(uint32_t first)
{
    struct page *p = &all.page[first];
    unsigned b = bin_of(p->len);
    if (p->next != NONE)
        all.page[p->next].prev = p->prev;
    if (p->prev != NONE)
        all.page[p->prev].next = p->next;
    else
        all.bin[b] = p->next;
    if (all.bin[b] == NONE)
        all.occupied[b / 64] &= ~((uint64_t)1 << b % 64);
}

static bool is_used(uint32_t page)
{
    return all.used[page / 64] >> page % 64 & 1;
}

/* Sets or clears the bits of a run; every one must have been the opposite. */
static void mark(uint32_t first, uint32_t len, bool used)
{
    while (len) {
        uint32_t bit = first % 64, n = 64 - bit < len ? 64 - bit : len;
        uint64_t mask = (n == 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1) << bit;
        uint64_t *word = &all.used[first / 64];
        /* Given back twice, or not ours to give. */
        check((*word & mask) == (used ? 0 : mask));
        *word ^= mask;
        first += n;
        len -= n;
    }
}

void pages_init(uint8_t *mem, size_t len)
{
    check((uintptr_t)mem % PAGE_LEN == 0 && len / PAGE_LEN < NONE);
    memset(&all, 0, sizeof all);
    memset(all.bin, 0xff, sizeof all.bin);
    size_t count = len / PAGE_LEN;
    size_t ahead = count * sizeof(struct page) + (count + 63) / 64 * sizeof(uint64_t);
    ahead = (ahead + PAGE_LEN - 1) / PAGE_LEN;
    if (ahead >= count)
        return;
    all.used = (uint64_t *)(void *)mem;
    all.page = (struct page *)(void *)(mem + (count + 63) / 64 * sizeof(uint64_t));
    all.base = mem + ahead * PAGE_LEN;
    all.count = all.left = (uint32_t)(count - ahead);
    all.clean_to = all.count;
    add_run(0, all.count);
}

/* The first run of a bin >= b; NONE when there is none. */
static uint32_t first_from(unsigned b)
{
    for (unsigned word = b / 64; word < BIN_WORDS; word++) {
        uint64_t bits = all.occupied[word];
        if (word == b / 64)
            bits &= UINT64_MAX << b % 64;
        if (bits)
            return all.bin[word * 64 + (unsigned)__builtin_ctzll(bits)];
    }
    return NONE;
}

static uint32_t find_run(uint32_t len)
{
    uint32_t run = first_from(bin_above(len));
    if (run != NONE)
        return run;
    /* The bin below holds some that are long enough. */
    for (run = all.bin[bin_of(len)]; run != NONE; run = all.page[run].next)
        if (all.page[run].len >= len)
            return run;
    return NONE;
}

/* Takes `len` pages out of a free run; returns the first of them. */
static uint32_t cut(uint32_t run, uint32_t len)
{
    uint32_t rest = all.page[run].len - len;
    remove_run(run);
    if (!rest)
        return run;
    if (len >= LONG) {
        add_run(run, rest);
        return run + rest;
    }
    add_run(run + len, rest);
    return run;
}

static uint8_t *address(uint32_t page)
{
    return all.base + (size_t)page * PAGE_LEN;
}

static void zero(uint32_t from, uint32_t to)
{
    if (from < to)
        memset(address(from), 0, (size_t)(to - from) * PAGE_LEN);
}

static uint32_t at_least(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t at_most(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Zeroes what of the run is not known to be so. */
static void clear(uint32_t first, uint32_t len)
{
    uint32_t end = first + len;
    if (all.clean_from >= all.clean_to) {
        zero(first, end);
        return;
    }
    zero(first, at_most(end, all.clean_from));
    zero(at_least(first, all.clean_to), end);
}

/* Keeps I4 when the run is handed out. */
static void soil(uint32_t first, uint32_t len)
{
    uint32_t end = first + len;
    if (end <= all.clean_from || first >= all.clean_to)
        return;
    /* The larger of what is left on either side stays known. */
    uint32_t below = first > all.clean_from ? first - all.clean_from : 0;
    uint32_t above = all.clean_to > end ? all.clean_to - end : 0;
    if (below < above)
        all.clean_from = end;
    else
        all.clean_to = first;
}

/* Into the free runs, as one with those that it touches. */
static void put_run(uint32_t first, uint32_t n)
{
    uint32_t end = first + n;
    mark(first, n, false);
    if (first > 0 && !is_used(first - 1)) {
        uint32_t before = all.page[first - 1].len;
        first -= before;
        remove_run(first);
    }
    if (end < all.count && !is_used(end)) {
        uint32_t after = all.page[end].len;
        remove_run(end);
        end += after;
    }
    add_run(first, end - first);
}

/* What is kept aside is marked: that it is given back twice shows only here. */
static void check_not_kept(uint32_t first, uint32_t n)
{
    for (uint32_t i = 0; i < all.kept_count; i++)
        check(all.kept[i] - first >= n);
}

/* True: the page is kept aside. */
static bool keep(uint32_t page)
{
    if (all.kept_count == KEPT_MAX)
        return false;
    all.kept[all.kept_count++] = page;
    return true;
}

static uint32_t take_run(uint32_t n)
{
    uint32_t run = find_run(n);
    if (run == NONE && all.kept_count > 0) {
        while (all.kept_count > 0)
            put_run(all.kept[--all.kept_count], 1);
        run = find_run(n);
    }
    if (run == NONE)
        return NONE;
    run = cut(run, n);
    mark(run, n, true);
    return run;
}

void *pages_get(size_t len, bool zeroed)
{
    if (len == 0 || len > (size_t)all.left * PAGE_LEN)
        return NULL;
    uint32_t n = (uint32_t)((len + PAGE_LEN - 1) / PAGE_LEN);
    uint32_t first = n == 1 && all.kept_count > 0 ? all.kept[--all.kept_count] : take_run(n);
    if (first == NONE)
        return NULL;
    all.left -= n;
    if (zeroed)
        clear(first, n);
    soil(first, n);
    return address(first);
}

void pages_put(void *at, size_t len)
{
    if (!at || !len)
        return;
    size_t offset = (size_t)((uint8_t *)at - all.base);
    uint32_t n = (uint32_t)((len + PAGE_LEN - 1) / PAGE_LEN);
    check((uint8_t *)at >= all.base && offset % PAGE_LEN == 0);
    check(offset / PAGE_LEN + n <= all.count && len <= (size_t)all.count * PAGE_LEN);
    uint32_t first = (uint32_t)(offset / PAGE_LEN);
    check(is_used(first)); /* else given back twice */
    check_not_kept(first, n);
    if (n > 1 || !keep(first))
        put_run(first, n);
    all.left += n;
}

size_t pages_total(void)
{
    return (size_t)all.count * PAGE_LEN;
}

size_t pages_left(void)
{
    return (size_t)all.left * PAGE_LEN;
}

static void *get_zeroed(struct supply *s, size_t len)
{
    (void)s;
    return pages_get(len, true);
}

static void *get_raw(struct supply *s, size_t len)
{
    (void)s;
    return pages_get(len, false);
}

static void put(struct supply *s, void *at, size_t len)
{
    (void)s;
    pages_put(at, len);
}

void pages_supply(struct supply *s, size_t limit)
{
    *s = (struct supply){.get = get_zeroed, .put = put, .limit = limit};
}

void pages_supply_raw(struct supply *s, size_t limit)
{
    *s = (struct supply){.get = get_raw, .put = put, .limit = limit};
}
