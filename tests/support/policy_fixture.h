/* A small policy in a folder of its own, for tests of loading and lint: it is right, and
 * every test spoils a copy of one file. */
#ifndef CHUISHAO_POLICY_FIXTURE_H
#define CHUISHAO_POLICY_FIXTURE_H

#include "policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

extern const instant today; /* 2026-11-21T09:00:00+08:00, a Saturday */

struct fixture {
    char dir[64];
    char *report;
    struct policy_report counts;
    struct policy *policy;
    struct error err;
};

/* Setup and teardown of a test; its state is the fixture. */
int write_policy(void **state);
int remove_policy(void **state);

#define POLICY_TEST(name)                                                                \
    cmocka_unit_test_setup_teardown(name, write_policy, remove_policy)

/* The small policy's file. */
const char *good_text(const char *name);
void path_of(const struct fixture *f, const char *name, char out[128]);
void write_file(const struct fixture *f, const char *name, const char *text);

/* The file with the first `from` in it replaced. */
void spoil(const struct fixture *f, const char *name, const char *from, const char *to);

bool load(struct fixture *f);
void assert_loads(struct fixture *f);

/* Refused with exactly one problem, which begins so. */
void assert_refused(struct fixture *f, const char *beginning);

struct fault {
    const char *file, *from, *to, *beginning;
};

/* Each by itself is refused, and named with file and line. */
void assert_faults(struct fixture *f, const struct fault *faults, size_t n);

#endif
