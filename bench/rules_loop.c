/* Classifies every line of a file by a policy, again and again, and says what one text
 * costs: time on one core of each part, allocations. Usage: bench-rules-loop POLICY TEXTS
 * ROUNDS */
#include "address_core.h"
#include "classifier_io.h"
#include "meter.h"
#include "rulebook.h"

#include <stdio.h>
#include <stdlib.h>

struct subject {
    struct classifier *classifier;
    struct rulebook *exits;
    struct address_index address;
    size_t found; /* so that nothing is optimized away */
};

typedef void one_text(struct subject *subject, struct str text);

static void find_exit(struct subject *subject, struct str text)
{
    size_t n;
    rulebook_begin(subject->exits);
    rulebook_read(subject->exits, text);
    (void)rulebook_holds(subject->exits, &n);
    subject->found += n;
}

static void find_class(struct subject *subject, struct str text)
{
    const struct classifier_question question = {.text = text};
    struct class_decision decision = classifier_class(subject->classifier, &question);
    subject->found += decision.category != CLASS_NO_CATEGORY;
}

static void find_place(struct subject *subject, struct str text)
{
    const struct classifier_question question = {.text = text};
    subject->found += classifier_place(subject->classifier, &question).place != NULL;
}

static void find_address(struct subject *subject, struct str text)
{
    subject->found += address_find(&subject->address, text).len != 0;
}

static void measure(const char *name, one_text *part, struct subject *subject,
        const struct str *texts, size_t n, long rounds)
{
    for (size_t i = 0; i < n; i++) /* warm */
        part(subject, texts[i]);
    size_t before = meter_allocations();
    double start = meter_cpu_seconds();
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < n; i++)
            part(subject, texts[i]);
    double passed = meter_cpu_seconds() - start;
    double times = (double)n * (double)rounds;
    (void)printf("%s us=%.2f allocations=%.4f\n", name, passed * 1e6 / times,
            (double)(meter_allocations() - before) / times);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench-rules-loop POLICY TEXTS ROUNDS\n");
        return 64;
    }
    struct policy_report report = {.out = stderr};
    struct policy *policy = NULL;
    struct subject subject = {0};
    struct error err = {0};
    if (!policy_load(&policy, argv[1], instant_now(), &report, &err) ||
            !classifier_open(&subject.classifier, policy, "", &err) ||
            !rulebook_open(&subject.exits, policy, 1U << RULE_EXIT, &err)) {
        (void)fprintf(stderr, "bench-rules-loop: %s\n", err.text);
        return EXIT_FAILURE;
    }
    size_t n;
    const struct str *texts = meter_lines(argv[2], &n);
    long rounds = strtol(argv[3], NULL, 10);
    address_index_init(&subject.address);
    measure("exits", find_exit, &subject, texts, n, rounds);
    measure("class", find_class, &subject, texts, n, rounds);
    measure("place", find_place, &subject, texts, n, rounds);
    measure("address", find_address, &subject, texts, n, rounds);
    rulebook_close(subject.exits);
    classifier_close(subject.classifier);
    policy_free(policy);
    return subject.found ? EXIT_SUCCESS : EXIT_FAILURE;
}
