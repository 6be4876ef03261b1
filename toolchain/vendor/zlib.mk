# SPDX-License-Identifier: ISC
zlib_INCLUDE := .
zlib_CFLAGS  := -DHAVE_UNISTD_H -DHAVE_STDARG_H
zlib_SRCS    := adler32.c compress.c crc32.c deflate.c gzclose.c gzlib.c gzread.c gzwrite.c \
                infback.c inffast.c inflate.c inftrees.c trees.c uncompr.c zutil.c
$(call vendor_library,zlib)
