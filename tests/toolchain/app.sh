#!/bin/sh
# SPDX-License-Identifier: ISC
#
# An application outside the tree, built as its author would.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
cd "$(dirname "$0")/../.."
tree=$PWD
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT
failed=0

report() {
    name=$1
    shift
    if "$@"; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/# /' "$app/out"
        failed=1
    fi
}

build() {
    make -C "$app" "$@" >"$app/out" 2>&1
}

says() {
    grep -q -- "$1" "$app/out"
}

# What an application may be called that the library's own functions are called too.
cat >"$app/far.c" <<'C'
#include <drupe/app.h>
#include <stdio.h>
#include <zlib.h>
int loop_run(void);
int loop_run(void)
{
    return printf("zlib %s\n", zlibVersion()) > 0 ? 0 : 1;
}
const struct dr_app dr_app = {.name = "far", .about = "Is far away.", .main = loop_run};
C

# makefile LINE...: the application's Makefile, with further lines.
makefile() {
    {
        printf 'APP = far\nVENDOR = zlib\n'
        for line in "$@"; do
            echo "$line"
        done
        echo "include $tree/toolchain/app.mk"
    } >"$app/Makefile"
}

makefile
report an_application_outside_the_tree_is_built_in_its_own_folder build
report its_image_runs_and_internal_names_do_not_clash sh -c \
    "build/bin/drupe-spt --mem=8 '$app/build/spt/far.stripped.spt' | grep -q '^zlib 1'"
report for_unix_it_is_a_program sh -c "make -C '$app' TARGET=unix >/dev/null 2>'$app/out' &&
    '$app/build/unix/far.unix' | grep -q '^zlib 1'"

before=$(stat -c %y "$app/build/spt/far.spt")
build
report what_is_up_to_date_is_not_built_again [ "$before" = "$(stat -c %y "$app/build/spt/far.spt")" ]

build CFLAGS=-DOTHER
report other_flags_build_it_again [ "$before" != "$(stat -c %y "$app/build/spt/far.spt")" ]

makefile 'NET = service' 'BLOCK = disk'
build
report its_devices_are_in_the_image sh -c "strings -a '$app/build/spt/far.spt' | grep -qx service"
report and_a_tender_asks_for_them sh -c "! build/bin/drupe-spt '$app/build/spt/far.spt' >/dev/null 2>&1"

makefile 'NET = not-a-name'
build
report a_device_with_a_bad_name_is_refused says '"not-a-name" is no name of a device'

echo '{"type":"solo5.manifest","version":1,"devices":[{"name":"ethernet","type":"NET_BASIC"}]}' >"$app/manifest.json"
makefile 'MANIFEST = manifest.json'
build
report a_manifest_of_solo5_does_as_well sh -c "strings -a '$app/build/spt/far.spt' | grep -qx ethernet"

build TARGET=toaster
report an_unknown_target_is_refused says 'it can be spt, hvt or unix'

# A task that still runs at the end of a scope that nobody cancelled.
leaks_are_errors() {
    cat >"$app/far.c" <<'C'
#include <drupe/app.h>
#include <drupe/task.h>
static int work(void *arg)
{
    (void)arg;
    return dr_sleep(DR_NEVER);
}
static int leaks(void)
{
    struct dr_scope s;
    struct dr_task *task;
    dr_scope_open(&s, DR_NEVER);
    int err = dr_spawn(&s, work, NULL, &task);
    (void)dr_scope_close(&s);
    return err;
}
const struct dr_app dr_app = {.name = "far", .about = "Leaks.", .main = leaks};
C
    makefile
    build TARGET=unix && "$app/build/unix/far.unix" >"$app/out" 2>&1 || return 1
    build TARGET=unix SANITIZE=1 || return 1
    "$app/build/unix-asan/far.unix" >"$app/out" 2>&1
    [ $? -eq 255 ] && says 'a running task left behind by task main'
}
report in_the_build_for_tests_a_leak_is_an_error leaks_are_errors

report cleaning_leaves_no_image sh -c "make -C '$app' clean >/dev/null && [ ! -e '$app/build/spt/far.spt' ]"
exit $failed
