#include "emu/run/host_check.h"

#include "golden/blocks/host_record.h"

#include <inttypes.h>
#include <stdio.h>

void host_check_path(char *path, size_t size, const char *dir, uint32_t run, uint32_t index,
                     enum compression compression)
{
    snprintf(path, size, "%s/scout_GMT_%06" PRIu32 "_%06" PRIu32 ".dat%s", dir, run, index,
             compression_suffixes[compression]);
}

static void add_record(struct host_content *found, const struct host_record *r)
{
    found->bx++;
    for (unsigned i = 0; i < r->a; i++)
        host_content_muon(found, r->orbit, r->bx, 0, i, r->muon[i].muon);
    for (unsigned i = 0; i < r->b; i++)
        host_content_muon(found, r->orbit, r->bx, 1, i, r->muon[r->a + i].muon);
}

static int add_file(const char *path, enum link_format format, struct host_content *found, struct message *m)
{
    struct host_reader *reader = host_reader_open(path, format, m);
    if (!reader)
        return -1;
    struct host_record record;
    int more;
    while ((more = host_reader_next(reader, &record, m)) > 0)
        add_record(found, &record);
    host_reader_close(reader);
    return more;
}

int host_check_content(const char *dir, uint32_t run, uint32_t files, enum link_format record,
                       enum compression compression, struct host_content *found, struct message *m)
{
    *found = (struct host_content){0};
    for (uint32_t i = 0; i < files; i++) {
        char path[4352];
        host_check_path(path, sizeof path, dir, run, i, compression);
        if (add_file(path, record, found, m) < 0)
            return -1;
    }
    return 0;
}
