/* SPDX-License-Identifier: ISC */
/* A block device, as an application sees it. --do=use needs one of 64 blocks, all zeroes;
 * --do=read reads it all, again and again, until that fails; --do=fill writes until that does.
 */
#include <drupe/app.h>
#include <drupe/block.h>
#include <drupe/task.h>
#include <drupe/time.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 64U

static const char *what = "use";

static const struct dr_arg args[] = {
    DR_ARG_STRING("do", &what, "WHAT", "use, read or fill"),
    DR_ARG_END,
};

static struct dr_block *disk;
static struct dr_block_info info;
static uint8_t *blocks, *back; /* the whole device; one octet into a block */
static bool failed;

static void ok(bool passed, const char *name)
{
    printf("%s %s\n", passed ? "ok" : "not ok", name);
    failed |= !passed;
}

static bool all_are(const uint8_t *at, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != value)
            return false;
    return true;
}

static void open_it(void)
{
    struct dr_block *other = NULL;
    ok(dr_block_open("none", &other) == -ENODEV && !other, "a_name_of_none_is_no_device");
    ok(dr_block_open("disk", &other) == 0, "a_device_is_opened_as_often_as_one_likes");
    dr_block_close(&other);
    dr_block_close(&other);
    ok(!other, "and_closed");
    ok(info.block_size >= 512 && info.capacity == (uint64_t)BLOCKS * info.block_size,
       "its_size_is_told");
}

static void misuse(void)
{
    size_t size = info.block_size, all = info.capacity;
    const uint64_t at[] = {0, 0, 0, 1, all, all - size, UINT64_MAX - size + 1, size / 2};
    const size_t len[] = {0, size - 1, all + size, size, size, 2 * size, size, size};
    bool refused = true;
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
        refused &= dr_block_read(disk, at[i], back, len[i]) == -EINVAL &&
                   dr_block_write(disk, at[i], blocks, len[i]) == -EINVAL &&
                   dr_block_discard(disk, at[i], len[i]) == -EINVAL;
    ok(refused, "what_is_not_whole_blocks_within_the_device_is_refused");
    ok(dr_block_read(disk, 0, back, all) == 0 && all_are(back, all, 0), "and_nothing_was_done");
}

/* Every length at every place would be 2000 pairs; of each the ends. */
static void transfer(void)
{
    size_t size = info.block_size;
    bool same = true;
    for (unsigned n = 1; n <= BLOCKS; n += n < 4 ? 1 : 20) {
        uint64_t last = (uint64_t)(BLOCKS - n) * size;
        for (unsigned i = 0; i < n; i++)
            memset(blocks + i * size, (int)(n + i), size);
        same &= dr_block_write(disk, 0, blocks, n * size) == 0 &&
                dr_block_read(disk, 0, back, n * size) == 0 &&
                memcmp(blocks, back, n * size) == 0;
        same &= dr_block_write(disk, last, blocks, n * size) == 0 &&
                dr_block_read(disk, last, back, n * size) == 0 &&
                memcmp(blocks, back, n * size) == 0;
    }
    ok(same, "any_number_of_blocks_is_written_and_read_back");
}

static void tend(void)
{
    size_t size = info.block_size;
    memset(blocks, 0x77, info.capacity);
    ok(dr_block_write(disk, 0, blocks, info.capacity) == 0, "the_whole_device_is_written");
    ok(dr_block_flush(disk) == (info.flushes ? 0 : -EOPNOTSUPP),
       "and_flushed_where_that_is_offered");
    int err = dr_block_discard(disk, 8 * size, 16 * size);
    ok(dr_block_read(disk, 0, back, info.capacity) == 0 && all_are(back, 8 * size, 0x77) &&
           all_are(back + 24 * size, (BLOCKS - 24) * size, 0x77) &&
           all_are(back + 8 * size, 16 * size, err ? 0x77 : 0),
       "what_is_discarded_reads_as_zeroes_and_nothing_else_does");
    ok(err == 0 ? info.discards : err == -EOPNOTSUPP, "or_it_is_said_that_it_cannot_be");
    printf("flush %s, discard %s\n", info.flushes ? "yes" : "no",
           !info.discards ? "no"
           : err          ? "not on this file"
                          : "yes");
}

static int use(void)
{
    open_it();
    misuse();
    transfer();
    tend();
    return failed;
}

/* Until it fails: the reason is the exit status. */
static int wear(bool writing)
{
    int err = 0;
    puts("ready");
    while (!err) {
        err = writing ? dr_block_write(disk, 0, blocks, info.capacity)
                      : dr_block_read(disk, 0, back, info.capacity);
        if (!err)
            err = dr_sleep(DR_MS(1));
    }
    printf("%s\n", err == -EIO ? "EIO" : "another error");
    return err == -EIO ? 5 : 6;
}

static int run(void)
{
    int err = dr_block_open("disk", &disk);
    if (err)
        return 2;
    dr_block_info(disk, &info);
    blocks = malloc(info.capacity);
    back = malloc(info.capacity + 1);
    if (!blocks || !back)
        return 2;
    back++;
    memset(blocks, 1, info.capacity);
    int status = strcmp(what, "use") == 0 ? use() : wear(strcmp(what, "fill") == 0);
    free(back - 1);
    free(blocks);
    dr_block_close(&disk);
    return status;
}

const struct dr_app dr_app = {
    .name = "disk", .about = "Uses a block device.", .args = args, .main = run};
