"""What is broken in the other services, in the calendar and policy that all share, and in what a stage passes on."""

ROUTER, SLA = "services/router/router_core.c", "services/sla/sla_core.c"
CALENDAR, LOOKUP, STAGE_OUT = "libcommon/calendar.c", "libcommon/policy_lookup.c", "libcommon/stage_out.c"

# name, file, the exact text (once in the file), what stands there instead, the rule that it breaks
MUTANTS = (
    ("accuseds-queue", LOOKUP, "return unit_within(unit, other) || unit_within(unit->queue, other);", "return unit_within(unit, other);",
     "who reads the accused's queue is recused"),
    ("same-percent-hides", LOOKUP, "return percent * SLA_RUNGS_MAX + nth;", "return nth > 0 ? 100 * SLA_RUNGS_MAX + rung : percent * SLA_RUNGS_MAX;", "no rung hides another one"),

    ("turn-never-ends", SLA, "turn->dry >= turn->n_partitions || turn->allowance <= 0", "turn->dry >= turn->n_partitions", "a turn has an allowance"),
    ("claim-too-much", SLA, "turn->allowance < SLA_CLAIM_MAX ? turn->allowance : SLA_CLAIM_MAX", "turn->allowance", "a claim is bounded"),
    ("dry-not-reset", SLA, "turn->dry = n < max ? turn->dry + 1 : 0;", "turn->dry = n < max ? turn->dry + 1 : turn->dry;", "a full partition is looked at again"),
    ("always-first", SLA, "turn->at = (turn->at + 1) % turn->n_partitions;", "turn->at = 0;", "no partition is always first"),
    ("early-is-late", SLA, "instant_is_never(due) || instant_before(now, due) ? 0", "instant_is_never(due) ? 0", "what is not due is not late"),
    ("skew-one-way", SLA, " || apart < -SLA_SKEW_MAX_MS", "", "clocks differ both ways"),
    ("busy-is-idle", SLA, "turn->allowance < SLA_TURN_MAX ? SLA_BUSY_MS : SLA_TURN_MS", "SLA_TURN_MS", "a turn that found something is followed sooner"),
    ("window-unbounded", SLA, "share > SLA_WINDOW_MAX   ? SLA_WINDOW_MAX", "share > SLA_OUT_MAX      ? SLA_WINDOW_MAX", "what is out of a partition is bounded"),
    ("window-closes", SLA, "share < SLA_WINDOW_MIN ? SLA_WINDOW_MIN", "share < 1              ? SLA_WINDOW_MIN", "no partition is shut out"),
    ("sweep-forgets-index", SLA, "sweep->along_index = !sweep->along_index;", "sweep->along_index = false;", "the index is compared too"),
    ("sweep-one-partition", SLA, "sweep->partition = (sweep->partition + 1) % sweep->n_partitions;", "sweep->partition = 0;", "every partition is compared"),
    ("drift-unseen", SLA, "sweep->part.unarmed || sweep->part.orphans", "sweep->part.unarmed", "an entry without a state is drift"),
    ("drift-carried", SLA, "    sweep->part = (struct sla_drift){0};\n", "", "a partition answers for its own drift"),
    ("drift-for-ever", SLA, "        sweep->whole = (struct sla_drift){0};\n", "", "drift that is gone is not shown any more"),
    ("drift-late", SLA, "    drift_add(&sum, &sweep->part);\n", "", "drift shows at once"),

    ("saturday-works", CALENDAR, " < 5;", " < 6;", "Saturday is off"),
    ("listed-days-ignored", CALENDAR, " == DAY_WORKED;", " == DAY_OFF;", "holidays are off, make-up days are worked"),
    ("share-ignores-nights", CALENDAR, "office_time(calendar, from, due) * percent / 100", "(due.ms - from.ms) * percent / 100", "a share of working time is office time"),
    ("share-of-hours", CALENDAR, "(due.ms - from.ms) * percent / 100};", "(due.ms - from.ms) * (percent + 1) / 100};", "a share is the share it says"),
    ("office-time-past-the-end", CALENDAR, "            if (end > to.ms)\n                end = to.ms;\n", "", "office time ends with the budget"),
    ("utc-days", CALENDAR, "floor_div(t.ms + CHINA_OFFSET_MS, ms_per_day)", "floor_div(t.ms, ms_per_day)", "days are Chinese days"),

    ("event-by-receipt", ROUTER, ".at = complaint->reported_at,", ".at = complaint->at,", "whose matter it was is asked of the day of the event"),
    ("places-by-receipt", ROUTER, "party_unit(party, complaint->place, complaint->reported_at)", "party_unit(party, complaint->place, complaint->at)",
     "so are the places of who assists"),
    ("not-there-at-the-event", ROUTER, "unit_valid_at(unit, complaint->reported_at) &&", "unit->code &&", "a unit leads what happened in its time"),
    ("gone-on-receipt", ROUTER, "           unit_valid_at(unit, complaint->at);", "           unit->code;", "a unit that is gone takes no order"),
    ("person-like-a-stranger", ROUTER, "same_person ? policy->merge_similarity_same_person", "same_person ? policy->merge_similarity",
     "who says it again may use other words"),
    ("stranger-like-a-person", ROUTER, ": policy->merge_similarity))", ": policy->merge_similarity_same_person))", "two people need more likeness"),
    ("strangers-nowhere", ROUTER, "(!complaint->place && !same_person)", "!other->lead[0]", "without a place only one's own cases count"),
    ("nobody-is-somebody", ROUTER, "bool same_person = complaint->reporter[0] &&", "bool same_person = !complaint->reporter[1] &&", "two unknown people are not one"),
    ("another-lead-joins", ROUTER, "strcmp(other->lead, route->lead->code) == 0 &&", "other->lead[0] &&", "cases of one lead meet"),
    ("window-open", ROUTER, "in_window(policy, other->at, complaint->at);", "other->at.ms > 0;", "a merge has a window"),
    ("named-in-the-other-lane", ROUTER, "complaint->cited[0] == complaint->case_id[0] &&", "complaint->cited[0] &&", "a case stays in its lane"),
    ("names-itself", ROUTER, "           strcmp(complaint->cited, complaint->case_id) != 0 &&\n", "", "a case is not merged into itself"),
    ("praise-opens-again", ROUTER, "(complaint->nature == NATURE_HELP || complaint->nature == NATURE_COMPLAINT) &&", "complaint->nature != NATURE_REPORT &&",
     "praise of a case does not open it again"),
    ("danger-waits", ROUTER, "           complaint->urgency != URGENCY_E1;", "           complaint->urgency < URGENCY_COUNT;", "danger to life does not wait in another case"),
    ("report-joins", ROUTER, "if (complaint->nature == NATURE_REPORT || route", "if (route", "a report is never merged"),
    ("accused-owner-joins", ROUTER, "|| route->reason == ROUTER_REASON_UNIT_ACCUSED)", "|| !complaint->case_id[0])",
     "a human hears of an accused owner"),

    ("trace-ends", STAGE_OUT, "bus_header_get(out->msg, \"traceparent\", &traceparent)", "bus_header_get(out->msg, \"x-traceparent\", &traceparent)", "a trace goes from stage to stage"),
    ("trace-without-state", STAGE_OUT, "bus_header_get(out->msg, \"tracestate\", &tracestate)", "bus_header_get(out->msg, \"x-tracestate\", &tracestate)", "with its state"),
)
