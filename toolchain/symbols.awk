# SPDX-License-Identifier: ISC
#
# From `nm -n --defined-only IMAGE`: the assembly of the image's table of functions
# (src/plat/bare/symbols.h). The assembler makes the numbers: awk cannot be trusted with
# hexadecimal.
#
# Names are made shorter by giving the commonest pairs of octets a code of their own, then the
# commonest of what that leaves, and so on.
BEGIN {
    codes = 128; rounds = 16
    for (i = 1; i < 128; i++) octet[sprintf("%c", i)] = i
}
$3 == "_stext" { last = $1; inside = 1; next }
$3 == "_etext" { inside = 0 }
inside && $2 ~ /^[tTwW]$/ && $1 != previous {
    previous = $1
    name = $3
    sub(/\.(part|constprop|isra|cold|lto_priv).*/, "", name)
    step[++functions] = "0x" $1 " - 0x" last
    last = $1
    for (i = 1; i <= length(name); i++) {
        c = substr(name, i, 1)
        text[++len] = c in octet ? octet[c] : octet["?"]
    }
    text[++len] = 0
}

# The commonest pair that has no code yet; of equal ones the first by its numbers. A pair takes two
# octets of the table, each place where it stands saves one.
function take_pair(    p, best) {
    best = ""
    for (p in count)
        if (count[p] > 3 && (best == "" || count[p] > count[best] || (count[p] == count[best] && p < best)))
            best = p
    if (best == "") return
    code[best] = 128 + pairs
    pair[++pairs] = best
    delete count[best]
}

# Puts the codes in place of their pairs.
function shorten(    from, to) {
    for (from = 1; from <= len; from++)
        if (from < len && (text[from] "," text[from + 1]) in code) {
            text[++to] = code[text[from] "," text[from + 1]]
            from++
        } else
            text[++to] = text[from]
    len = to
}

END {
    for (r = 0; r < rounds; r++) {
        split("", count)
        for (i = 1; i < len; i++)
            if (text[i] && text[i + 1]) count[text[i] "," text[i + 1]]++
        for (i = 0; i < codes / rounds; i++) take_pair()
        shorten()
    }
    print "    .section .drupe.symbols, \"a\", @progbits"
    printf "    .byte %d\n", pairs
    for (i = 1; i <= pairs; i++) print "    .byte " pair[i]
    at = 1
    for (f = 1; f <= functions; f++) {
        printf "    .uleb128 %s\n    .byte ", step[f]
        for (; text[at]; at++) printf "%d,", text[at]
        print text[at++]
    }
    print "    .section .note.GNU-stack, \"\", @progbits"
}
