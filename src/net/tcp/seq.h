/* SPDX-License-Identifier: ISC */
#ifndef NET_TCP_SEQ_H
#define NET_TCP_SEQ_H

/* Sequence numbers compare modulo 2^32 (RFC 9293 3.4). They are a type of their
 * own so that `<` between two of them does not compile. */

#include <stdbool.h>
#include <stdint.h>

struct seq {
    uint32_t n;
};

static inline struct seq seq_add(struct seq s, uint32_t octets)
{
    return (struct seq){s.n + octets};
}

/* b - a: how far b is ahead of a; negative when behind. */
static inline int32_t seq_diff(struct seq b, struct seq a)
{
    return (int32_t)(b.n - a.n);
}

static inline bool seq_lt(struct seq a, struct seq b)
{
    return seq_diff(a, b) < 0;
}

static inline bool seq_le(struct seq a, struct seq b)
{
    return seq_diff(a, b) <= 0;
}

static inline bool seq_eq(struct seq a, struct seq b)
{
    return a.n == b.n;
}

#endif
