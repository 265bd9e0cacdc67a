/* What has to hold of a reader whatever bytes it meets: the fuzzer and the replay of its corpus check the
 * same. */
#ifndef TESTS_FUZZ_READER_CHECK_H
#define TESTS_FUZZ_READER_CHECK_H

#include "golden/formats/format.h"

#include <stddef.h>
#include <stdint.h>

/* Reads the bytes in both ways, writes what was read, and reads that: 0; or -1 with a message when
 * something is not as it should be:
 *  - strict reading ends at the end of the bytes, or with a message that begins with the file's name;
 *  - recovering finds an error just when strict reading does, and loses no BX that strict reading gives;
 *  - what is read without error comes back the same when it is written and read again, by BX and by row.
 * Faults of memory are for the sanitizers that this is built with. */
int reader_check(const struct format *f, const uint8_t *bytes, size_t n, struct message *m);

#endif
