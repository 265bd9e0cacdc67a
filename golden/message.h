/* One line of text for the user: what went wrong, where, and what is accepted.
 *
 * Functions that can fail on input take a `struct message *` (NULL: no text wanted), return -1 on
 * failure and leave a text of the form `file:line: what is wrong (what is accepted)`, no newline.
 */
#ifndef GOLDEN_MESSAGE_H
#define GOLDEN_MESSAGE_H

#ifdef __cplusplus
extern "C" {
#endif

enum { MESSAGE_SIZE = 1024 };

struct message {
    char text[MESSAGE_SIZE];
};

/* Writes the text, cut at MESSAGE_SIZE - 1 characters; returns -1, so that callers can return it. */
int message_set(struct message *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif
#endif
