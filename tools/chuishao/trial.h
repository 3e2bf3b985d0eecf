/* One complaint through intake's exits, the classifier and the router of a policy, by the
 * services' own stages and bytes: what explain and simulate show is what would have been
 * decided. */
#ifndef CHUISHAO_TRIAL_H
#define CHUISHAO_TRIAL_H

#include "error.h"
#include "policy.h"
#include "str.h"

struct trial;

/* policy is kept by pointer. */
MUST_USE bool trial_open(
        struct trial **out, const struct policy *policy, struct error *err);
void trial_close(struct trial *trial);

/* A complaint as a publisher sends it (complaint.intake): checked and masked as intake
 * does. *command is the case.command `open`; it lives until the next call. ERR_INVALID:
 * intake or a stage would refuse it, and how. */
MUST_USE bool trial_intake(struct trial *trial, struct str message, instant now,
        struct str *command, struct error *err);

/* The same for what intake let through before (complaint.accepted). */
MUST_USE bool trial_accepted(struct trial *trial, struct str message, instant now,
        struct str *command, struct error *err);

/* What an `open` command says of its route; borrowed from the trial until its next call.
 */
struct trial_route {
    struct str case_id, outcome, reason, lead, sla, rule, master, line, category, urgency;
};
MUST_USE bool trial_route_read(struct trial *trial, struct str command,
        struct trial_route *out, struct error *err);

#endif
