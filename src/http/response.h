/* SPDX-License-Identifier: ISC */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

/* Printing the head of a response (RFC 9112 4), element by element. What does not
 * fit sets the writer's ran_out. */

#include "base/octets.h"

/* "Not Found", or "" for a status without a name here. */
const char *http_reason(unsigned status);

/* "HTTP/1.1 404 Not Found" CRLF. `status` has three digits. */
void http_print_status(struct writer *w, unsigned status);

/* A field. Both must be valid, as said by the next two. */
void http_print_field(struct writer *w, struct bytes name, struct bytes value);
bool http_name_valid(struct bytes name);
bool http_value_valid(struct bytes value); /* no CR, LF or NUL above all */

/* "Content-Length: 123" CRLF. */
void http_print_length(struct writer *w, uint64_t len);

void http_print_text(struct writer *w, const char *text);
void http_print_number(struct writer *w, uint64_t n);

#endif
