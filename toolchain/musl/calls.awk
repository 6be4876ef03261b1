# SPDX-License-Identifier: ISC
#
# From musl's list of system calls ("#define __NR_read 0"):
#   -v out=header   drupe_calls.h: the handlers, and the choice among them
#   -v out=stubs    a source of a weak handler each, which answers -ENOSYS
/^#define __NR_/ {
    name[++n] = substr($2, 6)
    number[n] = $3
}
END {
    if (out == "header") {
        print "long drupe_sys_unknown();"
        for (i = 1; i <= n; i++)
            printf "long drupe_sys_%s();\n", name[i]
        print "static __inline __attribute__((always_inline)) long (*drupe_call(long n))()\n{"
        print "\tif (__builtin_constant_p(n))\n\t\tswitch (n) {"
        for (i = 1; i <= n; i++)
            printf "\t\tcase %d:\n\t\t\treturn drupe_sys_%s;\n", number[i], name[i]
        print "\t\t}\n\treturn drupe_sys_unknown;\n}"
    } else {
        print "#pragma GCC visibility push(default)"
        print "long drupe_sys_unknown(void);"
        print "long drupe_sys_unknown(void)\n{\n    return -38; /* ENOSYS */\n}"
        for (i = 1; i <= n; i++)
            printf "long drupe_sys_%s(void) __attribute__((weak, alias(\"drupe_sys_unknown\")));\n", name[i]
    }
}
