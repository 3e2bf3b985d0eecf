/* Places where the fault tests end the process: CHUISHAO_KILL=name:n kills it at the nth
 * passage of that point, name:n:stop freezes it there. Nothing in a release build. */
#ifndef CHUISHAO_KILL_POINT_H
#define CHUISHAO_KILL_POINT_H

#ifdef CHUISHAO_KILL_POINTS
#include <stdbool.h>
void kill_point(const char *name);

/* The negative controls of the fault tests: CHUISHAO_CONTROL=name breaks that rule on
 * purpose. */
bool control_breaks(const char *name);
#else
#define kill_point(name) ((void)0)
#define control_breaks(name) false
#endif

#endif
