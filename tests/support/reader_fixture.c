#include "reader_fixture.h"

struct json_reader *reader;
struct arena arena;

int open_reader(void **state)
{
    (void)state;
    reader = json_reader_open();
    return reader ? 0 : -1;
}

int close_reader(void **state)
{
    (void)state;
    json_reader_close(reader);
    arena_done(&arena);
    return 0;
}
