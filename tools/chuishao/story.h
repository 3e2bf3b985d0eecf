/* A case's story: each of its events (case.event) in Chinese. */
#ifndef CHUISHAO_STORY_H
#define CHUISHAO_STORY_H

#include <jansson.h>
#include <stdio.h>

/* When, what, who and the change of stage on one line; what else changed, and why, below
 * it. */
void story_print(FILE *out, json_t *event);

/* The fields of an object under a title; nothing when it is NULL or empty. */
void story_section(FILE *out, const char *title, json_t *fields);

#endif
