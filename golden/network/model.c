#include "golden/network/model.h"

#include "golden/network/hls4ml.h"

#include <sys/stat.h>

static struct graph *read_project(const char *path, const char *formats, struct net_formats *f,
                                  struct message *m)
{
    if (!formats || !*formats)
        return graph_read_hls4ml(path, f, m);
    message_set(m, "%s: an hls4ml project brings its number formats (leave the formats file out)", path);
    return NULL;
}

struct graph *model_read(const char *path, const char *formats, struct net_formats *f, struct message *m)
{
    struct stat status;
    net_formats_init(f);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return read_project(path, formats, f, m);
    struct graph *g = graph_read_onnx(path, m);
    if (g && formats && *formats && net_formats_read(f, formats, m) < 0) {
        graph_free(g);
        return NULL;
    }
    return g;
}
