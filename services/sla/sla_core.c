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

int64_t sla_late_ms(instant due, instant now)
{
    return instant_is_never(due) || instant_before(now, due) ? 0 : now.ms - due.ms;
}

bool sla_clocks_differ(instant redis, instant ours)
{
    int64_t apart = redis.ms - ours.ms;
    return apart > SLA_SKEW_MAX_MS || apart < -SLA_SKEW_MAX_MS;
}
