/* How alike the router finds two texts: lines of "text<TAB>text" in, percent out. */
#include "router_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t len; (len = getline(&line, &room, stdin)) > 0;) {
        char *tab = memchr(line, '\t', (size_t)len);
        if (!tab)
            continue;
        struct str a = {line, (size_t)(tab - line)},
                   b = {tab + 1, (size_t)(line + len - tab - 1)};
        (void)printf(
                "%d\n", router_similarity(router_fingerprint(a), router_fingerprint(b)));
    }
    free(line);
    return 0;
}
