/* What the files of the player share. */
#ifndef CHUISHAO_PLAYER_H
#define CHUISHAO_PLAYER_H

#include "casework_core.h"
#include "story.h"

#include <stdbool.h>

enum { PLAYER_CASES_MAX = 64, PLAYER_QUEUE_MAX = 256, PLAYER_CLASSES_MAX = 16 };

struct player {
    struct policy policy; /* changes in mid-story */
    struct sla_class classes[PLAYER_CLASSES_MAX];
    char version[32];
    int changes; /* of the policy */
    char names[PLAYER_CASES_MAX][24];
    struct case_state cases[PLAYER_CASES_MAX];
    int n_cases;
    struct case_command queue[PLAYER_QUEUE_MAX]; /* commands between cases */
    int queue_first, queue_end;
    bool held; /* commands between cases wait */
    uint64_t actions;
};

extern struct player player;

/* ---- player_world.c: cases, time and what they decide ---- */

int player_case(const char *name);
void player_case_id(char out[CASE_ID_SIZE], int index);
const char *player_case_name(const char *id);
void player_decide(const struct case_command *command);

/* Commands between cases that were held arrive. */
void player_deliver(void);
void player_wake(int index, instant due, instant at);

enum player_wakes { WAKES_IN_TIME, WAKES_AT_THE_END, WAKES_LOST };
void player_go_on(instant until, enum player_wakes wakes);

/* ---- player_output.c ---- */

void player_output_add(
        int index, const struct case_effect *effect, int32_t lead_task, instant at);

/* ---- player_command.c: lines that make a command, or another policy ---- */

void player_open(char **words, int n);
void player_act(char **words, int n);
void player_policy(char **words, int n);
void player_reproject(char **words, int n);

#endif
