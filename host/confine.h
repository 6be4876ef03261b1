/* SPDX-License-Identifier: ISC */
#ifndef HOST_CONFINE_H
#define HOST_CONFINE_H

/* What a program that is about to serve somebody hostile gives up, besides the system
 * calls that its filter forbids. Each is for the calling thread and those it starts from
 * then on, and for good. */

/* Nothing of the file system can be reached any more, should the filter have a hole. What
 * is open stays so. Kernels without Landlock are left with the filter. Needs
 * PR_SET_NO_NEW_PRIVS, or privileges. */
void confine_files(void);

/* The same, but new files can be made, and written to, in the folder of this descriptor. */
void confine_files_except(int dir);

/* No capabilities, and no way to new ones (PR_SET_NO_NEW_PRIVS). */
void confine_privileges(void);

#endif
