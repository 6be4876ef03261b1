/* SPDX-License-Identifier: ISC */
#ifndef HOST_KVM_H
#define HOST_KVM_H

/* Whether this machine can run virtual machines, and how well. */

#include "host/error.h"

enum kvm_state {
    KVM_ABSENT,       /* there is no /dev/kvm */
    KVM_FORBIDDEN,    /* there is, and this user may not open it */
    KVM_BROKEN,       /* it opens, and no virtual machine could be run */
    KVM_INTERPRETING, /* code at ring 0 is interpreted, some hundred times slower */
    KVM_USABLE,
};

/* Runs a tiny guest at ring 0 and times it: some milliseconds. `e` says what is broken, and how
 * slow an interpreting one is. */
enum kvm_state kvm_probe(struct error *e);

#endif
