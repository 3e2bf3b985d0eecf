/* Aho-Corasick: a trie of the literals' bytes, each node with a link to the longest
 * suffix of its path that is in the trie too. A text is read byte by byte, once. */
#include "match_engine.h"

#include <stdlib.h>
#include <string.h>

enum { ROOT = 0, NO_LITERAL = -1 };

struct node {
    uint32_t fail;   /* the longest proper suffix that is a node */
    uint32_t report; /* the nearest node on the way of fails that ends a literal; ROOT:
                        none */
    int32_t literal; /* one that ends here, NO_LITERAL */
};

/* The way from a node by a byte. `to` is never the root, so 0 marks a free slot. */
struct edge {
    uint32_t from, to;
    uint8_t byte;
};

struct match_plain {
    struct node *nodes; /* in the order they were made: a parent before its children */
    uint32_t n_nodes;
    struct edge *edges; /* open addressing */
    uint32_t mask;
    uint32_t from_root[256]; /* most bytes of a text lead from the root to the root */
    int32_t *next;           /* by literal: another one with the same bytes */
};

static uint8_t fold(char c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static struct edge *slot(const struct match_plain *engine, uint32_t from, uint8_t byte)
{
    uint32_t i = (from * 0x9e3779b1U) ^ (byte * 0x85ebca6bU);
    i ^= i >> 15;
    for (;; i++) {
        struct edge *edge = &engine->edges[i & engine->mask];
        if (!edge->to || (edge->from == from && edge->byte == byte))
            return edge;
    }
}

static uint32_t child(const struct match_plain *engine, uint32_t from, uint8_t byte)
{
    return from == ROOT ? engine->from_root[byte] : slot(engine, from, byte)->to;
}

/* Where a text that has led to node goes on. */
static uint32_t step(const struct match_plain *engine, uint32_t node, uint8_t byte)
{
    for (;; node = engine->nodes[node].fail) {
        uint32_t to = child(engine, node, byte);
        if (to || node == ROOT)
            return to;
    }
}

static uint32_t add_child(struct match_plain *engine, uint32_t from, uint8_t byte)
{
    uint32_t to = engine->n_nodes++;
    engine->nodes[to] = (struct node){.literal = NO_LITERAL};
    *slot(engine, from, byte) = (struct edge){from, to, byte};
    if (from == ROOT)
        engine->from_root[byte] = to;
    return to;
}

static void add_literal(struct match_plain *engine, struct str text, int32_t literal)
{
    uint32_t node = ROOT;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = fold(text.ptr[i]);
        uint32_t to = child(engine, node, byte);
        node = to ? to : add_child(engine, node, byte);
    }
    engine->next[literal] = engine->nodes[node].literal;
    engine->nodes[node].literal = literal;
}

/* Links every node to its suffix; a shorter path's links are there before a longer one's
 * need them. queue has room for every node. */
static void link_nodes(struct match_plain *engine, uint32_t *queue)
{
    uint32_t *of_node = queue + engine->n_nodes; /* the edge that leads to a node */
    uint32_t n = 0;
    for (uint32_t i = 0; i <= engine->mask; i++)
        if (engine->edges[i].to)
            of_node[engine->edges[i].to] = i;
    /* Breadth first: children are found by their parents' numbers, level by level. */
    uint32_t *first = of_node + engine->n_nodes, *sibling = first + engine->n_nodes;
    memset(first, 0, engine->n_nodes * sizeof *first);
    for (uint32_t node = engine->n_nodes - 1; node > ROOT; node--) {
        uint32_t parent = engine->edges[of_node[node]].from;
        sibling[node] = first[parent];
        first[parent] = node;
    }
    queue[n++] = ROOT;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t node = first[queue[i]]; node; node = sibling[node]) {
            const struct edge *edge = &engine->edges[of_node[node]];
            uint32_t fail = edge->from == ROOT
                                    ? ROOT
                                    : step(engine, engine->nodes[edge->from].fail,
                                              edge->byte);
            engine->nodes[node].fail = fail;
            engine->nodes[node].report = engine->nodes[fail].literal != NO_LITERAL
                                                 ? fail
                                                 : engine->nodes[fail].report;
            queue[n++] = node;
        }
}

void match_plain_close(struct match_plain *engine)
{
    if (!engine)
        return;
    free(engine->nodes);
    free(engine->edges);
    free(engine->next);
    free(engine);
}

bool match_plain_open(struct match_plain **out, const struct match_literal *literals,
        size_t n, struct error *err)
{
    size_t bytes = 1;
    for (size_t i = 0; i < n; i++)
        bytes += literals[i].text.len;
    if (bytes > UINT32_MAX / 8 || n > INT32_MAX)
        return error_set(err, ERR_FATAL, "bad_word",
                "%zu words with %zu bytes are more than can be searched for", n, bytes);
    size_t slots = 16;
    while (slots < bytes * 2)
        slots *= 2;
    struct match_plain *engine = calloc(1, sizeof *engine);
    uint32_t *room = calloc(bytes * 4, sizeof *room);
    bool done = engine && room;
    if (done) {
        engine->mask = (uint32_t)slots - 1;
        engine->nodes = calloc(bytes, sizeof *engine->nodes);
        engine->edges = calloc(slots, sizeof *engine->edges);
        engine->next = calloc(n, sizeof *engine->next);
        done = engine->nodes && engine->edges && engine->next;
    }
    if (done) {
        engine->n_nodes = 1;
        engine->nodes[ROOT].literal = NO_LITERAL;
        for (size_t i = 0; i < n; i++)
            add_literal(engine, literals[i].text, (int32_t)i);
        link_nodes(engine, room);
        *out = engine;
    } else {
        (void)error_set(err, ERR_FATAL, "out_of_memory",
                "no memory for a matcher of %zu words", n);
        match_plain_close(engine);
    }
    free(room);
    return done;
}

void match_plain_scan(
        const struct match_plain *engine, struct str text, match_sink *sink, void *ctx)
{
    size_t len = text.len > UINT32_MAX ? UINT32_MAX : text.len;
    uint32_t node = ROOT;
    for (size_t i = 0; i < len; i++) {
        node = step(engine, node, fold(text.ptr[i]));
        const struct node *at = &engine->nodes[node];
        uint32_t ends = at->literal != NO_LITERAL ? node : at->report;
        for (; ends != ROOT; ends = engine->nodes[ends].report)
            for (int32_t k = engine->nodes[ends].literal; k != NO_LITERAL;
                    k = engine->next[k])
                sink(ctx, (uint32_t)k, (uint32_t)i + 1);
    }
}
