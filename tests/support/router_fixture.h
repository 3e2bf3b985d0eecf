/* A district, made by hand so that each test of the router sees all that it decides on.
 */
#ifndef CHUISHAO_ROUTER_FIXTURE_H
#define CHUISHAO_ROUTER_FIXTURE_H

#include "router_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { HOUR_MS = 3600 * 1000 };

extern const instant nine; /* 2026-11-21T09:00:00+08:00, a Saturday */

extern struct policy policy;
/* A department, the street, its community, a grid's team, the firm of one estate, another
 * department. */
extern struct unit *const cg, *const jd, *const sq, *const team, *const wy, *const zj;
/* An estate with a firm and one without, in one grid (which has no team yet) of one
 * community of one street. */
extern struct place *const garden, *const old, *const grid, *const street;
extern struct sla_class *const class_n, *const class_4wh, *const class_q;
extern const struct category *const cleaning, *const stalls, *const orphan;
/* By precedence: c1 cleaning at an estate: the firm; c4 stalls: cg; c2 cleaning: the
 * community; c3 all of 01: the street. Room for some more. */
extern struct catalogue_row rows[8];

/* Setup of a test: all of the above as it was. */
int set_up_district(void **state);
#define ROUTER_TEST(name) cmocka_unit_test_setup(name, set_up_district)

/* By a known category and place, received at nine and reported then. */
struct router_complaint complaint_of(
        const struct category *category, const struct place *place);

/* With no recent cases. */
struct router_route decide(const struct router_complaint *complaint);
void assert_human(const struct router_complaint *complaint, enum router_reason reason);
void assert_led_by(const struct router_complaint *complaint, const struct unit *unit,
        const char *row);

#endif
