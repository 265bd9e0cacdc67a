/* A reader of files under libFuzzer, which tools/fuzz builds and runs. BXACT_FUZZ_FORMAT is the format's
 * name; "any" is the one that the content shows. */
#include "tests/fuzz/reader_check.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct format *format;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *wanted = getenv("BXACT_FUZZ_FORMAT");
    (void)argc;
    format = wanted ? format_find(wanted) : NULL;
    if (format || (wanted && strcmp(wanted, "any") == 0))
        return 0;
    fprintf(stderr, "%s: BXACT_FUZZ_FORMAT: give the name of a format, or any\n", (*argv)[0]);
    exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct format *f = format ? format : format_of_content(bytes, n < FORMAT_HEAD ? n : FORMAT_HEAD);
    struct message m;
    if (!f || reader_check(f, bytes, n, &m) == 0)
        return 0;
    fprintf(stderr, "%s: %s\n", f->name, m.text);
    abort();
}
