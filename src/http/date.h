/* SPDX-License-Identifier: ISC */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include <stdint.h>

#define HTTP_DATE_LEN 29 /* octets, without a NUL */

/* Prints a moment, in seconds since 1970-01-01T00:00:00Z, as an IMF-fixdate (RFC 9110
 * 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". The form has four digits for the year: what
 * is later than 9999 is printed as the last second of that year. */
void http_date_print(uint64_t seconds, char out[HTTP_DATE_LEN]);

#endif
