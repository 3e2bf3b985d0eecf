/* The policy: who owns what, by when. A directory of files, validated as a whole,
 * read-only once loaded, with a version that stands on every decision. File formats:
 * policy/README.md. Everything in it lives until policy_free. */
#ifndef CHUISHAO_POLICY_H
#define CHUISHAO_POLICY_H

#include "calendar.h"
#include "error.h"
#include "instant.h"
#include "schedule.h"
#include "str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* units.csv */
#define UNIT_TYPES(X)                                                                    \
    X(DISTRICT, "district")     /* 区 */                                                \
    X(DESK, "desk")             /* 热线受理台: takes what needs a human */          \
    X(DEPARTMENT, "department") /* 职能部门 */                                       \
    X(UTILITY, "utility")       /* 公共服务企业 */                                 \
    X(STREET, "street")         /* 街道 */                                             \
    X(COMMUNITY, "community")   /* 社区居委会 */                                    \
    X(GRID_TEAM, "grid_team")   /* 网格服务队 */                                    \
    X(COMMITTEE, "committee")   /* 业主委员会, 物业管理委员会 */             \
    X(PROPERTY, "property")     /* 物业服务企业 */                                 \
    X(DEVELOPER, "developer")   /* 建设单位 */
#define X(name, text) UNIT_TYPE_##name,
enum unit_type { UNIT_TYPES(X) UNIT_TYPE_COUNT };
#undef X
extern const char *const unit_type_names[UNIT_TYPE_COUNT];

struct names {
    const char *const *items;
    size_t n;
};

struct unit {
    const char *code; /* [a-z0-9-], at most 31 characters */
    const char *name, *short_name;
    enum unit_type type;
    const struct unit *parent; /* NULL: the root */
    const struct unit *queue;  /* whose queue it uses; itself when it has its own */
    struct names aliases;
    instant valid_from, valid_to; /* [from, to); never: open */
    int line;                     /* in units.csv */
};

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

/* categories.csv */
#define URGENCIES(X)                                                                     \
    X(E1, "E1") /* 特急: life safety */                                                \
    X(E2, "E2") /* 紧急 */                                                             \
    X(N, "N")   /* 一般 */                                                             \
    X(C, "C")   /* 疑难复杂 */                                                       \
    X(Q, "Q")   /* 咨询 */
#define X(name, text) URGENCY_##name,
enum urgency { URGENCIES(X) URGENCY_COUNT };
#undef X
extern const char *const urgency_names[URGENCY_COUNT];

#define NATURES(X)                                                                       \
    X(HELP, "help")           /* 求助 */                                               \
    X(COMPLAINT, "complaint") /* 投诉 */                                               \
    X(REPORT, "report")       /* 举报: confidential by default */                      \
    X(CONSULT, "consult")     /* 咨询 */                                               \
    X(SUGGEST, "suggest")     /* 建议 */                                               \
    X(PRAISE, "praise")       /* 表扬 */
#define X(name, text) NATURE_##name,
enum nature { NATURES(X) NATURE_COUNT };
#undef X
extern const char *const nature_names[NATURE_COUNT];

/* sla.json */
#define CLOCKS(X)                                                                        \
    X(SIGN, "sign")       /* 签收 */                                                   \
    X(CONTACT, "contact") /* 先行联系 */                                             \
    X(ARRIVE, "arrive")   /* 到场 */                                                   \
    X(HANDLE, "handle")   /* 办结 */
#define X(name, text) CLOCK_##name,
enum clock { CLOCKS(X) CLOCK_COUNT };
#undef X
extern const char *const clock_names[CLOCK_COUNT];

enum { SLA_RUNGS_MAX = 16, SLA_STEPS_MAX = 8 };

/* So much of one of the clock units; amount 0: none. */
struct budget {
    int32_t amount;
    enum time_unit unit;
};

/* Whom a reminder goes to besides the unit that is late, climbing: nobody, the unit above
 * it in the tree, the street and the district of the case. A level that a unit has not (a
 * department is under no street) is told by the next one up. */
#define LEVELS(X)                                                                        \
    X(UNIT, "unit")                                                                      \
    X(SUPERIOR, "superior") /* 上级 */                                                 \
    X(STREET, "street")                                                                  \
    X(DISTRICT, "district")
#define X(name, text) LEVEL_##name,
enum sla_level { LEVELS(X) LEVEL_COUNT };
#undef X
extern const char *const sla_level_names[LEVEL_COUNT];

struct sla_rung {
    int32_t percent; /* of the budget, 1 to 100 */
    enum sla_level level;
    struct budget after; /* of a rung at 100: so long after the budget is used up */
};

/* When a clock is told, ascending in time; each rung exactly once. */
struct sla_ladder {
    struct sla_rung rungs[SLA_RUNGS_MAX];
    int n_rungs;
};

/* A rung in a ladder as one ascending number, whatever rungs another policy has beside
 * it: its percent, then how many of the same percent come before it. What `fired` of a
 * clock or a summons holds. */
enum { SLA_RUNG_END = 100 * SLA_RUNGS_MAX }; /* the first one at 100 percent */
int32_t sla_rung_key(const struct sla_ladder *ladder, int rung);

/* What the completion of a step has to bring. */
#define STEP_NEEDS(X)                                                                    \
    X(RESULT, "result") /* words that say something */                                   \
    X(PHOTO, "photo")                                                                    \
    X(PLAN, "plan")           /* 方案 */                                               \
    X(DATE, "follow_up_date") /* 跟踪回访日期 */                                   \
    X(ATTENDEES, "attendees") /* 参会人员 */                                         \
    X(FILING, "filing")       /* 镇街备案: a record goes to the street of the case */
#define X(name, text) STEP_NEEDS_##name,
enum step_need { STEP_NEEDS(X) STEP_NEED_COUNT };
#undef X
extern const char *const step_need_names[STEP_NEED_COUNT];

/* A stage of an SLA class 阶段时限: 围护, 修复, 恢复; 停工, 处罚, 拆除; the five steps
 * 五步工作法. One after the other, each with its own budget, which begins where the one
 * before ended. */
struct sla_step {
    const char *name, *title;
    struct budget budget;
    unsigned needs; /* one bit for each enum step_need */
};

struct sla_class {
    const char *name;
    struct budget budgets[CLOCK_COUNT]; /* amount 0: no such clock */
    struct sla_ladder ladder;
    struct sla_step steps[SLA_STEPS_MAX];
    int n_steps;
    int line; /* in sla.json */
};

/* handling.json 办理规则: what holds for every case, whatever its SLA class. */
struct handling {
    struct budget desk;   /* a case that needs a human waits at the desk (DOMAIN 10 no. 4:
                             30 minutes) */
    struct budget review; /* 审核: the desk looks at what was submitted */
    struct budget follow_up;    /* 回访 */
    struct budget adjudication; /* 裁定 */
    struct budget transfer_ack; /* 110, 119, 120, 122 confirm that they have it (DOMAIN 10
                                   no. 3: 60 seconds) */
    struct sla_ladder ladder;   /* of the clocks above */
    struct budget return_window;  /* 退单: may be asked for so long after dispatch */
    struct budget request_review; /* no decision on a request in this time: it is refused
                                     (no. 10: 4 work hours) */
    bool return_pauses;  /* the handling clock stands still while a return is decided
                            首接负责: usually not */
    int32_t returns_max; /* so many returns of a case are decided by the desk, the next is
                            adjudicated */
    int32_t extensions_max;         /* 延期: granted at most so often (no. 16) */
    int32_t extension_desk_percent; /* the desk may add so much of the budget, more is for
                                       the district */
    int32_t suspension_days_max; /* 挂账: the review date is at most so many natural days
                                    away (no. 16: 30) */
    struct budget redo;  /* 重办 after a follow-up (no. 18: 3 work days); amount 0: the
                            handling clock runs on */
    int32_t redos_max;   /* then it is supervised 督办 */
    int32_t reopen_days; /* 重办 of a closed case within so many natural days (no. 15: 7)
                          */
    bool merge_reopens;  /* a complaint about a case closed within reopen_days reopens it;
                            else it is a new case */
    int32_t cluster_reporters, cluster_hours; /* 群体预警: so many different reporters
                                                 within so many hours (no. 14) */
    const char *callback; /* the call-back link in resolutions, "{case}" stands for the
                             case id; "": none */
    struct names return_reasons, extension_reasons, suspension_reasons,
            termination_reasons; /* codes 原因代码 */
};

/* contacts.csv: who answers for a unit or a place. */
#define CONTACT_DUTIES(X)                                                                \
    X(HEAD, "head")       /* 负责人 */                                                \
    X(DUTY, "duty")       /* 值班 */                                                   \
    X(SPONSOR, "sponsor") /* 包联: the cadre linked to a place gets a copy */
#define X(name, text) CONTACT_##name,
enum contact_duty { CONTACT_DUTIES(X) CONTACT_DUTY_COUNT };
#undef X
extern const char *const contact_duty_names[CONTACT_DUTY_COUNT];

struct contact {
    enum contact_duty duty;
    const char *staff, *name; /* staff id, name; of officials, never of residents */
    const struct unit *unit;  /* whose; NULL: a place's */
    const struct place *place;
    const char *cover; /* staff id of who stands in while absent; "": nobody */
    const struct contact *stand_in; /* a row of the cover's; NULL: nobody */
    unsigned weekdays;              /* bit 0: Monday; 0: every day */
    int32_t from, to; /* minutes of the day; equal: all day; from > to: over midnight */
    instant valid_from, valid_to;
    int line; /* in contacts.csv */
};

/* Rows of contacts.csv with the duty `absent`. */
struct absence {
    const char *staff;
    instant from, to; /* [from, to); never: open */
    int line;
};

/* Somebody to name. */
struct contact_person {
    const struct contact *duty;   /* the row that says whose matter it is */
    const struct contact *person; /* who it is: that row, or one of who stands in */
};

struct category {
    const char *code; /* 2+2+2 digits */
    const char *level1, *name;
    enum urgency urgency;
    enum nature nature; /* unless the text says otherwise */
    const struct sla_class *sla;
    bool physical;    /* closing needs a photo */
    bool grass_roots; /* a grid, community or property firm may lead (社区职责清单) */
    int line;         /* in categories.csv */
};

/* rules.csv: words that vote for a category, an urgency, a nature or an emergency exit. A
 * rule holds when the text has one of any (when given), all of all and none of none; what
 * a term may be: rule_term.h. */
enum rule_kind { RULE_CATEGORY, RULE_URGENCY, RULE_NATURE, RULE_EXIT, RULE_KIND_COUNT };
extern const char *const rule_kind_names[RULE_KIND_COUNT];

enum { RULE_PRIORITY_PLAIN = 5 };

struct rule {
    const char *id;
    enum rule_kind kind;
    int target; /* index into categories, an urgency, a nature, or an exit line: 110, 119,
                   120, 122 */
    int32_t priority; /* 0 to 9, plain 5: one that holds silences those of its kind below
                         it */
    struct names any, all, none;
    int32_t weight; /* 1 to 100; how much it says for its target */
    int line;       /* in rules.csv */
};

/* catalogue.csv 派单目录: the first row by precedence (lower first) that fits leads. */
enum lead_role {
    LEAD_UNIT,
    LEAD_PROPERTY,
    LEAD_COMMITTEE, /* 业主委员会 of the estate */
    LEAD_DEVELOPER, /* 建设单位 of the estate, within the warranty */
    LEAD_GRID,      /* 网格服务队 of the nearest grid */
    LEAD_COMMUNITY,
    LEAD_STREET,
    LEAD_OWNER /* 产权单位 of the asset that the row names */
};

struct party {
    enum lead_role role;     /* "property", "committee", "grid", "community", "street" by
                                place, "owner" of the asset, or a unit's code */
    const struct unit *unit; /* of LEAD_UNIT */
    bool mandatory; /* of an assisting one: nothing is submitted before its part is done
                     */
};

enum { ASSISTS_MAX = 6 };

/* When a row holds: by the hour at which it happened, or by whether offices are open when
 * we receive it. */
enum row_hours { HOURS_ALWAYS, HOURS_WORK, HOURS_OFF, HOURS_SPAN };

struct catalogue_row {
    const char *id;
    const struct category *category; /* NULL: every category of category_prefix */
    const char *category_prefix;     /* "05", "0501", "" = all */
    int place_type; /* a place_type, or -1: any, with or without a place */
    const struct place_level *place_level; /* only places of this level; NULL: any of that
                                              type */
    bool needs_place;                      /* without a known place a human decides */
    unsigned urgencies;                    /* one bit for each enum urgency; 0: any */
    const char *estate_type;               /* of the estate; "": any, or no estate */
    enum row_hours hours; /* work: office hours 工作时 of the calendar; off: the others */
    int32_t from, to;     /* HOURS_SPAN: minutes of the day; from > to: over midnight */
    const char *asset;    /* a kind of assets.csv, whose owner leads; "": none */
    struct party lead;
    struct party assists[ASSISTS_MAX];
    int n_assists;
    const struct sla_class *sla; /* NULL: the category's */
    int32_t precedence;
    instant valid_from, valid_to;
    int line;
};

/* pools.csv 认领池: to whom an order may be offered 群众点单、社区派单、党群接单
 * (volunteers, a partner alliance); the first of its members to claim it leads. */
struct pool {
    const char *code; /* like a unit's, and of no unit */
    const char *name;
    const struct points_ledger *ledger; /* points.h; in which it has an account; NULL:
                                           none */
    const struct unit **members;
    size_t n_members;
    int line; /* in pools.csv */
};

/* schedules.csv 例行工单: joint patrols, duty. */
struct schedule {
    const char *id; /* 1 to 31 of a-z, 0-9 and - */
    const char *title, *text;
    const struct category *category;
    const struct unit *lead;
    const struct unit *assists[ASSISTS_MAX];
    int n_assists;
    const struct place *place; /* NULL: none */
    struct schedule_rule rule;
    int32_t catch_up; /* so many missed ones at most are opened after an outage */
    int line;         /* in schedules.csv */
};

/* whistle.json 吹哨报到: a street summons units, who have to check in by a deadline. */
#define WHISTLE_TYPES(X)                                                                 \
    X(ENFORCEMENT, "enforcement") /* 综合执法 */                                     \
    X(KEY_WORK, "key_work")       /* 重点工作 */                                     \
    X(EMERGENCY, "emergency")     /* 应急 */
#define X(name, text) WHISTLE_TYPE_##name,
enum whistle_type { WHISTLE_TYPES(X) WHISTLE_TYPE_COUNT };
#undef X
extern const char *const whistle_type_names[WHISTLE_TYPE_COUNT];

struct whistle_class {
    struct budget check_in; /* 报到时限, from the whistle on; amount 0: nobody may whistle
                               for this */
    struct sla_ladder ladder;
    bool dispute_needs_check_in; /* who says it is not its matter has to come first */
    int32_t low, high; /* 吹哨率: fewer or more than so many by a street in a month are a
                          warning */
    int line;          /* in whistle.json */
};

struct whistle_rules {
    struct whistle_class classes[WHISTLE_TYPE_COUNT];
    struct names absence_reasons; /* codes 缺席原因 */
};

enum { POLICY_MODEL_NO_CATEGORY = -1 };
#define POLICY_MODEL_RULE "model" /* as what it stands in evidence */

/* assets.csv 部件权属: who owns what stands in the street; in file order. */
struct asset {
    const char *id, *kind;     /* manhole 井盖, pole 杆线, hydrant 消火栓 … */
    const struct place *place; /* NULL: anywhere */
    struct names marks;        /* words on it that tell the owner; none: any */
    const struct unit *owner;
    instant valid_from, valid_to;
    int line;
};

struct policy {
    const char *version; /* "<name>@<first 12 hex digits of SHA-256 over all files>" */
    const char *name;
    const struct unit *desk;     /* the hotline desk */
    const struct unit *district; /* the root */
    int32_t confidence_min;      /* percent: below it a human decides */
    int32_t merge_window_hours;  /* same place and category within it: perhaps the same
                                    matter */
    int32_t merge_similarity;    /* percent */
    int32_t merge_similarity_same_person; /* percent, when the same person says it again
                                           */
    struct handling handling;
    struct contact *contacts; /* units' by code, then places' by code; of one in file
                                 order */
    size_t n_contacts;
    struct absence *absences; /* sorted by staff */
    size_t n_absences;
    struct unit *units; /* sorted by code */
    size_t n_units;
    struct place_level *levels; /* sorted by name */
    size_t n_levels;
    struct place *places; /* sorted by code */
    size_t n_places;
    struct house_numbers *house_numbers; /* sorted by road, then from */
    size_t n_house_numbers;
    struct geo *geo;             /* geo.h; NULL: no boundaries.geojson */
    struct boundary *boundaries; /* in file order */
    size_t n_boundaries;
    struct category *categories; /* sorted by code */
    size_t n_categories;
    struct rule *rules; /* in file order */
    size_t n_rules;
    struct asset *assets; /* in file order */
    size_t n_assets;
    struct catalogue_row *catalogue; /* sorted by precedence, then line */
    size_t n_catalogue;
    struct sla_class *sla_classes; /* sorted by name */
    size_t n_sla_classes;
    struct calendar calendar;
    const char **holidays; /* by day as in the calendar: what its yearly file calls it, or
                              NULL */
    struct pool *pools;    /* sorted by code */
    size_t n_pools;
    struct schedule *schedules; /* sorted by id */
    size_t n_schedules;
    struct whistle_rules whistle;
    const struct points_book *points; /* points.h; NULL: no ledger.json */
    struct textmodel *model;          /* textmodel.h; NULL: no model.bin */
    const int32_t *model_category;    /* by label of the model: index into categories, or
                                         POLICY_MODEL_NO_CATEGORY */
    struct arena *arena;              /* owns all of the above */
};

/* Problems and warnings, one per line "file:line: sentence", in the order found. */
struct policy_report {
    size_t n_problems, n_warnings;
    FILE *out; /* where they are printed; NULL: only counted */
};

/* Loads and validates everything; false (ERR_FATAL bad_policy) when there was any
 * problem. `now` decides whether the coming year's calendar is missed. */
MUST_USE bool policy_load(struct policy **out, const char *dir, instant now,
        struct policy_report *report, struct error *err);
void policy_free(struct policy *policy);

/* NULL when there is none. */
const struct unit *policy_unit(const struct policy *policy, struct str code);
const struct place *policy_place(const struct policy *policy, struct str code);
const struct place_level *policy_level(const struct policy *policy, struct str name);
const struct category *policy_category(const struct policy *policy, struct str code);
const struct sla_class *policy_sla_class(const struct policy *policy, struct str name);
const struct pool *policy_pool(const struct policy *policy, struct str code);
const struct schedule *policy_schedule(const struct policy *policy, struct str id);

/* True when the unit may claim what is offered to the pool. */
bool pool_has(const struct pool *pool, const struct unit *unit);

/* What the yearly files call a holiday, or a day worked instead of one; "" when they list
 * no such day. */
const char *policy_holiday(const struct policy *policy, int32_t day);

/* What it is called in places.csv: a level or a type. */
const char *place_level_name(const struct place *place);
bool place_is_part(const struct place *place);

/* The nearest of that type at or above place; NULL when there is none. */
const struct place *place_up(const struct place *place, enum place_type type);

/* The street office, neighbourhood committee or grid team that governs place; NULL when
 * there is none. */
const struct unit *place_governor(const struct place *place, enum unit_type type);

/* Whom to name at that instant: who is on duty for the unit, then for the nearest place
 * at or above `place` where anybody is; NULL: asks for none. Who is absent is replaced by
 * the cover, by the cover's cover when that one is away, too; nobody is named twice. How
 * many went to out, at most max. */
size_t policy_contacts(const struct policy *policy, const struct unit *unit,
        const struct place *place, instant at, struct contact_person *out, size_t max);

bool unit_valid_at(const struct unit *unit, instant at);
bool place_valid_at(const struct place *place, instant at);
bool boundary_valid_at(const struct boundary *boundary, instant at);

/* The rows of the road, NULL and *n = 0 when there are none. */
const struct house_numbers *policy_house_numbers(
        const struct policy *policy, const char *road, size_t *n);

bool house_on_side(enum house_side side, int32_t number);
/* The row has that house at that time. */
bool house_numbers_have(const struct house_numbers *row, int32_t number, instant at);

/* True when place is other or lies below it in the tree. */
bool place_within(const struct place *place, const struct place *other);

/* The places whose boundaries of that instant hold the point, in no order; at most max go
 * to out, returns how many. Coordinates are WGS 84 degrees. One thread at a time; GEOS
 * allocates (geo.h). policy_boundaries.c */
size_t policy_places_at(const struct policy *policy, double lon, double lat, instant at,
        const struct place **out, size_t max);

/* What a row of the catalogue is held against. */
struct catalogue_query {
    const struct category *category;
    const struct place *place; /* NULL: not known */
    enum urgency urgency;
    instant at;       /* of the event: whose it was then */
    instant received; /* by us: whether an office is open to take it */
    struct str text;  /* the marks of an asset's owner are looked for in it */
};

/* The row is valid then and meant for that category, kind of place and time. Without a
 * known place (NULL) a row for one type of place fits only when it needs a place, because
 * then a human has to find it. */
bool catalogue_fits(const struct policy *policy, const struct catalogue_row *row,
        const struct catalogue_query *query);

/* The unit that a party means at place (NULL: not known), by the places that were valid
 * then; NULL when there is none. */
const struct unit *party_unit(
        const struct party *party, const struct place *place, instant at);

/* Who leads by this row: the same, or the owner of its asset. NULL when there is none. */
const struct unit *catalogue_lead(const struct policy *policy,
        const struct catalogue_row *row, const struct catalogue_query *query);

/* 基层: a community, a grid's team or a property firm. It leads what the duty list
 * (grass_roots of the category) leaves to it. */
bool unit_grass_roots(const struct unit *unit);

/* True when unit is other or lies below it in the tree. */
bool unit_within(const struct unit *unit, const struct unit *other);

/* 回避: the other one, who lies below it in the tree, and who reads its orders from the
 * queue of one of these. Who answers to the accused does not judge it. */
bool unit_answers_to(const struct unit *unit, const struct unit *other);

/* By its code, name, short name or an alias; NULL: none. */
bool unit_named(const struct unit *unit, struct str name);
const struct unit *policy_unit_named(const struct policy *policy, struct str name);

#endif
