#include "kill_point.h"

#ifdef CHUISHAO_KILL_POINTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void kill_point(const char *name)
{
    static long left = -1;
    const char *wanted = getenv("CHUISHAO_KILL");
    const char *colon = wanted ? strchr(wanted, ':') : NULL;
    if (!colon || strlen(name) != (size_t)(colon - wanted) ||
            strncmp(name, wanted, strlen(name)) != 0)
        return;
    if (left < 0)
        left = strtol(colon + 1, NULL, 10);
    if (--left == 0)
        (void)raise(strstr(colon + 1, ":stop") ? SIGSTOP : SIGKILL);
}

bool control_breaks(const char *name)
{
    const char *control = getenv("CHUISHAO_CONTROL");
    return control && strcmp(control, name) == 0;
}
#else
typedef int kill_points_are_off; /* a translation unit holds something */
#endif
