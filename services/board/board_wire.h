/* An event as it came from Kafka, whoever it is about: a case, a whistle, an account. */
#ifndef CHUISHAO_BOARD_WIRE_H
#define CHUISHAO_BOARD_WIRE_H

#include "arena.h"
#include "board_core.h"
#include "json.h"

struct board_wire_clock {
    struct str clock;
    instant due;
};

struct board_wire_summoned {
    struct str unit, role;
};

struct board_wire_place {
    struct str code, name;
};

/* What is not said is zero: texts have ptr NULL. */
struct board_wire_new {
    struct str stage, unit, order, clock, role, text;
    struct str source, id, channel, nature, category, category_name, urgency, title,
            policy, line, master, outcome, result; /* of cases */
    struct str type;                               /* of whistles */
    bool late;
    int64_t score;
    struct str ledger, grade; /* of accounts */
    int64_t balance;
    instant due;
    struct board_wire_place place;
    struct json_list clocks; /* of struct board_wire_clock */
};

struct board_wire {
    struct str case_id, kind;
    int64_t seq;
    instant at;
    struct board_wire_actor {
        struct str unit;
    } actor;
    struct board_wire_why {
        struct str reason, reason_code, rule, policy;
    } why;
    struct board_wire_new fresh;
    struct json_list summoned; /* of struct board_wire_summoned: by a whistle_issued */
};

/* Texts live in the arena. ERR_INVALID when it is no event. */
MUST_USE bool board_wire_read(struct json_reader *reader, struct str text,
        struct arena *arena, struct board_wire *wire, struct error *err);

/* What an event of a case says to the core. Borrows from wire. */
struct board_event board_wire_case(const struct board_wire *wire);

struct board_wire_audit {
    struct str id, case_id, kind; /* case_id: ptr NULL when it is about none */
};

MUST_USE bool board_wire_read_audit(struct json_reader *reader, struct str text,
        struct arena *arena, struct board_wire_audit *audit, struct error *err);

#endif
