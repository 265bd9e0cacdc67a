#include "emu/systemc/bus_signals.h"

#include <cstring>

using sc_core::sc_trace;
using sc_core::sc_trace_file;
using std::ostream;
using std::string;

/* ---- comparison ---- */

template <typename T, size_t N> static bool same(const T (&a)[N], const T (&b)[N])
{
    return memcmp(a, b, sizeof a) == 0;
}

bool operator==(const struct line_in &a, const struct line_in &b)
{
    return same(a.data, b.data) && same(a.k, b.k);
}

static bool operator==(const struct word_tag &a, const struct word_tag &b)
{
    return a.orbit == b.orbit && a.bx == b.bx && a.frame == b.frame && a.kind == b.kind;
}

bool operator==(const struct line_tag &a, const struct line_tag &b)
{
    for (int l = 0; l < LANES; l++)
        if (!(a.lane[l] == b.lane[l]))
            return false;
    return true;
}

/* The word lanes of link_rx and cdc_rx. */
template <typename T> static bool same_words(const T &a, const T &b)
{
    return a.valid == b.valid && (!a.valid || (a.first == b.first && a.err == b.err &&
                                               a.crc_bad == b.crc_bad && same(a.data, b.data)));
}

bool operator==(const struct link_rx_out &a, const struct link_rx_out &b)
{
    return a.lock == b.lock && same_words(a, b);
}

bool operator==(const struct cdc_rx_out &a, const struct cdc_rx_out &b)
{
    return same_words(a, b);
}

/* What every struct that carries a BX has. */
template <typename T> static bool same_bx(const T &a, const T &b)
{
    return a.bx == b.bx && a.orbit == b.orbit && a.err == b.err && a.crc_bad == b.crc_bad &&
           a.mismatch == b.mismatch && same(a.block.w, b.block.w);
}

bool operator==(const struct link_align_out &a, const struct link_align_out &b)
{
    return a.valid == b.valid && a.aligned == b.aligned && a.live == b.live && (!a.valid || same_bx(a, b));
}

bool operator==(const struct zero_suppress_out &a, const struct zero_suppress_out &b)
{
    return a.valid == b.valid && (!a.valid || (a.keep == b.keep && same_bx(a, b)));
}

static bool operator==(const struct feed_muon &a, const struct feed_muon &b)
{
    return a.valid == b.valid && (!a.valid || (a.seq == b.seq && a.slot == b.slot && a.muon == b.muon));
}

bool operator==(const struct muon_feed_out &a, const struct muon_feed_out &b)
{
    if (a.valid != b.valid || a.level != b.level)
        return false;
    for (int e = 0; e < MAX_ENGINES; e++)
        if (!(a.muon[e] == b.muon[e]))
            return false;
    return !a.valid || (a.keep == b.keep && a.seq == b.seq && a.queued == b.queued &&
                        a.skipped == b.skipped && same_bx(a, b));
}

static bool operator==(const struct recal_result &a, const struct recal_result &b)
{
    return a.valid == b.valid && (!a.valid || (a.seq == b.seq && a.slot == b.slot && a.phi == b.phi &&
                                               a.eta == b.eta && a.pt == b.pt));
}

bool operator==(const struct recal_out &a, const struct recal_out &b)
{
    for (int e = 0; e < MAX_ENGINES; e++)
        if (!(a.result[e] == b.result[e]))
            return false;
    return true;
}

bool operator==(const struct event_pack_out &a, const struct event_pack_out &b)
{
    return a.valid == b.valid && a.level == b.level && a.dropped == b.dropped &&
           (!a.valid || (a.kind == b.kind && a.index == b.index && a.bx == b.bx && a.orbit == b.orbit &&
                         same(a.w, b.w)));
}

bool operator==(const struct cdc_dma_ready &a, const struct cdc_dma_ready &b)
{
    return a.ready == b.ready && a.afull == b.afull;
}

bool operator==(const struct cdc_dma_out &a, const struct cdc_dma_out &b)
{
    return a.valid == b.valid && (!a.valid || (a.kind == b.kind && same(a.w, b.w)));
}

bool operator==(const struct dma_out &a, const struct dma_out &b)
{
    return a.valid == b.valid && a.ready == b.ready && a.afull == b.afull && a.level == b.level &&
           (!a.valid || (a.kind == b.kind && same(a.w, b.w)));
}

/* ---- fields, in one list for printing and tracing ---- */

/* Calls visit(name, value) for each field; value is an integer. */
template <typename V, typename T, size_t N> static void each(V &visit, const char *name, const T (&v)[N])
{
    for (size_t i = 0; i < N; i++)
        visit(name + std::to_string(i), v[i]);
}

template <typename V> static void fields(V &visit, const struct line_in &v)
{
    each(visit, "data", v.data);
    each(visit, "k", v.k);
}

template <typename V> static void fields(V &visit, const struct line_tag &v)
{
    for (int l = 0; l < LANES; l++) {
        const string lane = std::to_string(l);
        visit("orbit" + lane, v.lane[l].orbit);
        visit("bx" + lane, v.lane[l].bx);
        visit("frame" + lane, v.lane[l].frame);
        visit("kind" + lane, v.lane[l].kind);
    }
}

template <typename V, typename T> static void word_fields(V &visit, const T &v)
{
    visit("valid", v.valid);
    visit("first", v.first);
    visit("err", v.err);
    visit("crc_bad", v.crc_bad);
    each(visit, "data", v.data);
}

template <typename V> static void fields(V &visit, const struct link_rx_out &v)
{
    word_fields(visit, v);
    visit("lock", v.lock);
}

template <typename V> static void fields(V &visit, const struct cdc_rx_out &v)
{
    word_fields(visit, v);
}

template <typename V, typename T> static void bx_fields(V &visit, const T &v)
{
    visit("valid", v.valid);
    visit("bx", v.bx);
    visit("orbit", v.orbit);
    visit("err", v.err);
    visit("crc_bad", v.crc_bad);
    visit("mismatch", v.mismatch);
    each(visit, "w", v.block.w);
}

template <typename V> static void fields(V &visit, const struct link_align_out &v)
{
    bx_fields(visit, v);
    visit("aligned", v.aligned);
    visit("live", v.live);
}

template <typename V> static void fields(V &visit, const struct zero_suppress_out &v)
{
    bx_fields(visit, v);
    visit("keep", v.keep);
}

template <typename V> static void fields(V &visit, const struct muon_feed_out &v)
{
    bx_fields(visit, v);
    visit("keep", v.keep);
    visit("seq", v.seq);
    visit("queued", v.queued);
    visit("skipped", v.skipped);
    visit("level", v.level);
    for (int e = 0; e < MAX_ENGINES; e++) {
        const string engine = "engine" + std::to_string(e) + "_";
        visit(engine + "valid", v.muon[e].valid);
        visit(engine + "seq", v.muon[e].seq);
        visit(engine + "slot", v.muon[e].slot);
        visit(engine + "muon", v.muon[e].muon);
    }
}

template <typename V> static void fields(V &visit, const struct recal_out &v)
{
    for (int e = 0; e < MAX_ENGINES; e++) {
        const string engine = "engine" + std::to_string(e) + "_";
        visit(engine + "valid", v.result[e].valid);
        visit(engine + "seq", v.result[e].seq);
        visit(engine + "slot", v.result[e].slot);
        visit(engine + "phi", v.result[e].phi);
        visit(engine + "eta", v.result[e].eta);
        visit(engine + "pt", v.result[e].pt);
    }
}

template <typename V> static void fields(V &visit, const struct event_pack_out &v)
{
    visit("valid", v.valid);
    visit("kind", v.kind);
    visit("index", v.index);
    visit("bx", v.bx);
    visit("orbit", v.orbit);
    visit("level", v.level);
    visit("dropped", v.dropped);
    each(visit, "w", v.w);
}

template <typename V> static void fields(V &visit, const struct cdc_dma_ready &v)
{
    visit("ready", v.ready);
    visit("afull", v.afull);
}

template <typename V> static void fields(V &visit, const struct cdc_dma_out &v)
{
    visit("valid", v.valid);
    visit("kind", v.kind);
    each(visit, "w", v.w);
}

template <typename V> static void fields(V &visit, const struct dma_out &v)
{
    visit("valid", v.valid);
    visit("kind", v.kind);
    visit("ready", v.ready);
    visit("afull", v.afull);
    visit("level", v.level);
    each(visit, "w", v.w);
}

namespace {

struct Printer {
    ostream &out;
    const char *before = "{";

    template <typename T> void operator()(const string &name, const T &value)
    {
        out << before << name << '=' << +value;
        before = " ";
    }
};

struct Tracer {
    sc_trace_file *file;
    const string &prefix;

    template <typename T> void operator()(const string &name, const T &value)
    {
        sc_trace(file, value, prefix + "." + name, 8 * (int)sizeof value);
    }
};

} // namespace

#define BUS_SIGNAL(type)                                                                   \
    ostream &operator<<(ostream &out, const struct type &v)                                \
    {                                                                                      \
        Printer print{out};                                                                \
        fields(print, v);                                                                  \
        return out << '}';                                                                 \
    }                                                                                      \
    void sc_trace(sc_trace_file *file, const struct type &v, const string &name)           \
    {                                                                                      \
        Tracer trace{file, name};                                                          \
        fields(trace, v);                                                                  \
    }

BUS_SIGNAL(line_in)
BUS_SIGNAL(line_tag)
BUS_SIGNAL(link_rx_out)
BUS_SIGNAL(cdc_rx_out)
BUS_SIGNAL(link_align_out)
BUS_SIGNAL(zero_suppress_out)
BUS_SIGNAL(muon_feed_out)
BUS_SIGNAL(recal_out)
BUS_SIGNAL(event_pack_out)
BUS_SIGNAL(cdc_dma_ready)
BUS_SIGNAL(cdc_dma_out)
BUS_SIGNAL(dma_out)
