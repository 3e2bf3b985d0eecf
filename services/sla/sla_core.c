#include "sla_core.h"

void sla_turn_begin(struct sla_turn *turn, int32_t n_partitions)
{
    turn->n_partitions = n_partitions;
    turn->at = n_partitions > 0 ? turn->at % n_partitions : 0;
    turn->dry = 0;
    turn->allowance = SLA_TURN_MAX;
}

bool sla_turn_next(const struct sla_turn *turn, int32_t *partition, size_t *max)
{
    if (turn->dry >= turn->n_partitions || turn->allowance <= 0)
        return false;
    *partition = turn->at;
    *max = (size_t)(turn->allowance < SLA_CLAIM_MAX ? turn->allowance : SLA_CLAIM_MAX);
    return true;
}

void sla_turn_took(struct sla_turn *turn, size_t n, size_t max)
{
    turn->allowance -= (int32_t)n;
    turn->dry = n < max ? turn->dry + 1 : 0;
    turn->at = (turn->at + 1) % turn->n_partitions;
}

int64_t sla_turn_ms(const struct sla_turn *turn)
{
    return turn->allowance < SLA_TURN_MAX ? SLA_BUSY_MS : SLA_TURN_MS;
}

size_t sla_window(int32_t n_partitions)
{
    int32_t share = n_partitions > 0 ? SLA_OUT_MAX / n_partitions : SLA_WINDOW_MAX;
    return (size_t)(share > SLA_WINDOW_MAX   ? SLA_WINDOW_MAX
                    : share < SLA_WINDOW_MIN ? SLA_WINDOW_MIN
                                             : share);
}

int64_t sla_late_ms(instant due, instant now)
{
    return instant_is_never(due) || instant_before(now, due) ? 0 : now.ms - due.ms;
}

bool sla_clocks_differ(instant redis, instant ours)
{
    int64_t apart = redis.ms - ours.ms;
    return apart > SLA_SKEW_MAX_MS || apart < -SLA_SKEW_MAX_MS;
}

static void drift_add(struct sla_drift *sum, const struct sla_drift *more)
{
    sum->expected += more->expected;
    sum->unarmed += more->unarmed;
    sum->orphans += more->orphans;
}

bool sla_sweep_took(struct sla_sweep *sweep, int64_t met, int64_t differ, bool at_end)
{
    if (sweep->along_index) {
        sweep->part.orphans += differ;
    } else {
        sweep->part.expected += met;
        sweep->part.unarmed += differ;
    }
    if (!at_end)
        return false;
    sweep->along_index = !sweep->along_index;
    if (sweep->along_index)
        return false;
    bool differs = sweep->part.unarmed || sweep->part.orphans;
    drift_add(&sweep->whole, &sweep->part);
    sweep->part = (struct sla_drift){0};
    sweep->partition = (sweep->partition + 1) % sweep->n_partitions;
    if (sweep->partition == 0) {
        sweep->last = sweep->whole;
        sweep->whole = (struct sla_drift){0};
    }
    return differs;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

struct sla_drift sla_sweep_drift(const struct sla_sweep *sweep)
{
    struct sla_drift sum = sweep->whole;
    drift_add(&sum, &sweep->part);
    return (struct sla_drift){
            .expected = greater(sum.expected, sweep->last.expected),
            .unarmed = greater(sum.unarmed, sweep->last.unarmed),
            .orphans = greater(sum.orphans, sweep->last.orphans),
    };
}
