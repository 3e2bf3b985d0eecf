/* What the calendar says of a day, and the ledger that proves a due time: every line is a
 * step of the walk by which calendar.h decides. */
#ifndef CHUISHAO_LEDGER_H
#define CHUISHAO_LEDGER_H

#include "policy.h"

#include <jansson.h>
#include <stdio.h>

/* 周一 to 周日. */
const char *ledger_weekday(int32_t day);

/* One line: date, weekday, working or not and why, office hours. */
void ledger_day(FILE *out, const struct policy *policy, int32_t day);
json_t *ledger_day_json(const struct policy *policy, int32_t day); /* owned */

/* From where, each day or span counted or passed over and why, the running sum, the rule
 * of the civil code, and the due time in the last line but for warnings about years whose
 * holidays are not known. Returns the due time. */
instant ledger_print(FILE *out, const struct policy *policy, instant from, int32_t amount,
        enum time_unit unit);
json_t *ledger_json(const struct policy *policy, instant from, int32_t amount,
        enum time_unit unit); /* owned */

/* That year's holidays are needed now: it has begun, or begins within 45 days. */
bool ledger_year_needed(int32_t year, instant now);

#endif
