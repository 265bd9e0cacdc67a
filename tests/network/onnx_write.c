#include "tests/network/onnx_write.h"

#include "onnx.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct onnx_writer {
    Onnx__ModelProto *model;
};

static void *make(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);
    if (!p) {
        fputs("onnx_write: out of memory\n", stderr);
        exit(3);
    }
    return p;
}

static char *text(const char *s)
{
    char *copy = make(strlen(s) + 1, 1);
    return strcpy(copy, s);
}

/* One more pointer at the end of a list. */
#define APPEND(list, count, item)                                                                            \
    do {                                                                                                     \
        list = realloc(list, ((count) + 1) * sizeof *(list));                                                \
        if (!list)                                                                                           \
            exit(3);                                                                                         \
        (list)[(count)++] = item;                                                                            \
    } while (0)

struct onnx_writer *onnx_writer_new(int64_t opset)
{
    struct onnx_writer *w = make(1, sizeof *w);
    w->model = make(1, sizeof *w->model);
    onnx__model_proto__init(w->model);
    w->model->has_ir_version = 1;
    w->model->ir_version = 7;
    w->model->graph = make(1, sizeof *w->model->graph);
    onnx__graph_proto__init(w->model->graph);
    w->model->graph->name = text("test");
    onnx_opset(w, "", opset);
    return w;
}

void onnx_writer_free(struct onnx_writer *w)
{
    onnx__model_proto__free_unpacked(w->model, NULL);
    free(w);
}

void onnx_opset(struct onnx_writer *w, const char *domain, int64_t version)
{
    Onnx__OperatorSetIdProto *set = make(1, sizeof *set);
    onnx__operator_set_id_proto__init(set);
    set->domain = text(domain);
    set->has_version = 1;
    set->version = version;
    APPEND(w->model->opset_import, w->model->n_opset_import, set);
}

static Onnx__TensorShapeProto__Dimension *dimension(int64_t n)
{
    Onnx__TensorShapeProto__Dimension *d = make(1, sizeof *d);
    onnx__tensor_shape_proto__dimension__init(d);
    if (n < 0) {
        d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        d->dim_param = text("batch");
    } else {
        d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        d->dim_value = n;
    }
    return d;
}

static Onnx__ValueInfoProto *value_info(const char *name)
{
    Onnx__ValueInfoProto *v = make(1, sizeof *v);
    onnx__value_info_proto__init(v);
    v->name = text(name);
    v->type = make(1, sizeof *v->type);
    onnx__type_proto__init(v->type);
    v->type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    v->type->tensor_type = make(1, sizeof *v->type->tensor_type);
    onnx__type_proto__tensor__init(v->type->tensor_type);
    v->type->tensor_type->has_elem_type = 1;
    v->type->tensor_type->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    return v;
}

void onnx_input(struct onnx_writer *w, const char *name, unsigned rank, const int64_t *dim)
{
    Onnx__ValueInfoProto *v = value_info(name);
    Onnx__TensorShapeProto *shape = make(1, sizeof *shape);
    onnx__tensor_shape_proto__init(shape);
    for (unsigned d = 0; d < rank; d++)
        APPEND(shape->dim, shape->n_dim, dimension(dim[d]));
    v->type->tensor_type->shape = shape;
    APPEND(w->model->graph->input, w->model->graph->n_input, v);
}

void onnx_output(struct onnx_writer *w, const char *name)
{
    APPEND(w->model->graph->output, w->model->graph->n_output, value_info(name));
}

static Onnx__TensorProto *tensor(struct onnx_writer *w, const char *name, int32_t type, unsigned rank,
                                 const int64_t *dim)
{
    Onnx__TensorProto *t = make(1, sizeof *t);
    onnx__tensor_proto__init(t);
    t->name = text(name);
    t->has_data_type = 1;
    t->data_type = type;
    for (unsigned d = 0; d < rank; d++)
        APPEND(t->dims, t->n_dims, dim[d]);
    APPEND(w->model->graph->initializer, w->model->graph->n_initializer, t);
    return t;
}

void onnx_floats(struct onnx_writer *w, const char *name, unsigned rank, const int64_t *dim,
                 const double *value)
{
    size_t n = 1;
    Onnx__TensorProto *t = tensor(w, name, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, rank, dim);
    for (unsigned d = 0; d < rank; d++)
        n *= (size_t)dim[d];
    t->float_data = make(n, sizeof *t->float_data);
    t->n_float_data = n;
    for (size_t e = 0; e < n; e++)
        t->float_data[e] = (float)value[e];
}

void onnx_integers(struct onnx_writer *w, const char *name, size_t n, const int64_t *value)
{
    Onnx__TensorProto *t = tensor(w, name, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, 1, (int64_t[]){(int64_t)n});
    t->int64_data = make(n, sizeof *t->int64_data);
    t->n_int64_data = n;
    memcpy(t->int64_data, value, n * sizeof *value);
}

void onnx_scalar(struct onnx_writer *w, const char *name, double value)
{
    onnx_floats(w, name, 0, NULL, &value);
}

void onnx_raw(struct onnx_writer *w, const char *name, int32_t type, unsigned rank, const int64_t *dim,
              const void *bytes, size_t n)
{
    Onnx__TensorProto *t = tensor(w, name, type, rank, dim);
    t->has_raw_data = 1;
    t->raw_data.data = make(n, 1);
    t->raw_data.len = n;
    memcpy(t->raw_data.data, bytes, n);
}

static void external_entry(Onnx__TensorProto *t, const char *key, const char *value)
{
    Onnx__StringStringEntryProto *e = make(1, sizeof *e);
    onnx__string_string_entry_proto__init(e);
    e->key = text(key);
    e->value = text(value);
    APPEND(t->external_data, t->n_external_data, e);
}

void onnx_external(struct onnx_writer *w, const char *name, unsigned rank, const int64_t *dim,
                   const char *location, const char *offset)
{
    Onnx__TensorProto *t = tensor(w, name, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, rank, dim);
    t->has_data_location = 1;
    t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    external_entry(t, "location", location);
    if (offset)
        external_entry(t, "offset", offset);
}

static void split(const char *names, char ***list, size_t *n)
{
    char *copy = text(names), *rest = NULL;
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        APPEND(*list, *n, text(strcmp(name, "-") ? name : ""));
    free(copy);
}

void onnx_node(struct onnx_writer *w, const char *op, const char *name, const char *inputs,
               const char *outputs)
{
    Onnx__NodeProto *n = make(1, sizeof *n);
    const char *colon = strchr(op, ':');
    onnx__node_proto__init(n);
    n->op_type = text(colon ? colon + 1 : op);
    n->domain = text(colon ? op : "");
    if (colon)
        n->domain[colon - op] = 0;
    n->name = text(name);
    split(inputs, &n->input, &n->n_input);
    split(outputs, &n->output, &n->n_output);
    APPEND(w->model->graph->node, w->model->graph->n_node, n);
}

static Onnx__AttributeProto *attribute(struct onnx_writer *w, const char *name,
                                       Onnx__AttributeProto__AttributeType type)
{
    Onnx__NodeProto *n = w->model->graph->node[w->model->graph->n_node - 1];
    Onnx__AttributeProto *a = make(1, sizeof *a);
    onnx__attribute_proto__init(a);
    a->name = text(name);
    a->has_type = 1;
    a->type = type;
    APPEND(n->attribute, n->n_attribute, a);
    return a;
}

void onnx_attribute_i(struct onnx_writer *w, const char *name, int64_t value)
{
    Onnx__AttributeProto *a = attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    a->has_i = 1;
    a->i = value;
}

void onnx_attribute_f(struct onnx_writer *w, const char *name, double value)
{
    Onnx__AttributeProto *a = attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    a->has_f = 1;
    a->f = (float)value;
}

static ProtobufCBinaryData binary(const char *value)
{
    return (ProtobufCBinaryData){strlen(value), (uint8_t *)text(value)};
}

void onnx_attribute_s(struct onnx_writer *w, const char *name, const char *value)
{
    Onnx__AttributeProto *a = attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
    a->has_s = 1;
    a->s = binary(value);
}

void onnx_attribute_ints(struct onnx_writer *w, const char *name, size_t n, const int64_t *value)
{
    Onnx__AttributeProto *a = attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    for (size_t k = 0; k < n; k++)
        APPEND(a->ints, a->n_ints, value[k]);
}

void onnx_attribute_floats(struct onnx_writer *w, const char *name, size_t n, const double *value)
{
    Onnx__AttributeProto *a = attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS);
    for (size_t k = 0; k < n; k++)
        APPEND(a->floats, a->n_floats, (float)value[k]);
}

void onnx_attribute_strings(struct onnx_writer *w, const char *name, size_t n, const char *const *value)
{
    Onnx__AttributeProto *a = attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS);
    for (size_t k = 0; k < n; k++)
        APPEND(a->strings, a->n_strings, binary(value[k]));
}

uint8_t *onnx_bytes(const struct onnx_writer *w, size_t *n)
{
    *n = onnx__model_proto__get_packed_size(w->model);
    uint8_t *bytes = make(*n, 1);
    onnx__model_proto__pack(w->model, bytes);
    return bytes;
}

void onnx_file(const struct onnx_writer *w, const char *path)
{
    size_t n;
    uint8_t *bytes = onnx_bytes(w, &n);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) {
        perror(path);
        exit(3);
    }
    free(bytes);
}
