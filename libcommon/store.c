#include "store.h"
#include "log.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* KEYS state, due, lease. ARGV expected mark, new mark, then (key, due, state) for each
 * change; an empty state deletes, an empty due disarms; of several changes of one key the
 * last holds. Everything is checked before the first write; marks are compared as
 * strings. */
static const char APPLY_SCRIPT[] =
        "local mark = redis.call('HGET', KEYS[1], '@') or ''\n"
        "if mark ~= ARGV[1] then return mark end\n"
        "if (#ARGV - 2) % 3 ~= 0 then return redis.error_reply('ERR apply: arguments "
        "come in threes') end\n"
        "for i = 3, #ARGV, 3 do\n"
        "  if ARGV[i + 1] ~= '' and not tonumber(ARGV[i + 1]) then return "
        "redis.error_reply('ERR apply: due is not a number') end\n"
        "end\n"
        "if mark == '' then redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3]) end\n"
        "local last, set, del, arm, disarm = {}, {}, {}, {}, {}\n"
        "for i = 3, #ARGV, 3 do last[ARGV[i]] = i end\n"
        "for i = 3, #ARGV, 3 do\n"
        "  local key, due, state = ARGV[i], ARGV[i + 1], ARGV[i + 2]\n"
        "  if last[key] == i then\n"
        "    if state == '' then del[#del + 1] = key else set[#set + 1] = key; set[#set "
        "+ 1] = state end\n"
        "    if state == '' or due == '' then disarm[#disarm + 1] = key else arm[#arm + "
        "1] = due; arm[#arm + 1] = key end\n"
        "  end\n"
        "end\n"
        "local function each(command, key, list)\n"
        "  for i = 1, #list, 1000 do redis.call(command, key, unpack(list, i, math.min(i "
        "+ 999, #list))) end\n"
        "end\n"
        "each('HSET', KEYS[1], set)\n"
        "each('HDEL', KEYS[1], del)\n"
        "each('ZADD', KEYS[2], arm)\n"
        "each('ZREM', KEYS[2], disarm)\n"
        "redis.call('HSET', KEYS[1], '@', ARGV[2])\n"
        "return 'ok'\n";

/* KEYS due, lease. ARGV max, window, lease in ms. A lease is on (key, due): a key whose
 * due time moved can be claimed again at once. An expired lease is kept until here, for
 * it tells that a key was claimed in vain. */
static const char CLAIM_SCRIPT[] =
        "local t = redis.call('TIME')\n"
        "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
        "local max, lease = tonumber(ARGV[1]), tonumber(ARGV[3])\n"
        "local head = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', "
        "'LIMIT', 0, ARGV[2])\n"
        "local rows, ends, again, lent, out = {}, {}, 0, {}, {}\n"
        "for i = 1, #head, 2 do rows[#rows + 1] = head[i] .. ' ' .. head[i + 1] end\n"
        "if #rows > 0 and lease > 0 then ends = redis.call('ZMSCORE', KEYS[2], "
        "unpack(rows)) end\n"
        "for i = 1, #rows do\n"
        "  if #out >= 2 * max then break end\n"
        "  local before = ends[i]\n"
        "  if not before or tonumber(before) <= now then\n"
        "    if before then again = again + 1 end\n"
        "    lent[#lent + 1] = now + lease; lent[#lent + 1] = rows[i]\n"
        "    out[#out + 1] = head[2 * i - 1]; out[#out + 1] = head[2 * i]\n"
        "  end\n"
        "end\n"
        "if #lent > 0 and lease > 0 then redis.call('ZADD', KEYS[2], unpack(lent)) end\n"
        "if lease > 0 then redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now) end\n"
        "return {string.format('%.0f', now), tostring(again), out}\n";

/* KEYS state, due. ARGV 'states' or 'index', cursor, count. The due time is read off the
 * head of a snapshot as stage_snapshot.c writes it. */
static const char COMPARE_SCRIPT[] =
        "local states = ARGV[1] == 'states'\n"
        "local page = redis.call(states and 'HSCAN' or 'ZSCAN', KEYS[states and 1 or 2], "
        "ARGV[2], 'COUNT', ARGV[3])\n"
        "local function wanted(state)\n"
        "  local due = state and string.match(state, "
        "'^{\"offset\":%-?%d+,\"due\":(%-?%d+),')\n"
        "  return tonumber(due or '0')\n"
        "end\n"
        "local met, differ = 0, 0\n"
        "for i = 1, #page[2], 2 do\n"
        "  local key, value = page[2][i], page[2][i + 1]\n"
        "  if not states then\n"
        "    met = met + 1\n"
        "    if wanted(redis.call('HGET', KEYS[1], key)) == 0 then differ = differ + 1 "
        "end\n"
        "  elseif key ~= '@' and wanted(value) ~= 0 then\n"
        "    met = met + 1\n"
        "    local armed = redis.call('ZSCORE', KEYS[2], key)\n"
        "    if not armed or tonumber(armed) ~= wanted(value) then differ = differ + 1 "
        "end\n"
        "  end\n"
        "end\n"
        "return {page[1], tostring(met), tostring(differ)}\n";

enum { SHA_SIZE = 41, KEY_SIZE = 160, CONNECT_MS = 2000, CALL_MS = 10000 };

struct store {
    redisContext *redis; /* NULL: not connected */
    char *host, *password;
    int port, db;
    bool force;
    char apply_sha[SHA_SIZE], claim_sha[SHA_SIZE], compare_sha[SHA_SIZE];
};

/* ---- connection ---- */

static bool redis_failed(struct store *store, const char *what, struct error *err)
{
    (void)error_set(err, ERR_RETRY, "redis_away", "Redis at %s:%d: %s: %s", store->host,
            store->port, what,
            store->redis && store->redis->errstr[0] ? store->redis->errstr : "no answer");
    if (store->redis)
        redisFree(store->redis); /* a context is dead after any error */
    store->redis = NULL;
    return false;
}

/* Checks a reply and takes it away from the caller when it is an error. */
static bool reply_ok(
        struct store *store, redisReply **reply, const char *what, struct error *err)
{
    if (!*reply)
        return redis_failed(store, what, err);
    if ((*reply)->type != REDIS_REPLY_ERROR)
        return true;
    (void)error_set(err, ERR_RETRY, "redis_refused", "Redis at %s:%d: %s: %.120s",
            store->host, store->port, what, (*reply)->str);
    freeReplyObject(*reply);
    *reply = NULL;
    redisFree(
            store->redis); /* replies of a pipeline may still be under way: start over */
    store->redis = NULL;
    return false;
}

static bool command_text(struct store *store, char *out, size_t size, struct error *err,
        const char *what, int argc, const char **argv)
{
    redisReply *reply = redisCommandArgv(store->redis, argc, argv, NULL);
    if (!reply_ok(store, &reply, what, err))
        return false;
    const redisReply *text = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2
                                     ? reply->element[1]
                                     : reply;
    (void)snprintf(out, size, "%s", text->str ? text->str : "");
    freeReplyObject(reply);
    return true;
}

static bool check_settings(struct store *store, struct error *err)
{
    char evicts[32], keeps[8];
    if (!command_text(store, evicts, sizeof evicts, err, "CONFIG GET maxmemory-policy", 3,
                (const char *[]){"CONFIG", "GET", "maxmemory-policy"}) ||
            !command_text(store, keeps, sizeof keeps, err, "CONFIG GET appendonly", 3,
                    (const char *[]){"CONFIG", "GET", "appendonly"}))
        return false;
    if (strcmp(evicts, "noeviction") != 0)
        return error_set(err, ERR_FATAL, "redis_evicts",
                "Redis at %s:%d has maxmemory-policy %s: set it to noeviction, or timers "
                "get lost (CHUISHAO_REDIS_FORCE=1 overrides)",
                store->host, store->port, evicts);
    if (strcmp(keeps, "yes") != 0)
        return error_set(err, ERR_FATAL, "redis_no_aof",
                "Redis at %s:%d has appendonly %s: set it to yes, or every restart "
                "rebuilds from Kafka (CHUISHAO_REDIS_FORCE=1 overrides)",
                store->host, store->port, keeps);
    return true;
}

bool store_reconnect(struct store *store, struct error *err)
{
    if (store->redis)
        redisFree(store->redis);
    store->redis = redisConnectWithTimeout(
            store->host, store->port, (struct timeval){CONNECT_MS / 1000, 0});
    if (!store->redis || store->redis->err)
        return redis_failed(store, "connect", err);
    char text[64], db[12];
    (void)snprintf(db, sizeof db, "%d", store->db);
    if (redisSetTimeout(store->redis, (struct timeval){CALL_MS / 1000, 0}) != REDIS_OK)
        return redis_failed(store, "timeout", err);
    if (store->password[0] && !command_text(store, text, sizeof text, err, "AUTH", 2,
                                      (const char *[]){"AUTH", store->password}))
        return false;
    if (store->db && !command_text(store, text, sizeof text, err, "SELECT", 2,
                             (const char *[]){"SELECT", db}))
        return false;
    if (!store->force && !check_settings(store, err))
        return false;
    return command_text(store, store->apply_sha, SHA_SIZE, err, "SCRIPT LOAD", 3,
                   (const char *[]){"SCRIPT", "LOAD", APPLY_SCRIPT}) &&
           command_text(store, store->claim_sha, SHA_SIZE, err, "SCRIPT LOAD", 3,
                   (const char *[]){"SCRIPT", "LOAD", CLAIM_SCRIPT}) &&
           command_text(store, store->compare_sha, SHA_SIZE, err, "SCRIPT LOAD", 3,
                   (const char *[]){"SCRIPT", "LOAD", COMPARE_SCRIPT});
}

/* redis://[[user]:password@]host[:port][/db] */
static bool parse_url(struct store *store, const char *url, struct error *err)
{
    static const char SCHEME[] = "redis://";
    if (strncmp(url, SCHEME, sizeof SCHEME - 1) != 0)
        return error_set(err, ERR_FATAL, "bad_redis_url",
                "REDIS_URL must look like redis://[:password@]host:port[/db]");
    const char *rest = url + sizeof SCHEME - 1;
    const char *at = strrchr(rest, '@');
    if (at) {
        const char *colon = memchr(rest, ':', (size_t)(at - rest));
        const char *password = colon ? colon + 1 : rest;
        store->password = strndup(password, (size_t)(at - password));
        rest = at + 1;
    } else {
        store->password = strdup("");
    }
    size_t host = strcspn(rest, ":/");
    store->host = strndup(rest, host);
    rest += host;
    char *end = NULL;
    store->port = *rest == ':' ? (int)strtol(rest + 1, &end, 10) : 6379;
    rest = end ? end : rest;
    store->db = *rest == '/' && rest[1] ? (int)strtol(rest + 1, &end, 10) : 0;
    if (!store->host || !store->password || !host || store->port <= 0 ||
            store->port > 65535 || store->db < 0)
        return error_set(err, ERR_FATAL, "bad_redis_url",
                "REDIS_URL must look like redis://[:password@]host:port[/db]");
    return true;
}

bool store_open(struct store **out, const char *url, bool force, struct error *err)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return error_set(err, ERR_FATAL, "out_of_memory", "no memory for the store");
    store->force = force;
    if (!parse_url(store, url, err) || !store_reconnect(store, err)) {
        store_close(store);
        return false;
    }
    *out = store;
    return true;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->redis)
        redisFree(store->redis);
    free(store->host);
    free(store->password);
    free(store);
}

static bool connected(struct store *store, struct error *err)
{
    return store->redis || store_reconnect(store, err);
}

/* ---- commands ---- */

/* All keys of a partition share the tag {p}, so that a script stays in one slot. */
static size_t key_name(
        char out[KEY_SIZE], const char *prefix, const char *what, int32_t partition)
{
    int n = snprintf(out, KEY_SIZE, "%s:%s:{%d}", prefix, what, (int)partition);
    return n > 0 && n < KEY_SIZE ? (size_t)n : 0;
}

static int64_t mark_of(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING && reply->len ? strtoll(reply->str, NULL, 10)
                                                           : STORE_NO_MARK;
}

static bool send_read(
        struct store *store, const struct store_read *read, struct arena *arena)
{
    char key[KEY_SIZE];
    size_t argc = 3 + read->n_keys;
    const char **argv = arena_alloc(arena, argc * sizeof *argv);
    size_t *lens = arena_alloc(arena, argc * sizeof *lens);
    argv[0] = "HMGET", lens[0] = 5;
    argv[1] = key, lens[1] = key_name(key, read->prefix, "state", read->partition);
    argv[2] = "@", lens[2] = 1;
    for (size_t i = 0; i < read->n_keys; i++)
        argv[3 + i] = read->keys[i].ptr, lens[3 + i] = read->keys[i].len;
    return redisAppendCommandArgv(store->redis, (int)argc, argv, lens) == REDIS_OK;
}

static bool next_reply(
        struct store *store, redisReply **reply, const char *what, struct error *err)
{
    void *any = NULL;
    if (redisGetReply(store->redis, &any) != REDIS_OK)
        return redis_failed(store, what, err);
    *reply = any;
    return reply_ok(store, reply, what, err);
}

bool store_read(struct store *store, struct store_read *reads, size_t n,
        struct arena *arena, struct error *err)
{
    if (!connected(store, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!send_read(store, &reads[i], arena))
            return redis_failed(store, "HMGET", err);
    for (size_t i = 0; i < n; i++) {
        redisReply *reply;
        if (!next_reply(store, &reply, "HMGET", err))
            return false;
        if (reply->type != REDIS_REPLY_ARRAY || reply->elements != reads[i].n_keys + 1) {
            freeReplyObject(reply);
            return redis_failed(store, "HMGET answered something else", err);
        }
        reads[i].mark = mark_of(reply->element[0]);
        reads[i].states = arena_alloc(
                arena, (reads[i].n_keys + 1) * sizeof *reads[i].states);
        for (size_t k = 0; k < reads[i].n_keys; k++) {
            const redisReply *value = reply->element[k + 1];
            reads[i].states[k] = value->type == REDIS_REPLY_STRING
                                         ? arena_copy(arena, (struct str){value->str,
                                                                     (size_t)value->len})
                                         : (struct str){0};
        }
        freeReplyObject(reply);
    }
    return true;
}

static size_t mark_text(char out[24], int64_t mark)
{
    out[0] = 0;
    return mark == STORE_NO_MARK ? 0 : (size_t)snprintf(out, 24, "%lld", (long long)mark);
}

static bool send_apply(struct store *store, const struct store_apply *apply,
        const char **argv, size_t *lens, char (*dues)[24])
{
    char keys[3][KEY_SIZE], expected[24], mark[24];
    argv[0] = "EVALSHA", lens[0] = 7;
    argv[1] = store->apply_sha, lens[1] = SHA_SIZE - 1;
    argv[2] = "3", lens[2] = 1;
    argv[3] = keys[0],
    lens[3] = key_name(keys[0], apply->prefix, "state", apply->partition);
    argv[4] = keys[1],
    lens[4] = key_name(keys[1], apply->prefix, "due", apply->partition);
    argv[5] = keys[2],
    lens[5] = key_name(keys[2], apply->prefix, "lease", apply->partition);
    argv[6] = expected, lens[6] = mark_text(expected, apply->expected);
    argv[7] = mark, lens[7] = mark_text(mark, apply->mark);
    for (size_t i = 0; i < apply->n_changes; i++) {
        const struct store_change *change = &apply->changes[i];
        size_t a = 8 + 3 * i;
        argv[a] = change->key.ptr, lens[a] = change->key.len;
        argv[a + 1] = dues[i];
        lens[a + 1] = instant_is_never(change->due)
                              ? 0
                              : (size_t)snprintf(dues[i], sizeof dues[i], "%lld",
                                        (long long)change->due.ms);
        argv[a + 2] = change->state.ptr ? change->state.ptr : "",
                 lens[a + 2] = change->state.ptr ? change->state.len : 0;
    }
    return redisAppendCommandArgv(
                   store->redis, (int)(8 + 3 * apply->n_changes), argv, lens) == REDIS_OK;
}

bool store_apply(
        struct store *store, struct store_apply *applies, size_t n, struct error *err)
{
    if (!connected(store, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct arena arena = {0};
        size_t argc = 8 + 3 * applies[i].n_changes;
        bool sent = send_apply(store, &applies[i],
                arena_alloc(&arena, argc * sizeof(char *)),
                arena_alloc(&arena, argc * sizeof(size_t)),
                arena_alloc(&arena, (applies[i].n_changes + 1) * 24));
        arena_done(&arena);
        if (!sent)
            return redis_failed(store, "apply", err);
    }
    for (size_t i = 0; i < n; i++) {
        redisReply *reply;
        if (!next_reply(store, &reply, "apply",
                    err)) /* NOSCRIPT too: reconnecting loads it again */
            return false;
        applies[i].applied = reply->str && strcmp(reply->str, "ok") == 0;
        freeReplyObject(reply);
    }
    return true;
}

bool store_delete_mark(
        struct store *store, const char *prefix, int32_t partition, struct error *err)
{
    char key[KEY_SIZE];
    (void)key_name(key, prefix, "state", partition);
    if (!connected(store, err))
        return false;
    redisReply *reply = redisCommandArgv(
            store->redis, 3, (const char *[]){"HDEL", key, "@"}, NULL);
    if (!reply_ok(store, &reply, "HDEL", err))
        return false;
    freeReplyObject(reply);
    return true;
}

static int64_t number_of(const redisReply *reply)
{
    return reply->str ? strtoll(reply->str, NULL, 10) : 0;
}

/* Runs a script that answers with three elements. A name of a script in argv may be
 * filled in only here, by connecting. */
static bool run_script(struct store *store, const char *what, const char **argv, int argc,
        redisReply **reply, struct error *err)
{
    if (!connected(store, err))
        return false;
    *reply = redisCommandArgv(store->redis, argc, argv, NULL);
    if (!reply_ok(store, reply, what, err)) /* NOSCRIPT too: reconnecting loads it */
        return false;
    if ((*reply)->type == REDIS_REPLY_ARRAY && (*reply)->elements == 3)
        return true;
    freeReplyObject(*reply);
    return redis_failed(store, "a script answered something else", err);
}

bool store_due_claim(struct store *store, struct store_claim *claim,
        struct store_due *out, struct arena *arena, struct error *err)
{
    char due[KEY_SIZE], lease[KEY_SIZE], max[24], window[24], ms[24];
    (void)key_name(due, claim->prefix, "due", claim->partition);
    (void)key_name(lease, claim->prefix, "lease", claim->partition);
    (void)snprintf(max, sizeof max, "%zu", claim->max);
    (void)snprintf(window, sizeof window, "%zu", claim->window);
    (void)snprintf(ms, sizeof ms, "%lld", (long long)claim->lease_ms);
    redisReply *reply;
    if (!run_script(store, "claim",
                (const char *[]){
                        "EVALSHA", store->claim_sha, "2", due, lease, max, window, ms},
                8, &reply, err))
        return false;
    const redisReply *keys = reply->element[2];
    claim->now = (instant){number_of(reply->element[0])};
    claim->again = (size_t)number_of(reply->element[1]);
    claim->n = 0;
    for (size_t i = 0; i + 1 < keys->elements && claim->n < claim->max; i += 2)
        out[claim->n++] = (struct store_due){
                arena_copy(arena, (struct str){keys->element[i]->str,
                                          (size_t)keys->element[i]->len}),
                {number_of(keys->element[i + 1])}};
    freeReplyObject(reply);
    return true;
}

bool store_due_compare(
        struct store *store, struct store_compare *compare, struct error *err)
{
    char state[KEY_SIZE], due[KEY_SIZE], step[24];
    (void)key_name(state, compare->prefix, "state", compare->partition);
    (void)key_name(due, compare->prefix, "due", compare->partition);
    (void)snprintf(step, sizeof step, "%zu", compare->step);
    redisReply *reply;
    if (!run_script(store, "compare",
                (const char *[]){"EVALSHA", store->compare_sha, "2", state, due,
                        compare->along_index ? "index" : "states", compare->cursor, step},
                8, &reply, err))
        return false;
    (void)snprintf(compare->cursor, sizeof compare->cursor, "%s", reply->element[0]->str);
    compare->met = number_of(reply->element[1]);
    compare->differ = number_of(reply->element[2]);
    freeReplyObject(reply);
    return true;
}

bool store_due_stats(struct store *store, const char *prefix, int32_t partition,
        int64_t *armed, instant *earliest, struct error *err)
{
    char key[KEY_SIZE];
    (void)key_name(key, prefix, "due", partition);
    if (!connected(store, err))
        return false;
    redisReply *reply = redisCommandArgv(
            store->redis, 2, (const char *[]){"ZCARD", key}, NULL);
    if (!reply_ok(store, &reply, "ZCARD", err))
        return false;
    *armed = reply->integer;
    freeReplyObject(reply);
    reply = redisCommandArgv(store->redis, 5,
            (const char *[]){"ZRANGE", key, "0", "0", "WITHSCORES"}, NULL);
    if (!reply_ok(store, &reply, "ZRANGE", err))
        return false;
    *earliest = (instant){
            reply->elements == 2 ? strtoll(reply->element[1]->str, NULL, 10) : 0};
    freeReplyObject(reply);
    return true;
}
