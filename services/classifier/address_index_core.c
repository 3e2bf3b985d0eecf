#include "address_letters.h"
#include "address_words_core.h"

#include <assert.h>

static size_t bucket_of_word(struct str word)
{
    return bucket_of(letter_at(word, 0), letter_at(word, letter_size(*word.ptr)));
}

/* All words, one after the other. */
struct cursor {
    size_t ending, list;
    const char *rest;
};

static bool next_word(struct cursor *c, struct address_word *word)
{
    if (c->ending < address_n_endings) {
        *word = (struct address_word){
                address_endings[c->ending].text, ADDRESS_END, (uint16_t)c->ending};
        c->ending++;
        return true;
    }
    while (!c->rest || !*c->rest) {
        if (c->list == address_n_lists)
            return false;
        c->rest = address_lists[c->list++].words;
    }
    const struct address_list *list = &address_lists[c->list - 1];
    size_t len = list->spaced ? strcspn(c->rest, " ") : letter_size(*c->rest);
    *word = (struct address_word){{c->rest, len}, list->role, 0};
    c->rest += len;
    c->rest += list->spaced && *c->rest;
    return true;
}

void address_index_init(struct address_index *index)
{
    *index = (struct address_index){0};
    struct address_word word;
    size_t n = 0;
    for (struct cursor c = {0}; next_word(&c, &word); n++)
        index->first[bucket_of_word(word.text) + 1]++;
    assert(n <= ADDRESS_WORDS_MAX);
    for (size_t b = 0; b < ADDRESS_BUCKETS; b++)
        index->first[b + 1] = (uint16_t)(index->first[b + 1] + index->first[b]);
    for (struct cursor c = {0}; next_word(&c, &word);) {
        size_t at = index->first[bucket_of_word(word.text)];
        while (index->words[at].text.len)
            at++;
        index->words[at] = word;
    }
}
