/* junit.xml as CI systems read it. Everything that comes from outside is escaped; XML 1.0 knows no control
 * characters but tab and newline, so others become '?'. */
#include "emu/report/report.h"

#include <inttypes.h>

static void escape(const char *text, FILE *out)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        switch (c) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\n': fputs("&#10;", out); break;
        default: fputc(c < ' ' || c > 126 ? '?' : c, out);
        }
    }
}

static void attribute(const char *name, const char *value, FILE *out)
{
    fprintf(out, " %s=\"", name);
    escape(value, out);
    fputc('"', out);
}

enum outcome { PASSED, FAILED, SKIPPED };

static void test_case(const struct scenario *s, const char *name, enum outcome outcome, const char *text,
                      double seconds, FILE *out)
{
    fputs("  <testcase", out);
    attribute("classname", s->name, out);
    attribute("name", name, out);
    fprintf(out, " time=\"%.3f\"", seconds);
    if (outcome == PASSED) {
        fputs("/>\n", out);
        return;
    }
    fprintf(out, ">\n    <%s", outcome == FAILED ? "failure" : "skipped");
    attribute("message", text, out);
    fputs("/>\n  </testcase>\n", out);
}

static enum outcome outcome_of(const struct run_result *r, const struct check_result *check)
{
    if (check->passed)
        return PASSED;
    return run_result_reached(r, check) ? FAILED : SKIPPED;
}

static void compared_text(const struct check_result *check, char *text, size_t size)
{
    if (check->text[0])
        snprintf(text, size, "%s", check->text);
    else if (!check->compared)
        snprintf(text, size, "nothing was compared");
    else
        snprintf(text, size, "%" PRIu64 " of %" PRIu64 " differ", check->mismatches, check->compared);
}

static unsigned count(const struct run_result *r, enum outcome outcome)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < r->checks; i++)
        n += outcome_of(r, &r->check[i]) == outcome;
    return n;
}

int report_junit(const struct scenario *s, const struct run_result *r, FILE *out)
{
    char text[RESULT_TEXT + 64];
    enum outcome run = r->verdict == VERDICT_PASS ? PASSED : FAILED;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite", out);
    attribute("name", s->name, out);
    fprintf(out, " tests=\"%" PRIu32 "\" failures=\"%u\" errors=\"0\" skipped=\"%u\" time=\"%.3f\">\n",
            r->checks + 1, count(r, FAILED) + (run == FAILED), count(r, SKIPPED), r->wall_s);
    snprintf(text, sizeof text, "%s%s%s", verdict_name(r->verdict), r->reason[0] ? ": " : "", r->reason);
    test_case(s, "run", run, text, r->wall_s, out);
    for (uint32_t i = 0; i < r->checks; i++) {
        compared_text(&r->check[i], text, sizeof text);
        test_case(s, r->check[i].name, outcome_of(r, &r->check[i]), text, 0, out);
    }
    fputs("</testsuite>\n", out);
    return ferror(out) ? -1 : 0;
}
