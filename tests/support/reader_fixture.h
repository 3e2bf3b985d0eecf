/* A JSON reader and an arena for what a test reads. */
#ifndef CHUISHAO_READER_FIXTURE_H
#define CHUISHAO_READER_FIXTURE_H

#include "arena.h"
#include "json.h"

extern struct json_reader *reader;
extern struct arena arena;

/* Setup and teardown of a test or of a group. */
int open_reader(void **state);
int close_reader(void **state);

#endif
