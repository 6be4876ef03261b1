#!/bin/sh
# SPDX-License-Identifier: ISC
#
# How many KiB the examples' stripped images may have (docs/design/toolchain.md).
set -u
cd "$(dirname "$0")/../.."
failed=0

while read -r image limit; do
    name=the_image_of_${image}_has_at_most_${limit}_kib
    len=$(wc -c <"build/spt/$image.stripped.spt") || exit 1
    if [ "$len" -le $((limit * 1024)) ]; then
        echo "ok $name"
    else
        echo "# $image.stripped.spt: $len octets, $((len - limit * 1024)) too many"
        echo "not ok $name"
        failed=1
    fi
done <<'TABLE'
hello 36
echo 132
web 160
TABLE
exit $failed
