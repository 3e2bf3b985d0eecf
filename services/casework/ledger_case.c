#include "ledger_case.h"

#include "topics.h"

struct ledger_io ledger_io_of(const struct case_io *io)
{
    return (struct ledger_io){
            .policy = io->policy,
            .reader = io->reader,
            .event_topic = io->topics.event,
            .order_topic = io->topics.order,
            .command_topic = io->topics.command,
            .audit_topic = io->topics.audit,
            .account_topic = TOPIC_COMMAND ".v1", /* topic_name of the normal lane */
    };
}

void ledger_case_event(const struct case_io *io, const struct case_record *record,
        const char *kind, struct str id, struct str event, struct stage_out *out)
{
    const struct category *category = policy_category(
            io->policy, str_of(record->core.category));
    struct ledger_io ledger = ledger_io_of(io);
    const struct points_context context = {
            .lead = str_of(record->core.lead.unit),
            .pool = str_of(record->core.claimed_from),
            .category = str_of(record->core.category),
            .nature = str_of(category ? nature_names[category->nature] : ""),
            .urgency = str_of(category ? urgency_names[category->urgency] : ""),
    };
    points_out(&ledger, kind, id, event, &context, out);
}
