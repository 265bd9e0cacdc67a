/* summary.json. docs/summary.md documents each key; a test holds the two together. */
#include "emu/report/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static const char *const domain_names[DOMAINS] = {"line", "board", "host"};

/* The setters take what jansson can store; when memory is out they leave a gap, which report_json finds at
 * its end. */
static void set(json_t *object, const char *key, json_t *value) { json_object_set_new(object, key, value); }
static void set_int(json_t *object, const char *key, uint64_t v)
{
    set(object, key, json_integer((json_int_t)v));
}
static void set_real(json_t *object, const char *key, double v) { set(object, key, json_real(v)); }
static void set_bool(json_t *object, const char *key, bool v) { set(object, key, json_boolean(v)); }

/* File names may hold bytes that are no UTF-8; JSON cannot, so each such byte becomes '?'. */
static void set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    if (!value) {
        char copy[SCENARIO_PATH_MAX];
        snprintf(copy, sizeof copy, "%s", text);
        for (char *c = copy; *c; c++)
            if ((unsigned char)*c > 126)
                *c = '?';
        value = json_string(copy);
    }
    set(object, key, value);
}

static void set_hex(json_t *object, const char *key, uint64_t v)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, v);
    set_text(object, key, text);
}

static json_t *engines(const struct scenario *s)
{
    json_t *object = json_object();
    for (unsigned b = 0; b < BLOCKS; b++)
        set_text(object, boundary_info[b].name, engine_name((enum engine)s->engine[b]));
    return object;
}

static json_t *kernel(uint64_t hash, uint32_t latency)
{
    json_t *object = json_object();
    set_hex(object, "hash", hash);
    set_int(object, "latency_cycles", latency);
    return object;
}

static json_t *network(const struct scenario *s, const struct run_result *r)
{
    json_t *object = json_object(), *kernels = json_object();
    char name[SCENARIO_NAME_MAX];
    scenario_network_name(s, name);
    set_text(object, "name", name);
    set_text(object, "note", r->network_note);
    set(kernels, "zero_suppress", kernel(r->build.zero_suppress_hash, r->build.zero_suppress_latency));
    set(kernels, "recal", kernel(r->build.recal_hash, r->build.recal_latency));
    set(object, "kernels", kernels);
    return object;
}

static json_t *checks(const struct run_result *r)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < r->checks; i++) {
        json_t *object = json_object();
        set_text(object, "name", r->check[i].name);
        set_bool(object, "passed", r->check[i].passed);
        set_int(object, "compared", r->check[i].compared);
        set_int(object, "mismatches", r->check[i].mismatches);
        set_text(object, "text", r->check[i].text);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *cycles_of(const struct latency_summary *l)
{
    json_t *object = json_object();
    set_int(object, "min", l->min_cycles);
    set_int(object, "p50", l->p50_cycles);
    set_int(object, "p99", l->p99_cycles);
    set_int(object, "max", l->max_cycles);
    return object;
}

static json_t *ns_of(const struct latency_summary *l)
{
    json_t *object = json_object();
    set_real(object, "min", l->min_ns);
    set_real(object, "p50", l->p50_ns);
    set_real(object, "p99", l->p99_ns);
    set_real(object, "max", l->max_ns);
    return object;
}

static json_t *latency(const struct latency_result *l)
{
    json_t *object = json_object(), *histogram = json_object(), *counts = json_array();
    for (uint32_t i = 0; i < l->bins; i++)
        json_array_append_new(counts, json_integer((json_int_t)l->bin[i]));
    set_int(histogram, "first_cycle", l->bin_first);
    set_int(histogram, "cycles_per_bin", l->bin_width);
    set(histogram, "counts", counts);
    set_int(object, "count", l->summary.count);
    set(object, "cycles", cycles_of(&l->summary));
    set(object, "ns", ns_of(&l->summary));
    set(object, "histogram", histogram);
    return object;
}

static json_t *boundaries(const struct run_result *r)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < BLOCKS; i++) {
        const struct boundary_result *b = &r->boundary[i];
        json_t *object = json_object();
        set_text(object, "name", boundary_info[i].name);
        set_text(object, "domain", domain_names[boundary_info[i].domain]);
        set_int(object, "records", b->records);
        set_hex(object, "content_digest", b->content_digest);
        set_hex(object, "timing_digest", b->timing_digest);
        set(object, "first_out", latency(&b->first_out));
        set(object, "last_out", latency(&b->last_out));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *fifos(const struct run_result *r)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < r->fifos; i++) {
        json_t *object = json_object();
        set_text(object, "name", r->fifo[i].name);
        set_int(object, "high_water", r->fifo[i].high_water);
        set_int(object, "depth", r->fifo[i].depth);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *conservation(const struct conservation *c)
{
    json_t *object = json_object();
    set_int(object, "sent", c->sent);
    set_int(object, "forwarded", c->forwarded);
    set_int(object, "suppressed", c->suppressed);
    set_int(object, "gap", c->gap);
    set_int(object, "before_lock", c->before_lock);
    set_int(object, "dropped", c->dropped);
    set_int(object, "lost_to_fault", c->lost_to_fault);
    set_bool(object, "exact", c->exact);
    return object;
}

static json_t *lane(const struct lane_status *l)
{
    json_t *object = json_object();
    set_int(object, "words", l->words);
    set_int(object, "pads", l->pads);
    set_int(object, "commas", l->commas);
    set_int(object, "k_errors", l->k_errors);
    set_int(object, "crc_ok", l->crc_ok);
    set_int(object, "crc_bad", l->crc_bad);
    set_int(object, "lock_losses", l->lock_losses);
    set_int(object, "link_id", l->link_id);
    set_int(object, "cdc_overflows", l->cdc_overflows);
    return object;
}

static json_t *counters(const struct board_status *b)
{
    json_t *object = json_object(), *lanes = json_array();
    for (unsigned i = 0; i < LANES; i++)
        json_array_append_new(lanes, lane(&b->lane[i]));
    set(object, "lanes", lanes);
    set_int(object, "align_losses", b->align_losses);
    set_int(object, "align_overflows", b->align_overflows);
    set_int(object, "mismatches", b->mismatches);
    set_int(object, "feed_queued", b->feed_queued);
    set_int(object, "feed_skipped", b->feed_skipped);
    set_int(object, "pack_dropped_orbits", b->pack_dropped_orbits);
    set_int(object, "pack_dropped_bx", b->pack_dropped_bx);
    set_int(object, "pack_orbits", b->pack_orbits);
    set_int(object, "pack_packets", b->pack_packets);
    return object;
}

static json_t *host(const struct host_result *h)
{
    json_t *object = json_object();
    set_text(object, "file", h->file);
    set_int(object, "files", h->files);
    set_int(object, "bytes", h->bytes);
    set_int(object, "stored_bytes", h->stored_bytes);
    set_int(object, "block_bytes", h->block_bytes);
    set_real(object, "bytes_per_second", h->bytes_per_s);
    set_real(object, "software_factor", h->software_factor);
    set_real(object, "compression_factor", h->compression_factor);
    set_int(object, "muons", h->muons);
    set_int(object, "bx", h->bx);
    set_int(object, "orbits", h->orbits);
    set_int(object, "packets", h->packets);
    set_int(object, "errors", h->errors);
    set_text(object, "first_error", h->first_error);
    return object;
}

static json_t *residuals(const double rms[TRUTH_QUANTITIES])
{
    json_t *object = json_object();
    set_real(object, "phi", rms[TRUTH_PHI]);
    set_real(object, "eta", rms[TRUTH_ETA]);
    set_real(object, "pt", rms[TRUTH_PT]);
    return object;
}

static json_t *inference(const struct inference_result *i)
{
    json_t *object = json_object();
    set_int(object, "offered", i->offered);
    set_int(object, "inferred", i->inferred);
    set_int(object, "skipped", i->skipped);
    set_real(object, "offered_per_second", i->offered_per_s);
    set_real(object, "sustained_per_second", i->sustained_per_s);
    set_int(object, "judged", i->judged);
    set(object, "before", residuals(i->before));
    set(object, "after", residuals(i->after));
    return object;
}

static json_t *run(const struct run_result *r)
{
    json_t *object = json_object(), *cycles = json_object();
    for (unsigned d = 0; d < DOMAINS; d++)
        set_int(cycles, domain_names[d], r->cycles[d]);
    set_text(object, "view", r->view);
    set_text(object, "quantum", r->quantum);
    set_int(object, "orbits", r->orbits_run);
    set_int(object, "bx", r->bx_run);
    set(object, "cycles", cycles);
    set_real(object, "emulated_seconds", r->emulated_s);
    set_real(object, "wall_seconds", r->wall_s);
    set_real(object, "bx_per_second", r->wall_s > 0 ? (double)r->bx_run / r->wall_s : 0);
    return object;
}

static json_t *summary(const struct scenario *s, const struct run_result *r)
{
    json_t *object = json_object();
    set_text(object, "bxact", r->build.version);
    set_text(object, "scenario", s->name);
    set_text(object, "scenario_file", s->file);
    set_text(object, "verdict", verdict_name(r->verdict));
    set_text(object, "reason", r->reason);
    set_int(object, "seed", s->run.seed);
    set_int(object, "records_compared", r->records_compared);
    set_int(object, "mismatches", r->mismatches);
    set_text(object, "first_mismatch", r->first_mismatch);
    set_text(object, "reproduce", r->reproduce);
    set(object, "engines", engines(s));
    set(object, "network", network(s, r));
    set(object, "run", run(r));
    set(object, "checks", checks(r));
    set(object, "conservation", conservation(&r->conservation));
    set_int(object, "corrupted_bx", r->corrupted_bx);
    set_real(object, "zero_suppression_factor", r->zero_suppression_factor);
    set(object, "inference", inference(&r->inference));
    set(object, "host", host(&r->host));
    set(object, "boundaries", boundaries(r));
    set(object, "fifos", fifos(r));
    set(object, "counters", counters(&r->board));
    return object;
}

int report_json(const struct scenario *s, const struct run_result *r, FILE *out)
{
    json_t *object = summary(s, r);
    int failed = json_dumpf(object, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    json_decref(object);
    return failed || fputc('\n', out) == EOF ? -1 : 0;
}
