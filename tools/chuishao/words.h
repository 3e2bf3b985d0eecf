/* What the codes in messages are called in Chinese. */
#ifndef CHUISHAO_WORDS_H
#define CHUISHAO_WORDS_H

/* The Chinese word for a code of that field ("nature", "report": 举报); the code itself
 * when there is none. */
const char *word_of(const char *field, const char *code);

/* The Chinese name of a field ("category_name": 类别); its own when there is none. */
const char *word_field(const char *field);

/* From now on codes and field names stay as they are. */
void words_plain(void);

#endif
