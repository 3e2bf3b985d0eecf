#include "train_svm.h"

#include "train_memory.h"

#include <math.h>
#include <stdlib.h>

/* A row of a rare class counts more: (rows / classes / rows of it)^RARE. */
static const float COST = 1, RARE = 0.15F;
static const float NORM = 2; /* squared, of every row: 1 and the constant */
static const float SLACK = 0.001F;
enum {
    PASSES = 12,
    STEPS_LEAST = 8000, /* few rows need more passes */
    MULTIPLIERS_MAX = 64 * 1024 * 1024,
};

struct machine {
    const struct train_task *task;
    struct train_matrix *matrix;
    float *rarity;     /* by class: what its own rows' cost is multiplied by */
    float *multiplier; /* rows * (to - from) */
    uint32_t from, to; /* the classes that are learned at once */
    float *score, *step;
    uint32_t *moved;
};

static float *rarities(const struct train_task *task)
{
    float *rarity = train_zeroed(task->n_classes, sizeof *rarity);
    size_t n_rows = task->features->n_rows;
    for (size_t r = 0; r < n_rows; r++)
        rarity[task->label[r]]++;
    for (uint32_t c = 0; c < task->n_classes; c++)
        if (rarity[c] > 0)
            rarity[c] = powf((float)n_rows / (float)task->n_classes / rarity[c], RARE);
    return rarity;
}

/* Moves the multipliers of a row; returns how many moved. */
static uint32_t move_multipliers(struct machine *machine, size_t r)
{
    uint32_t n_moved = 0, label = machine->task->label[r], from = machine->from,
             to = machine->to, n = machine->task->n_classes;
    float *multiplier = machine->multiplier + r * (to - from);
    for (uint32_t c = from; c < to && c < n; c++) {
        float side = c == label ? 1 : -1, *at = &multiplier[c - from],
              softness = 0.5F / (COST * (c == label ? machine->rarity[c] : 1)),
              slope = side * (machine->score[c] + machine->matrix->bias[c]) - 1 +
                      softness * *at;
        if (*at == 0 ? slope > -SLACK : fabsf(slope) < SLACK)
            continue;
        float moved = fmaxf(*at - slope / (NORM + softness), 0);
        machine->step[n_moved] = (moved - *at) * side;
        machine->moved[n_moved++] = c;
        *at = moved;
    }
    return n_moved;
}

static void learn(struct machine *machine, size_t r)
{
    const struct train_features *features = machine->task->features;
    struct train_matrix *matrix = machine->matrix;
    train_matrix_score(matrix, features, r, machine->from, machine->to, machine->score);
    uint32_t n = move_multipliers(machine, r);
    for (uint32_t k = 0; k < n; k++)
        matrix->bias[machine->moved[k]] += machine->step[k];
    for (size_t i = features->at[r]; n && i < features->at[r + 1]; i++) {
        float *weight = matrix->weight + (size_t)features->index[i] * matrix->width;
        for (uint32_t k = 0; k < n; k++)
            weight[machine->moved[k]] += features->value[i] * machine->step[k];
    }
}

static void learn_classes(struct machine *machine, uint32_t *order)
{
    size_t n_rows = machine->task->features->n_rows;
    uint64_t state = machine->task->seed;
    machine->multiplier = train_zeroed(
            n_rows * (machine->to - machine->from), sizeof *machine->multiplier);
    for (uint32_t r = 0; r < n_rows; r++)
        order[r] = r;
    size_t passes = STEPS_LEAST / n_rows > PASSES ? STEPS_LEAST / n_rows : PASSES;
    for (size_t pass = 0; pass < passes; pass++) {
        train_shuffle(order, n_rows, &state);
        for (size_t i = 0; i < n_rows; i++)
            learn(machine, order[i]);
    }
    free(machine->multiplier);
}

void train_svm_fit(struct train_matrix *out, const struct train_task *task)
{
    size_t n_rows = task->features->n_rows;
    train_matrix_make(out, task);
    struct machine machine = {
            .task = task,
            .matrix = out,
            .rarity = rarities(task),
            .score = train_zeroed(out->width, sizeof(float)),
            .step = train_zeroed(out->width, sizeof(float)),
            .moved = train_zeroed(out->width, sizeof(uint32_t)),
    };
    uint32_t *order = train_zeroed(n_rows, sizeof *order),
             most = (uint32_t)(MULTIPLIERS_MAX / (n_rows + 1)) / TRAIN_BLOCK *
                    TRAIN_BLOCK;
    for (uint32_t from = 0; from < out->width; from += most) {
        machine.from = from;
        machine.to = out->width - from < most ? out->width : from + most;
        learn_classes(&machine, order);
    }
    free(order);
    free(machine.rarity);
    free(machine.score);
    free(machine.step);
    free(machine.moved);
}
