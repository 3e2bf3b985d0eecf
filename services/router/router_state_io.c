/* The recent cases of a place as the router's state. */
#include "router_io.h"

#include "json.h"
#include "json_out.h"

#include <assert.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One string a case, fields between spaces: a busy place's list is read and written with
 * every message, and objects took most of its time. Numbers are in hex; a member has the
 * last three. */
enum item_word {
    WORD_CASE,
    WORD_CATEGORY,
    WORD_LEAD,
    WORD_REPORTER, /* "-": nobody known */
    WORD_FINGERPRINT,
    WORD_AT,
    WORD_MASTER,
    WORD_SIMILARITY,
    WORD_EVIDENCE,
    WORD_COUNT
};
enum { ITEM_SIZE = 224, EVIDENCE_SIZE = 16 };
static_assert(ITEM_SIZE > 2 * CASE_ID_SIZE + ROUTER_CATEGORY_SIZE + ROUTER_CODE_SIZE +
                                  PERSON_SIZE + 3 * 17 + EVIDENCE_SIZE,
        "every case fits");

/* ---- reading ---- */

/* How many words; WORD_COUNT + 1: too many. */
static size_t words_of(struct str text, struct str words[WORD_COUNT])
{
    size_t n = 0;
    for (;;) {
        const char *space = text.len ? memchr(text.ptr, ' ', text.len) : NULL;
        size_t len = space ? (size_t)(space - text.ptr) : text.len;
        if (n == WORD_COUNT)
            return n + 1;
        words[n++] = (struct str){text.ptr, len};
        if (!space)
            return n;
        text.ptr += len + 1;
        text.len -= len + 1;
    }
}

static bool number_of(struct str word, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *out = value;
    return word.len > 0 && word.len <= 16;
}

static bool evidence_of(struct str word, enum router_evidence *out)
{
    for (int i = 1; i < ROUTER_EVIDENCE_COUNT; i++)
        if (str_is(word, router_evidence_names[i])) {
            *out = (enum router_evidence)i;
            return true;
        }
    return false;
}

static bool item_read(struct str text, struct router_case *item)
{
    struct str words[WORD_COUNT];
    size_t n = words_of(text, words);
    uint64_t at, similarity = 0;
    if ((n != WORD_MASTER && n != WORD_COUNT) ||
            !str_copy(item->case_id, sizeof item->case_id, words[WORD_CASE]) ||
            !str_copy(item->category, sizeof item->category, words[WORD_CATEGORY]) ||
            !str_copy(item->lead, sizeof item->lead, words[WORD_LEAD]) ||
            !str_copy(item->reporter, sizeof item->reporter, words[WORD_REPORTER]) ||
            !number_of(words[WORD_FINGERPRINT], &item->fingerprint) ||
            !number_of(words[WORD_AT], &at))
        return false;
    if (strcmp(item->reporter, "-") == 0)
        item->reporter[0] = 0;
    item->at.ms = (int64_t)at;
    if (n == WORD_COUNT &&
            (!str_copy(item->master, sizeof item->master, words[WORD_MASTER]) ||
                    !number_of(words[WORD_SIMILARITY], &similarity) ||
                    !evidence_of(words[WORD_EVIDENCE], &item->evidence)))
        return false;
    item->similarity = (int)similarity;
    return true;
}

/* Version 1 {"recent": [{…}]}, as it stands in the topic until the place has a new case.
 */
struct case_form {
    struct router_case item;
    struct str reporter;
    char fingerprint[17];
    int64_t similarity;
};

#define ITEM(field) offsetof(struct case_form, item.field)
#define FORM(field) offsetof(struct case_form, field)

static const struct json_field case_fields[] = {
        {.name = "case",
                .kind = JSON_CHARS,
                .offset = ITEM(case_id),
                .required = true,
                .max = CASE_ID_SIZE},
        {.name = "category",
                .kind = JSON_CHARS,
                .offset = ITEM(category),
                .required = true,
                .max = ROUTER_CATEGORY_SIZE},
        {.name = "lead",
                .kind = JSON_CHARS,
                .offset = ITEM(lead),
                .required = true,
                .max = ROUTER_CODE_SIZE},
        {.name = "reporter", .kind = JSON_STR, .offset = FORM(reporter)},
        {.name = "fingerprint",
                .kind = JSON_CHARS,
                .offset = FORM(fingerprint),
                .required = true,
                .max = 17},
        {.name = "at", .kind = JSON_INSTANT, .offset = ITEM(at), .required = true},
        {.name = "master",
                .kind = JSON_CHARS,
                .offset = ITEM(master),
                .max = CASE_ID_SIZE},
        {.name = "similarity", .kind = JSON_INT, .offset = FORM(similarity)},
};

struct state_form {
    struct json_list cases, recent;
};

static const struct json_field state_fields[] = {
        {.name = "cases",
                .kind = JSON_STRS,
                .offset = offsetof(struct state_form, cases)},
        {.name = "recent",
                .kind = JSON_LIST,
                .offset = offsetof(struct state_form, recent),
                .max = COUNT(case_fields),
                .sub = case_fields,
                .item_size = sizeof(struct case_form)},
};

static void take_forms(const struct json_list *list, struct router_recent *out)
{
    const struct case_form *forms = list->items;
    for (size_t i = 0; i < list->n; i++) {
        out->items[i] = forms[i].item;
        person_make(forms[i].reporter, out->items[i].reporter);
        out->items[i].fingerprint = strtoull(forms[i].fingerprint, NULL, 16);
        out->items[i].similarity = (int)forms[i].similarity;
        out->items[i].evidence = forms[i].item.master[0] ? ROUTER_EVIDENCE_SIMILAR
                                                         : ROUTER_EVIDENCE_NONE;
    }
}

bool router_recent_decode(struct json_reader *reader, struct str text,
        struct router_recent *out, struct arena *arena, struct error *err)
{
    struct state_form form = {0};
    if (!json_read(reader, text, state_fields, COUNT(state_fields), &form, arena, err))
        return false;
    size_t n = form.cases.n + form.recent.n;
    if (n > ROUTER_RECENT_MAX)
        return error_set(err, ERR_INVALID, "too_long",
                "the list has %zu cases; at most %d fit", n, ROUTER_RECENT_MAX);
    take_forms(&form.recent, out);
    const struct str *texts = form.cases.items;
    for (size_t i = 0; i < form.cases.n; i++) {
        struct router_case *item = &out->items[form.recent.n + i];
        memset(item, 0, sizeof *item);
        if (!item_read(texts[i], item))
            return error_set(err, ERR_INVALID, "bad_value",
                    "item %zu of the list is no case", form.recent.n + i + 1);
    }
    out->n = n;
    return true;
}

/* ---- writing ---- */

static char *put_text(char *out, const char *text)
{
    size_t len = strlen(text);
    memcpy(out, text, len);
    out[len] = ' ';
    return out + len + 1;
}

static char *put_number(char *out, uint64_t value)
{
    static const char digits[] = "0123456789abcdef";
    int shift = 60;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *out++ = digits[value >> shift & 15];
    *out++ = ' ';
    return out;
}

struct str router_recent_encode(const struct router_recent *recent, struct arena *arena)
{
    struct json_out json;
    json_begin(&json, arena, 32 + recent->n * 128);
    json_open_object(&json, NULL);
    json_open_array(&json, "cases");
    for (size_t i = 0; i < recent->n; i++) {
        const struct router_case *item = &recent->items[i];
        char text[ITEM_SIZE], *end = put_text(text, item->case_id);
        end = put_text(end, item->category);
        end = put_text(end, item->lead);
        end = put_text(end, item->reporter[0] ? item->reporter : "-");
        end = put_number(end, item->fingerprint);
        end = put_number(end, (uint64_t)item->at.ms);
        if (item->master[0]) {
            end = put_text(end, item->master);
            end = put_number(end, (uint64_t)item->similarity);
            end = put_text(end, router_evidence_names[item->evidence]);
        }
        json_str(&json, NULL, (struct str){text, (size_t)(end - text) - 1});
    }
    json_close_array(&json);
    json_close_object(&json);
    return json_end(&json);
}
