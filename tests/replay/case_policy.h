/* A small policy for tests of casework: the units of two streets, a few places, a pool,
 * two categories, nine SLA classes, two types of whistle, the spring festivals of 2024
 * and 2026, the national day of 2026. */
#ifndef CHUISHAO_CASE_POLICY_H
#define CHUISHAO_CASE_POLICY_H

#include "policy.h"

/* Static memory; the same at every call. */
const struct policy *case_policy(void);

/* "2026-11-20 09:00", Chinese time. Ends the test program when it is none. */
instant china_time(const char *day, const char *time);

#endif
