#include "place_fixture.h"

#include <string.h>

static const struct place_level block_level = {.name = "片区", .part = true};
const struct place places[N_PLACES] = {
        [DISTRICT] = {.code = "d", .name = "清溪区", .type = PLACE_TYPE_DISTRICT},
        [EAST] = {.code = "e",
                .name = "东门街道",
                .type = PLACE_TYPE_STREET,
                .parent = &places[DISTRICT]},
        [WEST] = {.code = "w",
                .name = "西门街道",
                .type = PLACE_TYPE_STREET,
                .parent = &places[DISTRICT]},
        [ALDER] = {.code = "e1",
                .name = "桤木社区",
                .type = PLACE_TYPE_COMMUNITY,
                .parent = &places[EAST]},
        [BIRCH] = {.code = "w1",
                .name = "桦林社区",
                .type = PLACE_TYPE_COMMUNITY,
                .parent = &places[WEST]},
        [GRID_1] = {.code = "e1g1",
                .name = "桤木一网格",
                .type = PLACE_TYPE_GRID,
                .parent = &places[ALDER]},
        [GRID_2] = {.code = "e1g2",
                .name = "桤木二网格",
                .type = PLACE_TYPE_GRID,
                .parent = &places[ALDER]},
        [GARDEN] = {.code = "e1e1",
                .name = "桤木花园",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[GRID_1]},
        [COURT] = {.code = "e1e2",
                .name = "桤木花园东苑",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[GRID_2]},
        [SPRING] = {.code = "w1e1",
                .name = "泉水新村",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[BIRCH]},
        [OLD] = {.code = "w1e0",
                .name = "旧桥里",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[BIRCH],
                .valid_to = {1000}},
        [WELL_EAST] = {.code = "e1e9",
                .name = "井巷",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[GRID_2]},
        [WELL_WEST] = {.code = "w1e9",
                .name = "井巷",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[BIRCH]},
        [ROAD] = {.code = "er1",
                .name = "桤木花园路",
                .type = PLACE_TYPE_ROAD,
                .parent = &places[EAST]},
        [SCHOOL] = {.code = "el1",
                .name = "桤木小学",
                .type = PLACE_TYPE_LANDMARK,
                .parent = &places[GRID_1]},
        [BLOCK] = {.code = "e1b1",
                .name = "桤木一片区",
                .type = PLACE_TYPE_COMMUNITY,
                .level = &block_level,
                .parent = &places[ALDER]},
        [CEDAR] = {.code = "e2",
                .name = "雪松社区",
                .type = PLACE_TYPE_COMMUNITY,
                .parent = &places[EAST]},
        [PINE] = {.code = "e2e1",
                .name = "松风苑",
                .type = PLACE_TYPE_ESTATE,
                .parent = &places[CEDAR]},
        [SHOP] = {.code = "e1e1l1",
                .name = "桤木超市",
                .type = PLACE_TYPE_LANDMARK,
                .parent = &places[GARDEN]},
};

static struct place_hit hits[16];
static size_t n_hits;
static const struct place *around[4];
static size_t n_around;

int set_up_silence(void **state)
{
    (void)state;
    n_hits = n_around = 0;
    return 0;
}

void names_forget(void)
{
    n_hits = 0;
}

void point_forget(void)
{
    n_around = 0;
}

void stands_in(int place)
{
    around[n_around++] = &places[place];
}

void named(int place, enum place_field field, uint32_t from)
{
    hits[n_hits++] = (struct place_hit){
            .place = &places[place],
            .words = str_of(places[place].name),
            .field = field,
            .from = from,
            .to = from + (uint32_t)strlen(places[place].name),
    };
}

struct place_decision decide(int grid)
{
    const struct place_given given = {.grid = grid < 0 ? NULL : &places[grid],
            .around = around,
            .n_around = n_around,
            .at = {5000}};
    return place_decide(hits, n_hits, &given);
}

void expect(int place, enum place_found_by found_by, int grid)
{
    struct place_decision d = decide(grid);
    assert_int_equal(d.found_by, found_by);
    assert_ptr_equal(d.place, place < 0 ? NULL : &places[place]);
}
