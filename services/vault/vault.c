#include "arena.h"
#include "log.h"
#include "metrics.h"
#include "projection.h"
#include "service.h"
#include "topics.h"
#include "vault_io.h"

#include <stdio.h>
#include <stdlib.h>

/* The data stays encrypted here as it is in the topic; the key is intake's and not known
 * to the file. */
static const char SCHEMA[] = "CREATE TABLE identity(case_id TEXT PRIMARY KEY, alg TEXT "
                             "NOT NULL, key TEXT NOT NULL,"
                             " nonce TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;";

static struct vault_settings {
    const char *path;
} settings;

static const struct config_row rows[] = {
        {"CHUISHAO_VAULT_DB", CONFIG_TEXT, offsetof(struct vault_settings, path), "",
                false,
                "the SQLite file; empty: vault.sqlite in CHUISHAO_RUN_DIR; may be "
                "deleted while the vault is stopped"},
};

struct vault {
    struct projection_spec spec;
    struct projection *projection;
    struct bus_config bus;
    struct json_reader *reader;
    struct arena arena; /* of one message */
    struct sql_stmt *put, *erase, *count;
    struct metric *rows, *erased;
    char topic[TOPIC_NAME_SIZE];
    const char *topics[1];
};

static bool apply(void *ctx, const struct bus_msg *msg, struct error *err)
{
    struct vault *vault = ctx;
    if (msg->tombstone) {
        sql_bind_str(vault->erase, 1, msg->key);
        metric_add(vault->erased, 1);
        return sql_run(vault->erase, err);
    }
    arena_reset(&vault->arena);
    struct vault_identity identity;
    if (!vault_identity_read(vault->reader, msg->value, &identity, &vault->arena, err))
        return false;
    if (!str_eq(identity.case_id, msg->key)) /* its tombstone would erase another case */
        return error_set(
                err, ERR_INVALID, "wrong_key", "the record's key is not its case");
    sql_bind_str(vault->put, 1, identity.case_id);
    sql_bind_str(vault->put, 2, identity.alg);
    sql_bind_str(vault->put, 3, identity.key);
    sql_bind_str(vault->put, 4, identity.nonce);
    sql_bind_str(vault->put, 5, identity.data);
    return sql_run(vault->put, err);
}

static bool between(void *ctx, struct error *err)
{
    struct vault *vault = ctx;
    bool row;
    if (!sql_step(vault->count, &row, err))
        return false;
    metric_set(vault->rows, row ? (double)sql_int(vault->count, 0) : 0);
    sql_reset(vault->count);
    return true;
}

static void vault_close(void *ctx)
{
    struct vault *vault = ctx;
    if (!vault)
        return;
    sql_done(vault->put);
    sql_done(vault->erase);
    sql_done(vault->count);
    projection_close(vault->projection);
    json_reader_close(vault->reader);
    arena_done(&vault->arena);
    free(vault);
}

static void *vault_open(
        const struct service_env *env, struct stage_spec *spec, struct error *err)
{
    (void)spec; /* the vault is no stage: it decides nothing */
    char path[1024];
    struct vault *vault = calloc(1, sizeof *vault);
    if (!vault) {
        (void)error_set(err, ERR_FATAL, "out_of_memory",
                "no memory to start with"); /* NULL says it failed */
        return NULL;
    }
    vault->bus = env->bus;
    vault->reader = json_reader_open();
    vault->rows = metric_gauge(
            "chuishao_vault_rows", "", "cases whose reporter's identity is kept");
    vault->erased = metric_counter(
            "chuishao_vault_erased_total", "", "erasures carried out");
    topic_name(vault->topic, TOPIC_IDENTITY, env->config->lane);
    vault->topics[0] = vault->topic;
    vault->spec = (struct projection_spec){
            .name = "vault",
            .topics = vault->topics,
            .n_topics = 1,
            .n_required = 1,
            .schema = SCHEMA,
            .schema_version = 1,
            .apply = apply,
            .between = between,
            .ctx = vault,
    };
    projection_path(path, sizeof path, env->config, "vault", settings.path);
    if (projection_open(&vault->projection, &vault->spec, path, err)) {
        struct sql *sql = projection_sql(vault->projection);
        /* What is erased is overwritten in the file, not only unlinked. */
        if (sql_exec(sql, "PRAGMA secure_delete=ON", err) &&
                sql_prepare(&vault->put, sql,
                        "INSERT OR REPLACE INTO identity VALUES (?1, ?2, ?3, ?4, ?5)",
                        err) &&
                sql_prepare(&vault->erase, sql, "DELETE FROM identity WHERE case_id = ?1",
                        err) &&
                sql_prepare(&vault->count, sql, "SELECT count(*) FROM identity", err))
            return vault;
    }
    vault_close(vault);
    return NULL;
}

static bool vault_run(void *ctx, const volatile int *stop, struct error *err)
{
    struct vault *vault = ctx;
    return projection_run(vault->projection, &vault->bus, stop, err);
}

static bool vault_ready(void *ctx)
{
    const struct vault *vault = ctx;
    return projection_ready(vault->projection);
}

int main(int argc, char **argv)
{
    const struct service service = {
            .name = "vault",
            .purpose = "keeps reporters' encrypted identities and erases them; gives "
                       "nothing out",
            .rows = rows,
            .n_rows = sizeof rows / sizeof *rows,
            .own = &settings,
            .open = vault_open,
            .close = vault_close,
            .run = vault_run,
            .ready = vault_ready,
    };
    return service_main(&service, argc, argv);
}
