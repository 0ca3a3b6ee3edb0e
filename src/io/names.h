/* Names and addresses. */
#ifndef IO_NAMES_H
#define IO_NAMES_H

#include <netdb.h>
#include <stdbool.h>

/* Is it an address in digits, of IPv4 or IPv6, without a scope? Runs on: any. Never parks. */
bool names_isnumeric(const char *host);

#endif
