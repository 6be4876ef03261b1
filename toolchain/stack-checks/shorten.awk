# SPDX-License-Identifier: ISC
#
# Shortens the stack checks in gcc's assembly (docs/adr/0003-stack-checks.md). gcc writes
#
#         cmpq    %fs:112, %rsp
#         jnb     .L2
#         movl    $56, %r10d          how large a frame, and what arguments are on the stack:
#         movl    $16, %r11d          for those who make stacks grow
#         call    __morestack
#         ret                         comes back there
#     .L2:
#
# or, with jb, the last four elsewhere. Ours ends the image: the call alone remains. In a function
# that calls nothing, with a frame under 256 octets (gcc compares %rsp itself), nothing remains.
# What is not an instruction (labels, lines, directives) stays, whatever it stands between.
function is_instruction(line) { return line ~ /^\t[a-z]/ }
function target(line) { sub(/^\t[a-z]+\t/, "", line); return line ":" }

# The next instruction behind line `i`, 0 if none.
function next_instruction(i) {
    while (++i <= lines) if (is_instruction(line[i])) return i
    return 0
}

# A function that calls nothing but what never returns, and takes no more than its frame.
function is_leaf(    i) {
    for (i = 1; i <= lines; i++)
        if (line[i] ~ /(^|[ \t;])call/ && line[i] !~ /\tcall\t(__morestack|__stack_chk_fail|check_failed)$/)
            return 0
    return 1
}

# Drops the instructions of the call that follows line `i`, with what stands behind it for its coming
# back; not itself, unless `all`. Returns the label behind it.
function drop_call(i, all,    called) {
    while (++i <= lines) {
        if (called && line[i] ~ /^\.L[0-9]+:$/) return line[i]
        if (!is_instruction(line[i])) continue
        if (!called && line[i] == "\tcall\t__morestack")
            called = 1
        else if (line[i] !~ (called ? "^\t(ret|jmp\t.*|leaq\t.*, %r11)$" : "^\t(movl|xorl)\t.*, %r1[01]d$"))
            return ""
        if (line[i] != "\tcall\t__morestack" || all) delete line[i]
    }
    return ""
}

function shorten(    i, jump, from, leaf, behind) {
    i = next_instruction(0)
    if (line[i] ~ /^\tleaq\t8\(%rsp\), %r11$/) i = next_instruction(i)
    leaf = is_leaf() && line[i] == "\tcmpq\t%fs:112, %rsp"
    if (!leaf && line[i] ~ /^\tleaq\t-[0-9]+\(%rsp\), %r11$/) i = next_instruction(i)
    if (line[i] !~ /^\tcmpq\t%fs:112, %r/) return
    jump = next_instruction(i)
    if (line[jump] ~ /^\tjnb\t/) {
        behind = drop_call(jump, leaf)
        if (!leaf) return
        if (behind == target(line[jump])) delete line[jump]
        else sub(/jnb/, "jmp", line[jump])
    } else {
        for (from = jump; from <= lines && line[from] != target(line[jump]);) from++
        drop_call(from, leaf)
        if (!leaf) return
        delete line[jump]
    }
    delete line[i]
}

function put(    i) {
    for (i = 1; i <= lines; i++) if (i in line) print line[i]
    split("", line)
    lines = 0
}

name == "" && /^\t\.type\t.*, @function$/ { put(); name = $2; sub(/,.*/, "", name) }
{ line[++lines] = $0 }
name != "" && $1 == ".size" && $2 == name "," { shorten(); put(); name = "" }
END { put() }
