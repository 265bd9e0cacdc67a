#include "golden/formats/link_file.h"
#include "golden/formats/stream.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

/* A file with these bytes, under a name of its own. */
static const char *file_with(const char *bytes, size_t n)
{
    snprintf(path, sizeof path, "/tmp/bxact_mp7_XXXXXX");
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(fwrite(bytes, 1, n, file), n);
    fclose(file);
    return path;
}

static struct link_reader *open_mp7(const char *name, struct message *m)
{
    FILE *file = stream_read(name, m);
    return file ? link_reader_new(file, name, &link_codec_mp7, m) : NULL;
}

#define HEADER "Board B\n Quad/Chan :    q00c0      q00c1\n      Link :     00         01\n"
#define FRAME0 "Frame 0000 : 1v00000000 0v0000abcd\n"
#define FRAME1 "Frame 0001 : 0v00000000 1v00000001\n"

/* Reads all boards and frames; the number of frames, or -1. */
static int read_all(const char *name, struct message *m)
{
    struct link_board board;
    struct link_frame frame;
    struct link_reader *r = open_mp7(name, m);
    int got = r ? 1 : -1, n = 0;
    while (got == 1 && (got = link_read_board(r, &board, m)) == 1) {
        while ((got = link_read_frame(r, &frame, m)) == 1)
            n++;
        got = got == 0 ? 1 : got;
    }
    link_reader_free(r);
    return got < 0 ? -1 : n;
}

static int count_frames(const char *text)
{
    struct message m = {""};
    int n = read_all(file_with(text, strlen(text)), &m);
    unlink(path);
    if (n < 0)
        printf("(%s) ", m.text);
    return n;
}

static void test_the_documented_example_reads(void)
{
    struct link_board board;
    struct link_frame frame;
    struct link_reader *r = open_mp7(file_with(HEADER FRAME0 FRAME1, strlen(HEADER FRAME0 FRAME1)), NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(link_read_board(r, &board, NULL), 1);
    CU_ASSERT_STRING_EQUAL(board.name, "B");
    CU_ASSERT_EQUAL(board.links, 2);
    CU_ASSERT_EQUAL(board.link[1], 1);
    CU_ASSERT_EQUAL(link_read_frame(r, &frame, NULL), 1);
    CU_ASSERT(frame.number == 0 && frame.data[1] == 0xabcd && frame.side[0] == 1 && frame.side[1] == 0);
    CU_ASSERT_EQUAL(r->text.number, 4);
    CU_ASSERT_EQUAL(link_read_frame(r, &frame, NULL), 1);
    CU_ASSERT(frame.number == 1 && frame.data[1] == 1 && frame.side[0] == 0 && frame.side[1] == 1);
    CU_ASSERT_EQUAL(link_read_frame(r, &frame, NULL), 0);
    CU_ASSERT_EQUAL(link_read_board(r, &board, NULL), 0);
    link_reader_free(r);
    unlink(path);
}

/* The published examples of the other grammars (domain.md 5.2-5.4), word by word: marks are where they are
 * said to be. */
static void check_example(const struct link_codec *codec, const char *text, const uint16_t side[2],
                          const uint64_t data[2])
{
    struct link_board board;
    struct link_frame frame = {.number = 9};
    struct message m = {""};
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    struct link_reader *r = link_reader_new(file, "example", codec, &m);
    CU_ASSERT_EQUAL(link_read_board(r, &board, &m), 1);
    CU_ASSERT(board.links == 2 && board.link[0] == 10 && board.link[1] == 11);
    CU_ASSERT_EQUAL(link_read_frame(r, &frame, &m), 1);
    CU_ASSERT_STRING_EQUAL(m.text, "");
    CU_ASSERT_EQUAL(frame.number, 0);
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(frame.side[i], side[i]);
        CU_ASSERT_EQUAL(frame.data[i], data[i]);
    }
    CU_ASSERT_EQUAL(link_read_frame(r, &frame, &m), 0);
    link_reader_free(r);
}

#define EMP1 "Board CMSSW\n Quad/Chan :         q02c2                q02c3       \n" \
             "      Link :          010                  011        \n"
#define EMP2 "ID: CMSSW\nMetadata: (strobe,) start of orbit, start of packet, end of packet, valid\n\n" \
             "      Link              010                    011        \n"
#define APX "#LinkLabel                LINK_10                    LINK_11    \n#BeginData\n"

static void test_the_documented_examples_of_other_formats_read(void)
{
    static const uint64_t data[2] = {UINT64_C(0x0123456789abcdef), UINT64_C(0x1111222233334444)};
    static const uint16_t first[2] = {SIDE_VALID, 0},
                          packet[2] = {SIDE_ORBIT | SIDE_START | SIDE_VALID, SIDE_VALID};
    static const uint16_t end[2] = {SIDE_END | SIDE_VALID, SIDE_START}, all[2] = {SIDE_VALID, SIDE_VALID};
    static const uint16_t strobe[2] = {SIDE_NO_STROBE | SIDE_VALID, 0},
                          apx[2] = {SIDE_VALID | SIDE_START, SIDE_END};
    static const uint16_t early[2] = {SIDE_ORBIT | SIDE_VALID, SIDE_START | SIDE_END | SIDE_VALID};
    static const uint16_t error[2] = {SIDE_ERROR, SIDE_ORBIT};
    check_example(&link_codec_emp1, EMP1 "Frame 0000 :   1v0123456789abcdef   0v1111222233334444\n", first,
                  data);
    check_example(&link_codec_emp1, EMP1 "Frame 0000 : 0s1v0123456789abcdef 1s0v1111222233334444\n", strobe,
                  data);
    check_example(&link_codec_emp2, EMP2 "Frame 0000    1101 0123456789abcdef  0001 1111222233334444\n",
                  packet, data);
    check_example(&link_codec_emp2, EMP2 "Frame 0000    0011 0123456789abcdef  0100 1111222233334444\n", end,
                  data);
    check_example(&link_codec_emp2, EMP2 "Frame 0000    00001 0123456789abcdef  10000 1111222233334444\n",
                  strobe, data);
    check_example(&link_codec_emp2, EMP2 "Frame 0000    100 0123456789abcdef  011 1111222233334444\n", early,
                  data);
    check_example(&link_codec_apx,
                  "#Sideband ON\n" APX "0x0000    0x03 0x0123456789abcdef    0x08 0x1111222233334444\n", apx,
                  data);
    check_example(&link_codec_apx,
                  "#Sideband ON\n" APX "0x0000    0x10 0x0123456789abcdef    0x04 0x1111222233334444\n",
                  error, data);
    check_example(&link_codec_apx, APX "0x0000    0x0123456789abcdef    0x1111222233334444\n", all, data);
}

/* One column without a valid digit: no column has it, so that four digits begin with a strobe. */
static void test_marks_are_those_of_the_whole_first_frame(void)
{
    static const uint64_t data[2] = {UINT64_C(0x0123456789abcdef), UINT64_C(0x1111222233334444)};
    static const uint16_t side[2] = {SIDE_NO_STROBE | SIDE_END | SIDE_VALID, SIDE_START | SIDE_VALID};
    check_example(&link_codec_emp2, EMP2 "Frame 0000    0001 0123456789abcdef  010 1111222233334444\n", side,
                  data);
}

static void test_what_is_accepted(void)
{
    CU_ASSERT_EQUAL(count_frames(HEADER FRAME0 FRAME1), 2);
    CU_ASSERT_EQUAL(count_frames("# note\n\n" HEADER "# note\n" FRAME0 "\n \t\n" FRAME1 "\n"), 2);
    CU_ASSERT_EQUAL(count_frames("Board B\r\n Quad/Chan :q00c0\r\n Link : 0\r\nFrame 0 : 1v01234567\r\n"), 1);
    CU_ASSERT_EQUAL(count_frames(HEADER "Frame 0000 : 00000000 DEADbeef\n"), 1);
    CU_ASSERT_EQUAL(count_frames(HEADER FRAME0 FRAME1 HEADER FRAME0), 3);
    CU_ASSERT_EQUAL(count_frames(HEADER "Frame 0000 : 1v00000000 1v00000000"), 1);
}

static void refuse_bytes(const char *bytes, size_t n, unsigned line, const char *what)
{
    struct message m = {""};
    char prefix[80];
    CU_ASSERT_EQUAL(read_all(file_with(bytes, n), &m), -1);
    if (line)
        snprintf(prefix, sizeof prefix, "%s:%u: ", path, line);
    else
        snprintf(prefix, sizeof prefix, "%s: ", path);
    if (strncmp(m.text, prefix, strlen(prefix)) != 0 || !strstr(m.text, what))
        printf("(got: %s) ", m.text);
    CU_ASSERT_EQUAL(strncmp(m.text, prefix, strlen(prefix)), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, what));
    unlink(path);
}

static void refuse(const char *text, unsigned line, const char *what)
{
    refuse_bytes(text, strlen(text), line, what);
}

static void test_what_is_refused(void)
{
    refuse("", 0, "no board");
    refuse("\n# nothing\n", 0, "no board");
    refuse("garbage\n", 1, "Board <name>");
    refuse("Board \n", 1, "0 characters");
    refuse("Board B\n", 1, "Quad/Chan :");
    refuse("Board B\n Link : 00\n", 2, "Quad/Chan :");
    refuse("Board B\n Quad/Chan : q00c0\n", 2, "Link :");
    refuse("Board B\n Quad/Chan : q00d0\n Link : 00\n", 2, "q00d0");
    refuse("Board B\n Quad/Chan : q00c0\n Link : 0x\n", 3, "0x");
    refuse("Board B\n Quad/Chan : q00c0\n Link : 128\n", 3, "128");
    refuse("Board B\n Quad/Chan : q00c0\n Link : 999999999999999999999\n", 3, "99999");
    refuse("Board B\n Quad/Chan :\n Link :\n", 3, "no link");
    refuse("Board B\n Quad/Chan : q00c0 q00c1\n Link : 00\n", 3, "1 links, but 2 channels");
    refuse("Board B\n Quad/Chan : q00c0 q00c1\n Link : 00 00\n", 3, "link 0 is there twice");
    refuse(HEADER, 3, "no frame");
    refuse(HEADER HEADER FRAME0, 4, "no frame");
    refuse(HEADER FRAME1, 4, "frame 1 is out of order (give 0)");
    refuse(HEADER FRAME0 FRAME0, 5, "frame 0 is out of order (give 1)");
    refuse(HEADER FRAME0 "Frame 0001 : 1v00000000\n", 5, "has 1 words (give 2");
    refuse(HEADER FRAME0 "Frame 0001 : 1v00000000 1v00000000 1v00000000\n", 5, "more words");
    refuse(HEADER FRAME0 "Frame 0001 : 1v00000000 1v0000", 5, "1v0000");
    refuse(HEADER FRAME0 "Frame 0001 : 1v00000000 2v00000000\n", 5, "2v00000000");
    refuse(HEADER FRAME0 "Frame 0001 : 1v00000000 1v0000000g\n", 5, "1v0000000g");
    refuse(HEADER FRAME0 "Frame 0001 : 1v00000000 1v000000001\n", 5, "1v000000001");
    refuse(HEADER FRAME0 "Frame 0001 : 00000000 00000000\n", 5, "or none");
    refuse(HEADER FRAME0 "Frame 1 1v00000000 1v00000000\n", 5, "Frame 0001");
    refuse(HEADER FRAME0 "Frame\n", 5, "Frame 0001");
    refuse_bytes("Board B\n\0\n", 10, 2, "NUL byte at column 1");
}

static void test_long_lines_and_names_are_refused(void)
{
    static char text[100000];
    memset(text, 'x', sizeof text);
    refuse_bytes(text, sizeof text, 1, "longer than");
    memcpy(text, "Board ", 6);
    text[100] = '\n';
    refuse_bytes(text, 101, 1, "94 characters");
}

static void test_missing_files_and_directories(void)
{
    struct message m = {""};
    CU_ASSERT_PTR_NULL(open_mp7("/tmp/bxact_is_not_there.txt", &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "/tmp/bxact_is_not_there.txt: No such file"));
    CU_ASSERT_PTR_NULL(open_mp7("/tmp", &m));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.text, "/tmp: is a directory"));
}

static void random_board(struct rng *r, struct link_board *board)
{
    *board = (struct link_board){.links = 1 + rng_below(r, LINKS_MAX)};
    snprintf(board->name, sizeof board->name, "board_%lu", (unsigned long)rng_below(r, 1000));
    unsigned first = rng_below(r, LINKS_MAX);
    for (unsigned i = 0; i < board->links; i++)
        board->link[i] = (uint16_t)((first + i) % LINKS_MAX);
}

static void random_frame(struct rng *r, const struct link_board *board, unsigned dialect,
                         uint32_t number,
                         struct link_frame *frame)
{
    *frame = (struct link_frame){.number = number};
    for (unsigned i = 0; i < board->links; i++) {
        frame->data[i] = rng_next(r) >> 32;
        frame->side[i] = dialect || rng_below(r, 2);
    }
}

static void test_written_files_come_back(void)
{
    enum { BOARDS = 3, FRAMES_EACH = 20 };
    for (unsigned trial = 0; trial < 10; trial++) {
        unsigned dialect = trial % 2 ? DIALECT_PLAIN : 0;
        struct link_board board, back;
        struct link_frame frame, frame_back;
        struct rng r, again;
        rng_seed(&r, test_seed() + trial);
        again = r;
        FILE *out = fopen(file_with("", 0), "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(out);
        for (unsigned b = 0; b < BOARDS; b++) {
            random_board(&r, &board);
            board.dialect = dialect;
            link_codec_mp7.write_board(out, &board);
            for (unsigned f = 0; f < FRAMES_EACH; f++) {
                random_frame(&r, &board, dialect, f, &frame);
                link_codec_mp7.write_frame(out, &board, &frame);
            }
        }
        fclose(out);
        struct link_reader *in = open_mp7(path, NULL);
        for (unsigned b = 0; b < BOARDS; b++) {
            random_board(&again, &board);
            CU_ASSERT_EQUAL(link_read_board(in, &back, NULL), 1);
            CU_ASSERT_STRING_EQUAL(board.name, back.name);
            CU_ASSERT_EQUAL(board.links, back.links);
            CU_ASSERT_EQUAL(memcmp(board.link, back.link, board.links * sizeof *board.link), 0);
            for (unsigned f = 0; f < FRAMES_EACH; f++) {
                random_frame(&again, &board, dialect, f, &frame);
                CU_ASSERT_EQUAL(link_read_frame(in, &frame_back, NULL), 1);
                CU_ASSERT_EQUAL(memcmp(frame.data, frame_back.data, board.links * sizeof *frame.data), 0);
                CU_ASSERT_EQUAL(memcmp(frame.side, frame_back.side, board.links * sizeof *frame.side), 0);
            }
        }
        CU_ASSERT_EQUAL(link_read_board(in, &back, NULL), 0);
        link_reader_free(in);
        unlink(path);
    }
}

/* Broken copies of a good file: whatever happens, an answer comes, and a refusal names the file. */
static void test_random_damage_is_survived(void)
{
    static const char good[] = HEADER FRAME0 FRAME1 HEADER FRAME0 FRAME1;
    struct rng r;
    rng_seed(&r, test_seed() + 99);
    unsigned refused = 0;
    for (unsigned i = 0; i < 2000; i++) {
        char text[sizeof good];
        struct message m = {""};
        size_t n = sizeof good - 1;
        memcpy(text, good, sizeof good);
        for (unsigned k = rng_below(&r, 4); k > 0; k--)
            text[rng_below(&r, (uint32_t)n)] = (char)rng_below(&r, 256);
        if (rng_below(&r, 3) == 0)
            n = rng_below(&r, (uint32_t)n);
        if (read_all(file_with(text, n), &m) < 0) {
            refused++;
            CU_ASSERT_EQUAL(strncmp(m.text, path, strlen(path)), 0);
        }
        unlink(path);
    }
    CU_ASSERT(refused > 500 && refused < 2000);
}

TEST_MAIN("golden/link_file", TEST(test_the_documented_example_reads),
          TEST(test_the_documented_examples_of_other_formats_read),
          TEST(test_marks_are_those_of_the_whole_first_frame), TEST(test_what_is_accepted),
          TEST(test_what_is_refused), TEST(test_long_lines_and_names_are_refused),
          TEST(test_missing_files_and_directories), TEST(test_written_files_come_back),
          TEST(test_random_damage_is_survived))
