#include "golden/network/onnx_tensor.h"

#include "golden/network/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- elements ---- */

static double half(uint16_t bits)
{
    int exponent = bits >> 10 & 31;
    double mantissa = bits & 1023, sign = bits >> 15 ? -1 : 1;
    if (exponent == 31)
        return mantissa != 0 ? NAN : sign * INFINITY;
    return sign * (exponent ? ldexp(mantissa + 1024, exponent - 25) : ldexp(mantissa, -24));
}

static double float_of_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static unsigned element_bytes(uint8_t element)
{
    switch (element) {
    case ELEMENT_UINT8:
    case ELEMENT_INT8:
    case ELEMENT_BOOL: return 1;
    case ELEMENT_UINT16:
    case ELEMENT_INT16:
    case ELEMENT_FLOAT16:
    case ELEMENT_BFLOAT16: return 2;
    case ELEMENT_FLOAT:
    case ELEMENT_INT32:
    case ELEMENT_UINT32: return 4;
    case ELEMENT_INT64:
    case ELEMENT_UINT64:
    case ELEMENT_DOUBLE: return 8;
    default: return 0;
    }
}

bool onnx_element_known(int32_t type)
{
    return type > 0 && type <= ELEMENT_BFLOAT16 && element_bytes((uint8_t)type);
}

/* `bits` as stored, little endian. */
static double number(uint8_t element, uint64_t bits)
{
    double d;
    switch (element) {
    case ELEMENT_FLOAT: return float_of_bits((uint32_t)bits);
    case ELEMENT_DOUBLE: memcpy(&d, &bits, sizeof d); return d;
    case ELEMENT_FLOAT16: return half((uint16_t)bits);
    case ELEMENT_BFLOAT16: return float_of_bits((uint32_t)bits << 16);
    case ELEMENT_INT8: return (int8_t)bits;
    case ELEMENT_INT16: return (int16_t)bits;
    case ELEMENT_INT32: return (int32_t)bits;
    case ELEMENT_INT64: return (double)(int64_t)bits;
    default: return (double)bits;
    }
}

static void from_bytes(struct onnx_numbers *to, const uint8_t *bytes)
{
    unsigned size = element_bytes(to->element);
    for (size_t e = 0; e < to->n; e++) {
        uint64_t bits = 0;
        for (unsigned b = 0; b < size; b++)
            bits |= (uint64_t)bytes[e * size + b] << 8 * b;
        to->value[e] = number(to->element, bits);
    }
}

/* The typed lists: which one holds an element type, and how many entries. */
static double listed(const Onnx__TensorProto *from, uint8_t element, size_t e)
{
    switch (element) {
    case ELEMENT_FLOAT: return from->float_data[e];
    case ELEMENT_DOUBLE: return from->double_data[e];
    case ELEMENT_INT64: return (double)from->int64_data[e];
    case ELEMENT_UINT32:
    case ELEMENT_UINT64: return (double)from->uint64_data[e];
    default: return number(element, (uint32_t)from->int32_data[e]);
    }
}

static size_t list_length(const Onnx__TensorProto *from, uint8_t element)
{
    switch (element) {
    case ELEMENT_FLOAT: return from->n_float_data;
    case ELEMENT_DOUBLE: return from->n_double_data;
    case ELEMENT_INT64: return from->n_int64_data;
    case ELEMENT_UINT32:
    case ELEMENT_UINT64: return from->n_uint64_data;
    default: return from->n_int32_data;
    }
}

/* ---- a tensor ---- */

static const char *name_of(const Onnx__TensorProto *from)
{
    return from->name ? from->name : "";
}

static int wrong_length(const Onnx__TensorProto *from, const char *path, size_t want, struct message *m)
{
    return message_set(m, "%s: tensor '%.80s' does not hold the %zu numbers of its shape", path,
                       name_of(from), want);
}

/* The file's folder and a name that stays in it. */
static int external_path(char *to, size_t size, const char *model, const char *location)
{
    const char *slash = strrchr(model, '/');
    int folder = slash ? (int)(slash - model) + 1 : 0;
    if (location[0] == '/' || strstr(location, "..") || !*location)
        return -1;
    return snprintf(to, size, "%.*s%s", folder, model, location) < (int)size ? 0 : -1;
}

static const char *external_entry(const Onnx__TensorProto *from, const char *key)
{
    for (size_t k = 0; k < from->n_external_data; k++)
        if (from->external_data[k]->key && strcmp(from->external_data[k]->key, key) == 0)
            return from->external_data[k]->value ? from->external_data[k]->value : "";
    return NULL;
}

static int from_file(struct onnx_numbers *to, const Onnx__TensorProto *from, const char *path,
                     struct message *m)
{
    char file[4096], *end = "";
    const char *location = external_entry(from, "location"), *offset = external_entry(from, "offset");
    size_t n, want = to->n * element_bytes(to->element);
    if (!location || external_path(file, sizeof file, path, location) < 0)
        return message_set(m, "%s: tensor '%.80s': external data must be a file in the model's folder", path,
                           name_of(from));
    uint64_t from_byte = offset ? strtoull(offset, &end, 10) : 0;
    if (*end || (offset && (*offset < '0' || *offset > '9')))
        return message_set(m, "%s: tensor '%.80s': offset '%.40s' is no number", path, name_of(from), offset);
    uint8_t *bytes = net_file_read(file, from_byte, NET_MAX_FILE, &n, m);
    if (!bytes)
        return -1;
    int failed = n < want ? wrong_length(from, file, to->n, m) : 0;
    if (!failed)
        from_bytes(to, bytes);
    free(bytes);
    return failed;
}

static int read_shape(struct onnx_numbers *to, const Onnx__TensorProto *from, const char *path,
                      struct message *m)
{
    uint64_t n = 1;
    if (from->n_dims > NET_MAX_RANK)
        return message_set(m, "%s: tensor '%.80s' has more than %d dimensions", path, name_of(from),
                           NET_MAX_RANK);
    to->shape.rank = (unsigned)from->n_dims;
    for (size_t d = 0; d < from->n_dims; d++) {
        int64_t dim = from->dims[d];
        if (dim < 0 || dim > NET_MAX_ELEMENTS || (n *= (uint64_t)dim) > NET_MAX_ELEMENTS)
            return message_set(m, "%s: tensor '%.80s' has a dimension of %" PRId64 " (at most %d elements)",
                               path, name_of(from), dim, NET_MAX_ELEMENTS);
        to->shape.dim[d] = (uint32_t)dim;
    }
    to->n = (size_t)n;
    return 0;
}

int onnx_numbers_read(struct onnx_numbers *to, struct arena *arena, const Onnx__TensorProto *from,
                      const char *path, struct message *m)
{
    *to = (struct onnx_numbers){0};
    if (!onnx_element_known(from->data_type))
        return message_set(m,
                           "%s: tensor '%.80s' has data type %d (give numbers: float, double, int or bool)",
                           path, name_of(from), from->data_type);
    to->element = (uint8_t)from->data_type;
    if (read_shape(to, from, path, m) < 0)
        return -1;
    to->value = arena_alloc(arena, to->n, sizeof *to->value);
    if (!to->value)
        return message_set(m, "%s: out of memory", path);
    if (from->has_data_location && from->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return from_file(to, from, path, m);
    if (from->has_raw_data) {
        if (from->raw_data.len != to->n * element_bytes(to->element))
            return wrong_length(from, path, to->n, m);
        from_bytes(to, from->raw_data.data);
        return 0;
    }
    if (list_length(from, to->element) != to->n)
        return wrong_length(from, path, to->n, m);
    for (size_t e = 0; e < to->n; e++)
        to->value[e] = listed(from, to->element, e);
    return 0;
}
