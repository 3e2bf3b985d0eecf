/* Of the policy: the tree of places, what they are called, their boundaries and house
 * numbers. */
#ifndef CHUISHAO_POLICY_PLACES_H
#define CHUISHAO_POLICY_PLACES_H

#include "policy_units.h"
#include <stdint.h>

/* places.csv */
#define PLACE_TYPES(X)                                                                   \
    X(DISTRICT, "district")                                                              \
    X(STREET, "street")                                                                  \
    X(COMMUNITY, "community")                                                            \
    X(GRID, "grid")     /* 网格 */                                                     \
    X(ESTATE, "estate") /* 小区 */                                                     \
    X(ROAD, "road")                                                                      \
    X(LANDMARK, "landmark")
#define X(name, text) PLACE_TYPE_##name,
enum place_type { PLACE_TYPES(X) PLACE_TYPE_COUNT };
#undef X
extern const char *const place_type_names[PLACE_TYPE_COUNT];

/* So many places lie in each other at most, the topmost counted. */
enum { PLACE_DEPTH_MAX = 16 };

/* levels.csv: what places are called that are of one of the kinds above for every rule:
 * 行政村, 自然村, 楼栋, 网格党支部. */
struct place_level {
    const char *name;
    enum place_type like;
    bool part; /* of the kind of the place it lies in, as a house of an estate; `like`
                  says nothing */
};

struct place {
    const char *code;
    const char *name;
    enum place_type type;            /* by this the rules go */
    const struct place_level *level; /* NULL: it is called like its type */
    const struct place *parent;
    const struct unit *unit; /* who governs it: street office, neighbourhood committee,
                                grid team; NULL: its parent's */
    const struct unit *property;  /* an estate's property firm; NULL: none */
    const struct unit *committee; /* an estate's owners' committee; NULL: none */
    const struct unit *developer; /* an estate's; NULL: none that still answers */
    instant warranty_to; /* until when it does 保修期 (建设工程质量管理条例 art. 40);
                            never: open */
    const char *estate_type; /* open_old 开放式老旧, commodity 商品房, resettlement
                                村改安置; "" */
    struct names aliases;
    instant valid_from, valid_to;
    int line; /* in places.csv */
};

/* A row of boundaries.geojson; its area is the one of the same index in the policy's geo.
 */
struct boundary {
    const struct place *place;
    instant valid_from, valid_to; /* a place may have another one afterwards */
    int line;
};

/* house_numbers.csv: which houses of a road belong to which place. */
#define HOUSE_SIDES(X)                                                                   \
    X(ALL, "all")                                                                        \
    X(ODD, "odd")                                                                        \
    X(EVEN, "even")
#define X(name, text) HOUSE_SIDE_##name,
enum house_side { HOUSE_SIDES(X) HOUSE_SIDE_COUNT };
#undef X
extern const char *const house_side_names[HOUSE_SIDE_COUNT];

enum { HOUSE_NUMBER_MAX = 99999 };

struct house_numbers {
    const char *road; /* the code of a place, or a name that places.csv does not know */
    int32_t from, to; /* both included */
    enum house_side side;
    const struct place *place;
    instant valid_from, valid_to;
    int line;
};

/* What it is called in places.csv: a level or a type. */
const char *place_level_name(const struct place *place);
bool place_is_part(const struct place *place);

/* The nearest of that type at or above place; NULL when there is none. */
const struct place *place_up(const struct place *place, enum place_type type);

/* The street office, neighbourhood committee or grid team that governs place; NULL when
 * there is none. */
const struct unit *place_governor(const struct place *place, enum unit_type type);

bool place_valid_at(const struct place *place, instant at);
bool boundary_valid_at(const struct boundary *boundary, instant at);

/* True when place is other or lies below it in the tree. */
bool place_within(const struct place *place, const struct place *other);

bool house_on_side(enum house_side side, int32_t number);
/* The row has that house at that time. */
bool house_numbers_have(const struct house_numbers *row, int32_t number, instant at);

#endif
