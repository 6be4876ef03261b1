# SPDX-License-Identifier: ISC
#
# The tests of virtual machines once more, on a KVM with its real semantics: inside of QEMU, which needs
# no /dev/kvm. Not part of `make test`, since it fetches packages; it takes about two minutes. (Not
# tests/target/gdb.sh: docs/design/debugging.md says what QEMU's SVM lacks.)
KVM_TESTS := tests/target/hvt.sh $(B)/tests/test_hvt_tender $(B)/tests/test_hvt_net $(B)/tests/test_hvt_gdb_connection \
             tests/target/core.sh "tests/examples/examples.sh hvt"

test-kvm: all tests/target/hvt.sh tests/target/core.sh $(HVT_TESTS) $(B)/hvt/web.hvt $(B)/hvt/echo.hvt
	@tests/kvm/run $(KVM_TESTS)

.PHONY: test-kvm
