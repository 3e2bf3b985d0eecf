#include "whistle_db.h"
#include "metrics.h"
#include "whistle_month.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

/* ---- reading events ---- */

struct wire_summoned {
    struct str unit, role;
};

struct wire_clock {
    instant due;
};

struct wire_new {
    struct str stage, type, unit, role, text;
    struct wire_place {
        struct str code, name;
    } place;
    struct json_list units, clocks;
    instant due;
    bool late;
    int64_t score;
};

struct wire_whistle {
    struct str id, kind;
    int64_t seq;
    instant at;
    struct wire_actor {
        struct str unit;
    } actor;
    struct wire_why {
        struct str reason_code;
    } why;
    struct wire_new fresh;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEXT(type, member)                                                               \
    {.name = #member, .kind = JSON_STR, .offset = offsetof(type, member)}
#define SUB(type, field, member, fields)                                                 \
    {.name = field,                                                                      \
            .kind = JSON_OBJECT,                                                         \
            .offset = offsetof(type, member),                                            \
            .max = COUNT(fields),                                                        \
            .sub = fields}

static const struct json_field summoned_fields[] = {
        TEXT(struct wire_summoned, unit), TEXT(struct wire_summoned, role)};
static const struct json_field clock_fields[] = {
        {.name = "due", .kind = JSON_INSTANT, .offset = offsetof(struct wire_clock, due)},
};
static const struct json_field place_fields[] = {
        TEXT(struct wire_place, code), TEXT(struct wire_place, name)};
static const struct json_field actor_fields[] = {TEXT(struct wire_actor, unit)};
static const struct json_field why_fields[] = {TEXT(struct wire_why, reason_code)};
static const struct json_field new_fields[] = {
        TEXT(struct wire_new, stage),
        TEXT(struct wire_new, type),
        TEXT(struct wire_new, unit),
        TEXT(struct wire_new, role),
        TEXT(struct wire_new, text),
        SUB(struct wire_new, "place", place, place_fields),
        {.name = "units",
                .kind = JSON_LIST,
                .offset = offsetof(struct wire_new, units),
                .max = COUNT(summoned_fields),
                .sub = summoned_fields,
                .item_size = sizeof(struct wire_summoned)},
        {.name = "clocks",
                .kind = JSON_LIST,
                .offset = offsetof(struct wire_new, clocks),
                .max = COUNT(clock_fields),
                .sub = clock_fields,
                .item_size = sizeof(struct wire_clock)},
        {.name = "due", .kind = JSON_INSTANT, .offset = offsetof(struct wire_new, due)},
        {.name = "late", .kind = JSON_BOOL, .offset = offsetof(struct wire_new, late)},
        {.name = "score", .kind = JSON_INT, .offset = offsetof(struct wire_new, score)},
};
static const struct json_field event_fields[] = {
        {.name = "case",
                .kind = JSON_STR,
                .offset = offsetof(struct wire_whistle, id),
                .required = true},
        {.name = "kind",
                .kind = JSON_STR,
                .offset = offsetof(struct wire_whistle, kind),
                .required = true},
        {.name = "seq",
                .kind = JSON_INT,
                .offset = offsetof(struct wire_whistle, seq),
                .required = true},
        {.name = "at",
                .kind = JSON_INSTANT,
                .offset = offsetof(struct wire_whistle, at),
                .required = true},
        SUB(struct wire_whistle, "actor", actor, actor_fields),
        SUB(struct wire_whistle, "why", why, why_fields),
        SUB(struct wire_whistle, "new", fresh, new_fields),
};

/* ---- writing ---- */

/* Each begins with the whistle's id; what the others are is said where it is bound. */
#define STATEMENTS(X)                                                                    \
    X(GET, "SELECT seq FROM whistles WHERE whistle_id = ?1")                             \
    X(SEEN, "INSERT INTO whistles(whistle_id, seq) VALUES (?1, ?2) ON "                  \
            "CONFLICT(whistle_id) DO UPDATE SET seq = excluded.seq")                     \
    X(ISSUED, "UPDATE whistles SET type = ?2, street = ?3, place = ?4, place_name = "    \
              "?5, text = ?6, stage = ?7, issued_at = ?8, due = ?9 WHERE whistle_id = "  \
              "?1")                                                                      \
    X(SUMMONED, "INSERT OR IGNORE INTO summons(whistle_id, unit, role) VALUES (?1, ?2, " \
                "?3)")                                                                   \
    X(CHECKED_IN, "UPDATE summons SET arrived_at = ?3, absent = ?4 WHERE whistle_id = "  \
                  "?1 AND unit = ?2")                                                    \
    X(ABSENT, "UPDATE summons SET absent = 1 WHERE whistle_id = ?1 AND unit = ?2")       \
    X(EXPLAINED, "UPDATE summons SET reason_code = ?3 WHERE whistle_id = ?1 AND unit = " \
                 "?2")                                                                   \
    X(DISPUTE, "UPDATE summons SET dispute = ?3 WHERE whistle_id = ?1 AND unit = ?2")    \
    X(FINISHED, "UPDATE whistles SET stage = ?2, finished_at = ?3 WHERE whistle_id = "   \
                "?1")                                                                    \
    X(NOT_NEEDED, "UPDATE summons SET absent = 0 WHERE whistle_id = ?1 AND arrived_at "  \
                  "= 0 AND (SELECT due FROM whistles WHERE whistle_id = ?1) > ?2")       \
    X(SCORE, "UPDATE summons SET score = ?3 WHERE whistle_id = ?1 AND unit = ?2")        \
    X(SCORE_OF_ISSUER, "UPDATE summons SET score_of_issuer = ?3 WHERE whistle_id = ?1 "  \
                       "AND unit = ?2")                                                  \
    X(DUE, "UPDATE whistles SET due = ?2 WHERE whistle_id = ?1")                         \
    X(UNITS, "SELECT unit, sum(" SUMMONS_ON_TIME "), sum(" SUMMONS_LATE                  \
             "), sum(" SUMMONS_NO_SHOW "), sum(arrived_at > 0), total(CASE WHEN "        \
             "arrived_at > 0 THEN arrived_at - issued_at END) / 1000 FROM summons JOIN " \
             "whistles USING (whistle_id) GROUP BY unit")                                \
    X(STREETS, "SELECT street, type, count(*), sum(stage = 'FINISHED') FROM whistles "   \
               "WHERE street IS NOT NULL GROUP BY street, type")                         \
    X(MONTH, "SELECT count(*) FROM whistles WHERE street = ?1 AND type = ?2 AND "        \
             "issued_at >= ?3 AND issued_at < ?4")
#define X(name, text) STATEMENT_##name,
enum statement { STATEMENTS(X) STATEMENT_COUNT };
#undef X
#define X(name, text) text,
static const char *const statement_texts[STATEMENT_COUNT] = {STATEMENTS(X)};
#undef X

struct whistle_db {
    struct sql_stmt *statements[STATEMENT_COUNT];
};

void whistle_db_close(struct whistle_db *db)
{
    if (!db)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sql_done(db->statements[i]);
    free(db);
}

bool whistle_db_open(struct whistle_db **out, struct sql *sql, struct error *err)
{
    struct whistle_db *db = calloc(1, sizeof *db);
    if (!db)
        exit(EX_OSERR);
    bool done = true;
    for (int i = 0; done && i < STATEMENT_COUNT; i++)
        done = sql_prepare(&db->statements[i], sql, statement_texts[i], err);
    if (done)
        *out = db;
    else
        whistle_db_close(db);
    return done;
}

static struct sql_stmt *begin(
        struct whistle_db *db, enum statement statement, const struct wire_whistle *wire)
{
    sql_bind_str(db->statements[statement], 1, wire->id);
    return db->statements[statement];
}

static struct sql_stmt *about_unit(
        struct whistle_db *db, enum statement statement, const struct wire_whistle *wire)
{
    struct sql_stmt *stmt = begin(db, statement, wire);
    sql_bind_str(stmt, 2, wire->fresh.unit);
    return stmt;
}

static bool write_issued(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    const struct wire_new *fresh = &wire->fresh;
    const struct wire_summoned *units = fresh->units.items;
    const struct wire_clock *clocks = fresh->clocks.items;
    struct sql_stmt *stmt = begin(db, STATEMENT_ISSUED, wire);
    sql_bind_str(stmt, 2, fresh->type);
    sql_bind_str(stmt, 3, fresh->unit);
    sql_bind_str(stmt, 4, fresh->place.code);
    sql_bind_str(stmt, 5, fresh->place.name);
    sql_bind_str(stmt, 6, fresh->text);
    sql_bind_str(stmt, 7, fresh->stage);
    sql_bind_int(stmt, 8, wire->at.ms);
    sql_bind_int(stmt, 9, fresh->clocks.n ? clocks[0].due.ms : 0);
    bool ok = sql_run(stmt, err);
    for (size_t i = 0; ok && i < fresh->units.n; i++) {
        stmt = begin(db, STATEMENT_SUMMONED, wire);
        sql_bind_str(stmt, 2, units[i].unit);
        sql_bind_str(stmt, 3, units[i].role);
        ok = sql_run(stmt, err);
    }
    return ok;
}

static bool write_checked_in(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    struct sql_stmt *stmt = about_unit(db, STATEMENT_CHECKED_IN, wire);
    sql_bind_int(stmt, 3, wire->at.ms);
    sql_bind_int(stmt, 4, wire->fresh.late);
    return sql_run(stmt, err);
}

static bool write_absent(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    return sql_run(about_unit(db, STATEMENT_ABSENT, wire), err);
}

static bool write_explained(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    struct sql_stmt *stmt = about_unit(db, STATEMENT_EXPLAINED, wire);
    sql_bind_str(stmt, 3, wire->why.reason_code);
    return sql_run(stmt, err);
}

/* "whistle_disputed", "whistle_released", "whistle_kept" */
static bool write_dispute(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    static const size_t prefix = sizeof "whistle_" - 1;
    struct sql_stmt *stmt = about_unit(db, STATEMENT_DISPUTE, wire);
    sql_bind_str(stmt, 3, (struct str){wire->kind.ptr + prefix, wire->kind.len - prefix});
    return sql_run(stmt, err);
}

/* An end before the deadline leaves nobody absent. */
static bool write_finished(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    struct sql_stmt *stmt = begin(db, STATEMENT_FINISHED, wire);
    sql_bind_str(stmt, 2, wire->fresh.stage);
    sql_bind_int(stmt, 3, wire->at.ms);
    if (!sql_run(stmt, err))
        return false;
    stmt = begin(db, STATEMENT_NOT_NEEDED, wire);
    sql_bind_int(stmt, 2, wire->at.ms);
    return sql_run(stmt, err);
}

static bool write_scored(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    bool of_issuer = str_is(wire->fresh.role, "issuer");
    struct sql_stmt *stmt = about_unit(
            db, of_issuer ? STATEMENT_SCORE_OF_ISSUER : STATEMENT_SCORE, wire);
    if (of_issuer)
        sql_bind_str(stmt, 2, wire->actor.unit);
    sql_bind_int(stmt, 3, wire->fresh.score);
    return sql_run(stmt, err);
}

static bool write_due(
        struct whistle_db *db, const struct wire_whistle *wire, struct error *err)
{
    struct sql_stmt *stmt = begin(db, STATEMENT_DUE, wire);
    sql_bind_int(stmt, 2, wire->fresh.due.ms);
    return sql_run(stmt, err);
}

/* Other kinds (reminder, escalated) change no figure. */
static const struct writer {
    const char *kind;
    bool (*write)(
            struct whistle_db *db, const struct wire_whistle *wire, struct error *err);
} writers[] = {
        {"whistle_issued", write_issued},
        {"whistle_checked_in", write_checked_in},
        {"whistle_absent", write_absent},
        {"whistle_absence_explained", write_explained},
        {"whistle_disputed", write_dispute},
        {"whistle_released", write_dispute},
        {"whistle_kept", write_dispute},
        {"whistle_finished", write_finished},
        {"whistle_scored", write_scored},
        {"reprojected", write_due},
};

static bool last_seq(struct whistle_db *db, const struct wire_whistle *wire, int64_t *seq,
        struct error *err)
{
    struct sql_stmt *stmt = begin(db, STATEMENT_GET, wire);
    bool found;
    if (!sql_step(stmt, &found, err))
        return false;
    *seq = found ? sql_int(stmt, 0) : 0;
    sql_reset(stmt);
    return true;
}

bool whistle_db_event(struct whistle_db *db, struct json_reader *reader, struct str value,
        struct arena *arena, enum board_step *step, int64_t *before, struct error *err)
{
    struct wire_whistle wire = {0};
    if (!json_read(reader, value, event_fields, COUNT(event_fields), &wire, arena, err) ||
            !last_seq(db, &wire, before, err))
        return false;
    *step = wire.seq <= *before       ? BOARD_REPEATED
            : wire.seq != *before + 1 ? BOARD_TAKEN_GAP
                                      : BOARD_TAKEN;
    if (*step == BOARD_REPEATED)
        return true;
    struct sql_stmt *stmt = begin(db, STATEMENT_SEEN, &wire);
    sql_bind_int(stmt, 2, wire.seq);
    bool ok = sql_run(stmt, err);
    for (size_t i = 0; ok && i < COUNT(writers); i++)
        if (str_is(wire.kind, writers[i].kind))
            ok = writers[i].write(db, &wire, err);
    return ok;
}

/* ---- metrics ---- */

static void show(const char *name, const char *labels, const char *help, int64_t n)
{
    metric_set(metric_gauge(name, labels, help), (double)n);
}

/* What a rate is of: on_time, late and no_show add up to the settled summonses. */
static bool show_units(struct whistle_db *db, struct error *err)
{
    static const char *const results[] = {"on_time", "late", "no_show"};
    struct sql_stmt *stmt = db->statements[STATEMENT_UNITS];
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        struct str unit = sql_str(stmt, 0);
        char labels[96]; /* unit codes are short and plain */
        for (int i = 0; i < 3; i++) {
            (void)snprintf(labels, sizeof labels, "unit=\"%.*s\",result=\"%s\"",
                    STR_ARG(unit), results[i]);
            show("chuishao_whistle_check_ins", labels,
                    "settled summonses of whistles by result", sql_int(stmt, i + 1));
        }
        (void)snprintf(labels, sizeof labels, "unit=\"%.*s\"", STR_ARG(unit));
        show("chuishao_whistle_arrivals", labels,
                "check-ins, what the seconds to arrive are of", sql_int(stmt, 4));
        show("chuishao_whistle_arrival_seconds", labels,
                "seconds from the whistle to the check-in, in all", sql_int(stmt, 5));
    }
    return ok;
}

static bool show_streets(struct whistle_db *db, struct error *err)
{
    struct sql_stmt *stmt = db->statements[STATEMENT_STREETS];
    bool row, ok;
    while ((ok = sql_step(stmt, &row, err)) && row) {
        char labels[96];
        (void)snprintf(labels, sizeof labels, "street=\"%.*s\",type=\"%.*s\"",
                STR_ARG(sql_str(stmt, 0)), STR_ARG(sql_str(stmt, 1)));
        show("chuishao_whistles", labels, "whistles by street and type",
                sql_int(stmt, 2));
        show("chuishao_whistles_finished", labels,
                "whistles that their street has ended, of chuishao_whistles",
                sql_int(stmt, 3));
    }
    return ok;
}

bool whistle_db_metrics(struct whistle_db *db, struct error *err)
{
    return show_units(db, err) && show_streets(db, err);
}

static bool show_month(struct whistle_db *db, const struct unit *street, const char *type,
        const struct whistle_month *month, struct error *err)
{
    struct sql_stmt *stmt = db->statements[STATEMENT_MONTH];
    char labels[96];
    bool row;
    sql_bind_str(stmt, 1, str_of(street->code));
    sql_bind_str(stmt, 2, str_of(type));
    sql_bind_int(stmt, 3, month->from.ms);
    sql_bind_int(stmt, 4, month->to.ms);
    if (!sql_step(stmt, &row, err))
        return false;
    (void)snprintf(
            labels, sizeof labels, "street=\"%s\",type=\"%s\"", street->code, type);
    show("chuishao_whistles_month", labels, "whistles of the current Chinese month",
            sql_int(stmt, 0));
    sql_reset(stmt);
    return true;
}

static void show_limits(const struct whistle_class *class, const char *type)
{
    static const char help[] =
            "by the policy: a month of a street with fewer (low), when it is over, or "
            "more (high) is a warning";
    char labels[64];
    (void)snprintf(labels, sizeof labels, "type=\"%s\",bound=\"low\"", type);
    show("chuishao_whistles_month_limit", labels, help, class->low);
    (void)snprintf(labels, sizeof labels, "type=\"%s\",bound=\"high\"", type);
    show("chuishao_whistles_month_limit", labels, help, class->high);
}

bool whistle_db_month(struct whistle_db *db, const struct policy *policy, instant now,
        struct error *err)
{
    const struct whistle_month month = whistle_month_of((struct str){0}, now);
    bool ok = true;
    for (int type = 0; type < WHISTLE_TYPE_COUNT; type++) {
        const struct whistle_class *class = &policy->whistle.classes[type];
        if (class->check_in.amount <= 0)
            continue;
        show_limits(class, whistle_type_names[type]);
        for (size_t i = 0; ok && i < policy->n_units; i++)
            if (policy->units[i].type == UNIT_TYPE_STREET)
                ok = show_month(
                        db, &policy->units[i], whistle_type_names[type], &month, err);
    }
    return ok;
}
