/* SPDX-License-Identifier: ISC */
#include "httpd/conn.h"

#define OR(value, otherwise) ((value) ? (value) : (otherwise))

static uint16_t at_most(uint32_t n, uint32_t max)
{
    return (uint16_t)(n < max ? n : max);
}

void httpd_server_init(struct httpd_server *s, const struct dr_http_site *site)
{
    const struct dr_http_limits *l = &site->limits;
    memset(s, 0, sizeof *s);
    s->site = site;
    list_init(&s->waiting);
    s->limits = (struct dr_http_limits){
        .clients_max = OR(l->clients_max, DR_HTTP_CLIENTS_MAX),
        .head_max = OR(l->head_max, DR_HTTP_HEAD_MAX),
        .target_max = OR(l->target_max, DR_HTTP_TARGET_MAX),
        .fields_max = OR(l->fields_max, DR_HTTP_FIELDS_MAX),
        .body_max = OR(l->body_max, DR_HTTP_BODY_MAX),
        .head_ns = OR(l->head_ns, DR_HTTP_HEAD_NS),
        .body_ns = OR(l->body_ns, DR_HTTP_BODY_NS),
        .send_ns = OR(l->send_ns, DR_HTTP_SEND_NS),
        .idle_ns = OR(l->idle_ns, DR_HTTP_IDLE_NS),
    };
    s->head_limits = (struct http_limits){
        .head = at_most(s->limits.head_max, HTTP_HEAD_MAX),
        .target = at_most(s->limits.target_max, HTTP_HEAD_MAX),
        .fields = at_most(s->limits.fields_max, HTTP_FIELDS_MAX),
    };
}

/* The wall clock may cost a call to the host: it is read once a second, at the moment
 * when the text changes. */
struct bytes httpd_date(struct httpd_server *s)
{
    uint64_t now = dr_now();
    if (now >= s->date_until) {
        uint64_t wall = dr_wall();
        http_date_print(wall / DR_S(1), s->date);
        s->date_until = now + DR_S(1) - wall % DR_S(1);
    }
    return bytes_of(s->date, sizeof s->date);
}
