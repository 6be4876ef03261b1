#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every script against our own host, and those whose rules are not ours alone against Linux.
set -u
cd "$(dirname "$0")/../.."
build/tests/play_tcp tests/tcp/*.pkt
ours=$?
build/tests/play_tcp --linux tests/tcp/*.pkt && [ $ours -eq 0 ]
