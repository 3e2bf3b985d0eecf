/* A small policy for tests of casework: seven units, two categories, six SLA classes,
 * the holidays of autumn 2026. */
#ifndef CHUISHAO_CASE_POLICY_H
#define CHUISHAO_CASE_POLICY_H

#include "policy.h"

/* Static memory; the same at every call. */
const struct policy *case_policy(void);

/* "2026-11-20 09:00", Chinese time. Ends the test program when it is none. */
instant china_time(const char *day, const char *time);

#endif
