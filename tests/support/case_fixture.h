/* One case, a policy of its own, and what the last command did: for tests of casework's
 * core. Commands come complete; a test takes away what it is about. */
#ifndef CHUISHAO_CASE_FIXTURE_H
#define CHUISHAO_CASE_FIXTURE_H

#include "casework_core.h"

#include <stdbool.h>

#define CASE_ONE "n20261120-0123456789abcdef"
#define CASE_TWO "n20261120-fedcba9876543210"

/* A copy that a test may change; fixture_start puts it back. */
extern struct policy fixture_policy;
extern struct sla_class fixture_classes[16];
extern struct case_state fixture_case;
extern struct case_decision fixture_decision;

/* No case yet, and it is 2026-11-20 09:00. For cmocka's setup. */
int fixture_start(void **state);
void fixture_at(const char *day, const char *time);
instant fixture_now(void);

struct sla_class *fixture_class(const char *name);

/* As after a change of the policy. */
void fixture_new_version(void);

struct case_command fixture_command(enum case_command_kind kind);

/* Dispatched to that unit, category 010101, in 绿园小区. */
struct case_command fixture_open(const char *lead, const char *sla);

/* With all words, proofs and dates that any action needs. */
struct case_command fixture_action(const char *unit, enum case_action action);
struct case_command fixture_wake(instant at);

/* The case is what the command made of it. */
void fixture_decide(const struct case_command *command);

/* Open, and done by the unit now. */
void fixture_opened(const char *lead, const char *sla);
void fixture_act(const char *unit, enum case_action action);

int fixture_effects(enum case_effect_kind kind);
int fixture_events(enum case_event event);
int fixture_orders(enum case_order order, const char *unit);

/* Byte for byte, as far as there are members. */
bool fixture_same_as(const struct case_state *other);

/* The last command changed nothing but that the unit was told this rule. */
bool fixture_refused(enum case_rule rule);

/* The lead's. */
const struct case_clock *fixture_clock(enum case_clock_kind kind);
bool fixture_due(const struct case_clock *clock, const char *day, const char *time);

#endif
