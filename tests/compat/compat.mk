# SPDX-License-Identifier: ISC
#
# Against a built tree of Solo5, which SOLO5 names; skipped without it.
TESTS += tests/compat/compat.sh
tests/compat/compat.sh: $(foreach t,spt hvt,$(foreach a,hello echo web,$(B)/$(t)/$(a).$(t))) $(PROGRAMS)
