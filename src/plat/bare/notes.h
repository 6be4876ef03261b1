/* SPDX-License-Identifier: ISC */
/* For assembly, with TARGET set: by these an image is known, which tender may run it, and that
 * no kernel may by itself (the interpreter does not exist; the first note makes OpenBSD look
 * for it too). */

.section.interp, "aR",
    @progbits.asciz "/nonexistent/solo5/"
        .balign 4

        .section.note.solo5.not_openbsd,
    "aR", @note.balign 4.long 8, 4,
    1.asciz "OpenBSD"
        .long 0

        .section.note.solo5.abi,
    "aR", @note.balign 4.long 6, 16,
    0x31494241 /* "ABI1" */
        .asciz "Solo5".zero 2.long TARGET,
    2, 0,
    0 /* version 2 */

            .section.note.GNU -
        stack,
    "", @progbits
