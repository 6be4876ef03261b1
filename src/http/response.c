/* SPDX-License-Identifier: ISC */
#include "http/response.h"
#include "http/token.h"

const char *http_reason(unsigned status)
{
    static const struct {
        uint16_t status;
        const char *reason;
    } table[] = {
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status)
            return table[i].reason;
    return "";
}

void http_print_text(struct writer *w, const char *text)
{
    write_bytes(w, bytes_of(text, strlen(text)));
}

void http_print_number(struct writer *w, uint64_t n)
{
    uint8_t digit[20];
    size_t at = sizeof digit;
    do {
        digit[--at] = (uint8_t)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    write_bytes(w, bytes_of(digit + at, sizeof digit - at));
}

void http_print_status(struct writer *w, unsigned status)
{
    if (status == 200) {
        http_print_text(w, "HTTP/1.1 200 OK\r\n");
        return;
    }
    http_print_text(w, "HTTP/1.1 ");
    http_print_number(w, status);
    http_print_text(w, " ");
    http_print_text(w, http_reason(status));
    http_print_text(w, "\r\n");
}

void http_print_field(struct writer *w, struct bytes name, struct bytes value)
{
    write_bytes(w, name);
    http_print_text(w, ": ");
    write_bytes(w, value);
    http_print_text(w, "\r\n");
}

bool http_name_valid(struct bytes name)
{
    return http_all(name, HTTP_TOKEN);
}

bool http_value_valid(struct bytes value)
{
    return value.len == 0 || http_all(value, HTTP_VALUE);
}

void http_print_length(struct writer *w, uint64_t len)
{
    http_print_text(w, "Content-Length: ");
    http_print_number(w, len);
    http_print_text(w, "\r\n");
}
