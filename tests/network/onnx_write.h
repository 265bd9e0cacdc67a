/* Writes ONNX models for tests, through the same protobuf code that the importer reads with.
 *
 *     struct onnx_writer *w = onnx_writer_new(13);
 *     onnx_input(w, "x", 2, (int64_t[]){1, 4});
 *     onnx_floats(w, "w", 2, (int64_t[]){4, 3}, weights);
 *     onnx_node(w, "Gemm", "fc1", "x w b", "y");
 *     onnx_attribute_i(w, "transB", 1);          // of the node written last
 *     onnx_output(w, "y");
 *     uint8_t *bytes = onnx_bytes(w, &n);        // to be freed
 *     onnx_writer_free(w);
 *
 * Trouble ends the program: tests have no use for anything else. Names are copied.
 */
#ifndef TESTS_NETWORK_ONNX_WRITE_H
#define TESTS_NETWORK_ONNX_WRITE_H

#include <stddef.h>
#include <stdint.h>

struct onnx_writer;

struct onnx_writer *onnx_writer_new(int64_t opset);
void onnx_writer_free(struct onnx_writer *w);

void onnx_opset(struct onnx_writer *w, const char *domain, int64_t version);

/* A dimension of -1 is written as a name. */
void onnx_input(struct onnx_writer *w, const char *name, unsigned rank, const int64_t *dim);
void onnx_output(struct onnx_writer *w, const char *name);

void onnx_floats(struct onnx_writer *w, const char *name, unsigned rank, const int64_t *dim,
                 const double *value);
void onnx_integers(struct onnx_writer *w, const char *name, size_t n, const int64_t *value);
void onnx_scalar(struct onnx_writer *w, const char *name, double value);

/* An integer tensor of any element type, in raw bytes. */
void onnx_raw(struct onnx_writer *w, const char *name, int32_t type, unsigned rank, const int64_t *dim,
              const void *bytes, size_t n);
/* Float numbers that stand in another file. */
void onnx_external(struct onnx_writer *w, const char *name, unsigned rank, const int64_t *dim,
                   const char *location, const char *offset);

/* inputs, outputs: names between blanks; "-" leaves one out. op may be "domain:Op". */
void onnx_node(struct onnx_writer *w, const char *op, const char *name, const char *inputs,
               const char *outputs);
void onnx_attribute_i(struct onnx_writer *w, const char *name, int64_t value);
void onnx_attribute_f(struct onnx_writer *w, const char *name, double value);
void onnx_attribute_s(struct onnx_writer *w, const char *name, const char *value);
void onnx_attribute_ints(struct onnx_writer *w, const char *name, size_t n, const int64_t *value);
void onnx_attribute_floats(struct onnx_writer *w, const char *name, size_t n, const double *value);
void onnx_attribute_strings(struct onnx_writer *w, const char *name, size_t n, const char *const *value);

uint8_t *onnx_bytes(const struct onnx_writer *w, size_t *n);
void onnx_file(const struct onnx_writer *w, const char *path);

#endif
