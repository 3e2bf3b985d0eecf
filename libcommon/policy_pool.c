/* pools.csv: who may claim what is offered. */
#include "policy_load.h"
#include "points.h"

static bool pool_code_valid(const char *code)
{
    return policy_code_valid(code, POLICY_UNIT_CODE_MAX);
}

static const struct points_ledger *ledger_of(const struct policy_at *at, const char *cell)
{
    struct policy_loader *loader = at->loader;
    if (!cell[0])
        return NULL;
    const struct points_ledger *ledger = points_ledger_find(
            loader->policy->points, str_of(cell));
    if (!ledger)
        policy_problem(loader, at->file, at->row->line,
                "the ledger '%s' is not in ledger.json", cell);
    else if (!ledger->pools)
        policy_problem(loader, at->file, at->row->line,
                "'pool' is no holder of the ledger '%s' in ledger.json", cell);
    return ledger;
}

static void read_members(
        const struct policy_at *at, const struct names *codes, struct pool *pool)
{
    struct policy_loader *loader = at->loader;
    pool->members = policy_table(loader, codes->n, sizeof(struct unit *));
    for (size_t i = 0; i < codes->n; i++) {
        const struct unit *unit = policy_cell_unit(at, codes->items[i], "member");
        if (unit && pool_has(pool, unit))
            policy_problem(loader, at->file, at->row->line,
                    "'%s' stands twice among the members", unit->code);
        else if (unit && unit->type == UNIT_TYPE_DESK)
            policy_problem(loader, at->file, at->row->line,
                    "the desk '%s' offers orders and cannot claim them", unit->code);
        else if (unit)
            pool->members[pool->n_members++] = unit;
    }
    if (!codes->n)
        policy_problem(loader, at->file, at->row->line,
                "the pool '%s' has no members, so nobody can claim", pool->code);
}

void policy_read_pools(struct policy_loader *loader)
{
    enum { CODE, NAME, LEDGER, MEMBERS };
    COLUMNS("code", "name", "ledger", "members");
    struct policy *policy = loader->policy;
    struct policy_rows rows;
    if (!policy_csv_read_some(loader, "pools.csv", columns, N_COLUMNS, &rows))
        return;
    policy_sort_rows(
            loader, "pools.csv", &rows, pool_code_valid, "1 to 31 of a-z, 0-9 and -");
    policy->pools = policy_table(loader, rows.n, sizeof *policy->pools);
    policy->n_pools = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        struct policy_at at = {loader, "pools.csv", &rows.items[i]};
        struct pool *pool = &policy->pools[i];
        const char *const *cells = rows.items[i].cells;
        struct names codes = policy_list(loader, cells[MEMBERS]);
        pool->code = cells[CODE];
        pool->line = rows.items[i].line;
        pool->name = policy_cell_text(&at, NAME, "name", true);
        pool->ledger = ledger_of(&at, cells[LEDGER]);
        read_members(&at, &codes, pool);
        if (policy_unit(policy, str_of(pool->code)))
            policy_problem(loader, at.file, pool->line,
                    "'%s' is a unit's code already; a pool needs one of its own",
                    pool->code);
    }
}
