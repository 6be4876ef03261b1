/* SPDX-License-Identifier: ISC */
/* From the target's start-up to the application's main, and to the exit status. */
#include "base/format.h"
#include "plat/plat.h"
#include "rt/args.h"
#include "rt/budget.h"
#include "rt/log.h"
#include "rt/loop.h"
#include "rt/pages.h"
#include "rt/random.h"
#include <drupe/app.h>

#define EXIT_FAILED 1
#define EXIT_USAGE  64

static const char *logs;

static void say(const char *line)
{
    char text[320];
    size_t n = format(text, sizeof text, "%s\n", line);
    plat_console_write(text, n < sizeof text ? n : sizeof text - 1);
}

static _Noreturn void refuse(int status, const char *why)
{
    char line[ARGS_WHY_LEN + 64];
    format(line, sizeof line, "%s: %s", dr_app.name, why);
    say(line);
    plat_exit(status);
}

static struct log_rules default_rules(void)
{
    unsigned level = plat_boot()->log_level;
    return (struct log_rules)LOG_RULES(level <= DR_LOG_DEBUG ? (enum dr_log_level)level
                                                             : DR_LOG_INFO);
}

/* The application's arguments and the runtime's own. */
static void read_args(void)
{
    static bool help; /* listed; the parser knows it by itself */
    const struct dr_arg table[] = {
        DR_ARG_TABLE(dr_app.args),
        DR_ARG_STRING("logs", &logs, "RULES",
                      "what to log, as *:info,net:debug: by source, or * for all others, with "
                      "quiet, error, warn, info or debug"),
        DR_ARG_FLAG("help", &help, "lists the arguments"),
        DR_ARG_END,
    };
    const struct plat_boot *boot = plat_boot();
    char why[ARGS_WHY_LEN];
    switch (args_parse(table, boot->argc, boot->argv, why)) {
    case ARGS_OK:
        return;
    case ARGS_HELP:
        logs = NULL;
        args_help(dr_app.name, dr_app.about, table, say);
        plat_exit(0);
    case ARGS_BAD:
        refuse(EXIT_USAGE, why);
    }
}

static void start_log(void)
{
    struct log_rules rules = default_rules();
    char reason[ARGS_WHY_LEN], why[ARGS_WHY_LEN + 16];
    if (logs && log_parse(&rules, logs, reason, sizeof reason) != 0) {
        format(why, sizeof why, "--logs: %s", reason);
        refuse(EXIT_USAGE, why);
    }
    log_init(&rules);
}

static int run_main(void *arg)
{
    (void)arg;
    dr_task_name(dr_self(), "main");
    return dr_app.main();
}

static int status_of(int result)
{
    if (result >= 0 && result < 255)
        return result;
    if (result < 0)
        dr_log("rt", DR_LOG_ERROR, "%s ended with an error: %s (%d)", dr_app.name,
               dr_error_text(result), result);
    else
        dr_log("rt", DR_LOG_ERROR, "%s ended with %d, which is no exit status (0 to 254)",
               dr_app.name, result);
    return EXIT_FAILED;
}

int rt_start(void)
{
    if (!pages_total()) { /* where our C library needed no memory before us */
        pages_init(plat_boot()->mem, plat_boot()->mem_len);
        budget_init();
    }
    logs = NULL;
    read_args();
    start_log();
    if (random_init() != 0)
        refuse(EXIT_FAILED, "no source of randomness: neither the processor nor the tender "
                            "has one, and an image does not start without");
    return status_of(loop_run(run_main, NULL));
}
