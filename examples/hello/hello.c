/* SPDX-License-Identifier: ISC */
#include <drupe/app.h>

#include <stdio.h>

static int hello(void)
{
    puts("Hello, world!");
    return 0;
}

const struct dr_app dr_app = {.name = "hello", .about = "Says hello.", .main = hello};
