#include "subject.h"
#include "whistle_io.h"

#include "ledger_case.h"

static void decide_case(const struct subject_turn *turn)
{
    case_message_decide(turn->io, turn->msg, turn->state, turn->case_decision, turn->out);
}

static void decide_account(const struct subject_turn *turn)
{
    struct ledger_io io = ledger_io_of(turn->io);
    account_message_decide(
            &io, turn->msg, turn->state, turn->account_decision, turn->out);
}

static void decide_schedule(const struct subject_turn *turn)
{
    struct ledger_io io = ledger_io_of(turn->io);
    schedule_message_decide(
            &io, turn->msg, turn->state, turn->schedule_decision, turn->out);
}

static void decide_whistle(const struct subject_turn *turn)
{
    whistle_message_decide(turn->io, turn->msg, turn->state, turn->out);
}

static const struct subject {
    bool (*has_key)(struct str key);
    void (*decide)(const struct subject_turn *turn);
} subjects[] = {
        {case_id_valid, decide_case},
        {whistle_id_valid, decide_whistle},
        {account_key_valid, decide_account},
        {schedule_key_valid, decide_schedule},
};

/* A key of no known form is a case's, whose edge says what is the matter with it. */
void subject_decide(const struct subject_turn *turn)
{
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (subjects[i].has_key(turn->msg->key)) {
            subjects[i].decide(turn);
            return;
        }
    decide_case(turn);
}
