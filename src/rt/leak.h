/* SPDX-License-Identifier: ISC */
#ifndef RT_LEAK_H
#define RT_LEAK_H

/* Something was left behind: a resource still owned by a task that returned of its
 * own accord, or an awaitable task still running at the end of a scope that nobody
 * had cancelled. It is cleaned up in every build; this hook is only told. It is weak:
 * an image's prints a line at level debug, the tests' (vplat.c) ends the image, and so does
 * the one of the unix target with the sanitizers (strict/leak.c). */
void rt_leaked(const char *what, const char *task);

#endif
