/* A model's file: magic, version, checksum, then what textmodel.h describes. A file that
 * is damaged, cut short or of another version is refused. */
#ifndef CHUISHAO_TEXTMODEL_FILE_H
#define CHUISHAO_TEXTMODEL_FILE_H

#include "textmodel.h"

enum { TEXTMODEL_BYTES_MAX = 8 * 1024 * 1024 };

/* Bytes that a model with these counts takes; fills view's pointers into bytes (may be
 * NULL: only the size is wanted). Counts are within the limits of textmodel.h. */
size_t textmodel_layout(
        const struct textmodel_header *header, void *bytes, struct textmodel *view);

/* Checks everything; ERR_INVALID bad_model. bytes are borrowed by *out, aligned to 8. */
MUST_USE bool textmodel_view(
        struct textmodel *out, const void *bytes, size_t size, struct error *err);

/* Writes magic, version, size and checksum into the header of bytes. */
void textmodel_seal(void *bytes, size_t size);

/* Reads a file; ERR_INVALID bad_model, or unreadable when it cannot be read. */
MUST_USE bool textmodel_load(struct textmodel *out, const char *path, struct error *err);
/* Also of the zero value. */
void textmodel_unload(struct textmodel *model);

#endif
