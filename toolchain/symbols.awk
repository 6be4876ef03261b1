# SPDX-License-Identifier: ISC
#
# From `nm -n --defined-only IMAGE`: the assembly of the image's table of functions
# (src/plat/bare/symbols.h). The assembler makes the numbers: awk cannot be trusted with
# hexadecimal.
BEGIN { print "    .section .drupe.symbols, \"a\", @progbits" }
$3 == "_stext" { last = $1; inside = 1; next }
$3 == "_etext" { inside = 0 }
inside && $2 ~ /^[tTwW]$/ && $1 != previous {
    previous = $1
    name = $3
    sub(/\.(part|constprop|isra|cold|lto_priv).*/, "", name)
    printf "    .uleb128 0x%s - 0x%s\n    .asciz \"%s\"\n", $1, last, name
    last = $1
}
END { print "    .section .note.GNU-stack, \"\", @progbits" }
