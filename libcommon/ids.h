/* Ids are derived, never random: the same event sent again is the same case and yields
 * the same messages. */
#ifndef CHUISHAO_IDS_H
#define CHUISHAO_IDS_H

#include "instant.h"
#include "str.h"

#include <stdint.h>

/* Lane letter, Chinese day of reported_at, '-', 16 characters (80 bits of SHA-256 over
 * source, NUL, id, Crockford base 32 in lower case): "n20261121-0123456789abcdef". */
enum { CASE_ID_LEN = 26, CASE_ID_SIZE = CASE_ID_LEN + 1 };

/* The letter a case id starts with. */
enum lane { LANE_NORMAL = 'n', LANE_EXPRESS = 'x' };

void case_id_make(enum lane lane, instant reported_at, struct str source, struct str id,
        char out[CASE_ID_SIZE]);

/* True when text has the form of a case id. */
bool case_id_valid(struct str text);

/* The first case id that stands by itself in a text, no letter or digit beside it. False:
 * there is none. */
bool case_id_find(struct str text, char out[CASE_ID_SIZE]);

/* As much of intake's token (lower-case letters and digits) as tells two people apart; ""
 * of anything else. */
enum { PERSON_LEN = 16, PERSON_SIZE = PERSON_LEN + 1 };
void person_make(struct str token, char out[PERSON_SIZE]);

/* Complaints of a known person about no known place meet under "person:" and three hex
 * digits: 4,096 keys that some people share each, so that they do not grow with the
 * people and tell nobody who it is. */
enum { PERSON_KEYS = 4096, PERSON_KEY_LEN = 10, PERSON_KEY_SIZE = PERSON_KEY_LEN + 1 };
void person_key(const char *person, char out[PERSON_KEY_SIZE]);
int person_key_index(struct str key); /* below PERSON_KEYS; -1: it is no such key */

/* A whistle's id has the same form with 'w' for the lane: the day of the action that
 * issues it, and the digest of the issuing queue's unit and the action's own id. The
 * action sent again is the same whistle. */
enum { WHISTLE_LETTER = 'w' };
void whistle_id_make(instant issued_at, struct str queue, struct str action_id,
        char out[CASE_ID_SIZE]);
bool whistle_id_valid(struct str text);

/* What stands beside the cases has keys of its own: "account:<code>", "schedule:<id>".
 * The code, 1 to 31 of a-z, 0-9 and -; empty when the key is no such one. */
struct str key_code(struct str key, const char *prefix);

/* FNV-1a over "a/b", never 0: enough to know something again within one case. An action's
 * id is the unit's own, so two units may use the same one: the queue is a. */
uint64_t id_fingerprint(struct str a, struct str b);

/* The n of "<subject>.<n>"; -1 when there is no order, 0, which no order has, when it is
 * anything else. */
int32_t id_order_number(struct str order, struct str subject);

/* Lower-case hex of the first n bytes (n <= 32) of SHA-256(text); out takes 2n + 1. */
void sha256_hex(struct str text, size_t n, char *out);

#endif
