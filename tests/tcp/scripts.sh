#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every script against our own host, and those whose rules are not ours alone against Linux, some
# at a time: there, time is real.
set -u
cd "$(dirname "$0")/../.."
build/tests/play_tcp tests/tcp/*.pkt
ours=$?
printf '%s\n' tests/tcp/*.pkt | xargs -P 8 -n 4 build/tests/play_tcp --linux && [ $ours -eq 0 ]
