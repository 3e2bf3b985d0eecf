/* A small tree of places, what a complaint names of them and where its point lies, for
 * the tests of the place. */
#ifndef CHUISHAO_PLACE_FIXTURE_H
#define CHUISHAO_PLACE_FIXTURE_H

#include "place_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
    DISTRICT,
    EAST,
    WEST,
    ALDER,
    BIRCH,
    GRID_1,
    GRID_2,
    GARDEN,
    COURT,
    SPRING,
    OLD,
    WELL_EAST,
    WELL_WEST,
    ROAD,
    SCHOOL,
    SHOP,
    BLOCK,
    CEDAR,
    PINE,
    N_PLACES
};

extern const struct place places[N_PLACES];

/* Setup of a test: nothing is named, and there is no point. */
int set_up_silence(void **state);
#define PLACE_TEST(name) cmocka_unit_test_setup(name, set_up_silence)

void names_forget(void);
void point_forget(void);

/* The point lies in the boundary of that place. */
void stands_in(int place);

/* The words of the field from that character on are the name of the place. */
void named(int place, enum place_field field, uint32_t from);

/* With that grid given; -1: none. */
struct place_decision decide(int grid);

/* That place, or none (-1), is decided on, and so found. */
void expect(int place, enum place_found_by found_by, int grid);

#endif
