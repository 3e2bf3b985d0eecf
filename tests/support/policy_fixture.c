#include "policy_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const instant today = {1795222800000};

/* A small policy that is right. */
static const struct {
    const char *name, *text;
} good[] = {
        {"policy.json",
                "{\"name\": \"small\", \"desk\": \"desk\", \"district\": \"qu\",\n"
                " \"confidence_min\": 40, \"merge_window_hours\": 72,\n"
                " \"merge_similarity\": 60}\n"},
        {"handling.json",
                "{\"desk\": {\"amount\": 30, \"unit\": \"minute\"},\n"
                " \"review\": {\"amount\": 1, \"unit\": \"work_day\"},\n"
                " \"follow_up\": {\"amount\": 2, \"unit\": \"work_day\"},\n"
                " \"adjudication\": {\"amount\": 1, \"unit\": \"work_day\"},\n"
                " \"transfer_ack\": {\"amount\": 1, \"unit\": \"minute\"},\n"
                " \"rungs\": [50, 100, {\"percent\": 100, \"level\": \"superior\"}],\n"
                " \"return_window\": {\"amount\": 3, \"unit\": \"work_day\"},\n"
                " \"request_review\": {\"amount\": 4, \"unit\": \"work_hour\"},\n"
                " \"return_pauses\": false, \"returns_max\": 1,\n"
                " \"extensions_max\": 2, \"extension_desk_percent\": 50,\n"
                " \"suspension_days_max\": 30,\n"
                " \"redo\": {\"amount\": 3, \"unit\": \"day\"}, \"redos_max\": 4,\n"
                " \"reopen_days\": 7, \"merge_reopens\": true,\n"
                " \"cluster_reporters\": 5, \"cluster_hours\": 24,\n"
                " \"callback\": \"https://example.org/{case}\",\n"
                " \"return_reasons\": [\"wrong_area\", \"not_our_duty\"],\n"
                " \"extension_reasons\": [\"weather\"],\n"
                " \"suspension_reasons\": [\"awaiting_funds\"],\n"
                " \"termination_reasons\": [\"withdrawn\"]}\n"},
        {"units.csv",
                "code,name,short_name,type,parent,queue,aliases,valid_from,valid_to\n"
                "qu,云溪区,区,district,,,,,\n"
                "desk,云溪热线,热线,desk,qu,,,,\n"
                "cg,云溪区城市管理局,城管,department,qu,,城管队; 城管中队 ,2020-01-01,\n"
                "jd,东桥街道,东桥,street,qu,,,,\n"
                "sq,柳岸社区,柳岸,community,jd,jd,,,\n"
                "wy,安居物业,安居,property,jd,,,,\n"},
        {"places.csv", "code,name,type,parent,unit,property,estate_type,aliases,valid_"
                       "from,valid_to\n"
                       "p-qu,云溪区,district,,qu,,,,,\n"
                       "p-jd,东桥街道,street,p-qu,jd,,,,,\n"
                       "p-sq,柳岸社区,community,p-jd,sq,,,,,\n"
                       "p-a,柳岸花园,estate,p-sq,,wy,commodity,柳岸小区,,\n"
                       "p-b,柳岸旧里,estate,p-sq,,none,open_old,,,\n"},
        {"categories.csv", "code,level1,name,urgency,nature,sla,physical,grass_roots\n"
                           "010101,物业,保洁差,N,complaint,N,yes,yes\n"
                           "040101,市容,占道经营,N,complaint,N,no,no\n"},
        {"rules.csv", "id,kind,target,priority,any,all,none,weight\n"
                      "r1,category,010101,,没人打扫;保洁,,,50\n"
                      "r2,category,040101,7,摆摊;占道,,菜场,60\n"
                      "r3,urgency,E1,,有人受伤,,,10\n"
                      "r4,exit,119,,着火,,演习,100\n"},
        {"catalogue.csv", "id,category,place_type,needs_place,lead,assists,sla,"
                          "precedence,valid_from,valid_to\n"
                          "c1,010101,estate,yes,property,community;street,,10,,\n"
                          "c2,010101,,yes,community,,,20,,\n"
                          "c3,01,,yes,cg,,,30,,\n"
                          "c4,040101,,no,cg,street!,Q,10,2020-01-01,\n"},
        {"sla.json",
                "{\"classes\": {\n"
                " \"N\": {\"sign\": {\"amount\": 4, \"unit\": \"work_hour\"},\n"
                "  \"handle\": {\"amount\": 5, \"unit\": \"work_day\"}, \"rungs\": "
                "[50, 80, 100]},\n"
                " \"Q\": {\"handle\": {\"amount\": 3, \"unit\": \"hour\"}, "
                "\"rungs\": [100]},\n"
                " \"S\": {\"handle\": {\"amount\": 6, \"unit\": \"work_day\"},\n"
                "  \"rungs\": [80, 100, {\"percent\": 100, \"level\": \"superior\"}, "
                "{\"after\": {\"amount\": 4, \"unit\": \"hour\"}, \"level\": "
                "\"street\"}],\n"
                "  \"steps\": [{\"name\": \"enclose\", \"title\": \"围护\", "
                "\"amount\": 3, \"unit\": \"emergency_hour\", \"needs\": "
                "[\"photo\", \"follow_up_date\"]},\n"
                "   {\"name\": \"restore\", \"title\": \"恢复\", \"amount\": 5, "
                "\"unit\": \"work_day\"}]}}}\n"},
        {"contacts.csv",
                "unit,place,duty,staff,name,weekdays,times,cover,valid_from,valid_to\n"
                "qu,,head,q-1,陈一,,,q-2,,\n"
                "qu,,duty,q-2,王二,1;2;3;4;5,08:30-17:30,q-1,,\n"
                "jd,,head,j-1,李三,,,j-2,,\n"
                "jd,,duty,j-2,赵四,5,17:30-08:30,j-1,2026-01-01,2027-01-01\n"
                ",p-sq,sponsor,b-1,孙五,,,q-2,,\n"
                ",,absent,j-1,李三,,,,2026-11-20,2026-11-23\n"},
        {"calendar/office.json",
                "{\"spans\": [[\"08:30\", \"12:00\"], [\"14:00\", \"17:30\"]]}\n"},
        {"calendar/2026.json",
                "{\"year\": 2026, \"days\": [\n"
                " {\"name\": \"国庆节\", \"date\": \"2026-10-01\", \"isOffDay\": true},\n"
                " {\"name\": \"国庆节\", \"date\": \"2026-10-10\", \"isOffDay\": "
                "false}]}\n"},
        {"calendar/2027.json", "{\"year\": 2027, \"days\": [\n"
                               " {\"name\": \"元旦\", \"date\": \"2027-01-01\", "
                               "\"isOffDay\": true}]}\n"},
};

enum { N_FILES = sizeof good / sizeof good[0] };

void path_of(const struct fixture *f, const char *name, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", f->dir, name);
}

void write_file(const struct fixture *f, const char *name, const char *text)
{
    char path[128];
    path_of(f, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void spoil(const struct fixture *f, const char *name, const char *from, const char *to)
{
    for (int i = 0; i < N_FILES; i++) {
        if (strcmp(good[i].name, name) != 0)
            continue;
        const char *at = strstr(good[i].text, from);
        assert_non_null(at);
        char text[4096];
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good[i].text),
                good[i].text, to, at + strlen(from));
        write_file(f, name, text);
        return;
    }
    fail_msg("no file %s", name);
}

const char *good_text(const char *name)
{
    for (int i = 0; i < N_FILES; i++)
        if (strcmp(good[i].name, name) == 0)
            return good[i].text;
    fail_msg("no file %s", name);
    return NULL;
}

int write_policy(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    (void)strcpy(f->dir, "/tmp/chuishao-policy-XXXXXX");
    char path[128];
    assert_non_null(mkdtemp(f->dir));
    path_of(f, "calendar", path);
    assert_int_equal(mkdir(path, 0700), 0);
    for (int i = 0; i < N_FILES; i++)
        write_file(f, good[i].name, good[i].text);
    *state = f;
    return 0;
}

int remove_policy(void **state)
{
    struct fixture *f = *state;
    char path[128];
    for (int i = 0; i < N_FILES; i++) {
        path_of(f, good[i].name, path);
        assert_true(unlink(path) == 0 || errno == ENOENT);
    }
    path_of(f, "calendar", path);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(f->dir), 0);
    policy_free(f->policy);
    free(f->report);
    test_free(f);
    return 0;
}

bool load(struct fixture *f)
{
    size_t size;
    policy_free(f->policy);
    free(f->report);
    f->policy = NULL;
    f->counts = (struct policy_report){0};
    f->err = (struct error){0};
    f->counts.out = open_memstream(&f->report, &size);
    assert_non_null(f->counts.out);
    bool ok = policy_load(&f->policy, f->dir, today, &f->counts, &f->err);
    (void)fclose(f->counts.out);
    return ok;
}

void assert_loads(struct fixture *f)
{
    if (!load(f))
        fail_msg("%s\n%s", f->err.text, f->report);
}

void assert_refused(struct fixture *f, const char *beginning)
{
    if (load(f))
        fail_msg("loaded, but should have said: %s", beginning);
    if (strncmp(f->report, beginning, strlen(beginning)) != 0 ||
            f->counts.n_problems != 1)
        fail_msg("expected: %s\nreported:\n%s", beginning, f->report);
    assert_int_equal(f->err.kind, ERR_FATAL);
    assert_string_equal(f->err.code, "bad_policy");
}

void assert_faults(struct fixture *f, const struct fault *faults, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct fault *fault = &faults[i];
        spoil(f, fault->file, fault->from, fault->to);
        if (load(f) || f->counts.n_problems == 0)
            fail_msg("loaded, but should have said: %s", fault->beginning);
        /* A fault may have consequences, but it is told itself. */
        if (!strstr(f->report, fault->beginning))
            fail_msg("expected: %s\nreported:\n%s", fault->beginning, f->report);
        spoil(f, fault->file, "", "");
    }
}
