#!/usr/bin/env python3
"""Models as the usual tools export them, imported by bxact and held against what the tools' own runtimes compute.

    python3 -m venv /tmp/tools && /tmp/tools/bin/pip install numpy 'onnx<1.19' onnxruntime scikit-learn skl2onnx \\
        xgboost onnxmltools qonnx torch hls4ml
    /tmp/tools/bin/python tests/network/exports.py build/bin/bxact OUT_DIR [PROJECTS] [INPUTS]

Prints one line for each export: tool, version, what was compared, the result. A tool that is not installed is named.
PROJECTS (default 8): random hls4ml projects, each equal to its own C simulation, bit for bit, on INPUTS (default
20000) inputs. Exit status 1 when anything differs. Not part of the tests: it needs the tools.
"""
import ctypes
import glob
import importlib.util
import importlib.metadata
import os
import random
import re
import subprocess
import sys

import numpy as np

PROGRAM, OUT = None, None
SAMPLES = 2000
FAILED = []


def version(name):
    return importlib.metadata.version(name)


def row(tool, what, good, text):
    print(f"{'ok    ' if good else 'FAIL  '}{tool:34} {what:44} {text}", flush=True)
    if not good:
        FAILED.append(what)


def evaluated(model, x, *options):
    """Outputs by name: arrays [sample, element] of doubles, of fixed-point numbers and of raw ones."""
    data = f"{OUT}/x.txt"
    np.savetxt(data, x, fmt="%.17g")
    text = subprocess.run([PROGRAM, "net", "eval", model, "--data", data, *options], check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    found = {}
    for line in text.splitlines()[1:]:
        word = line.split()
        found.setdefault(word[1], []).append([float(v) for v in word[3:5]] + [int(v) for v in word[5:6]])
    return {name: [np.array([v[k] for v in values]).reshape(len(x), -1) for k in range(len(values[0]))]
            for name, values in found.items()}


def against_onnxruntime(tool, what, path, x, most=2e-6):
    """Floats of another runtime: equal to a few units of single precision; labels equal. The sums of support vectors
    cancel, and lose more in single precision."""
    import onnxruntime
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    want = [np.concatenate(v).reshape(len(x), -1) for v in
            zip(*(session.run(None, {session.get_inputs()[0].name: r[None].astype("float32")}) for r in x))]
    got = evaluated(path, x)
    worst = 0
    for output, y in zip(session.get_outputs(), want):
        worst = max(worst, float(np.max(np.abs(got[output.name][0] - y) / (1 + np.abs(y)))))
    row(tool, what, worst < most, f"{len(x)} inputs, at most {worst:.1e} from ONNX Runtime {version('onnxruntime')}")


def data(features, seed=1):
    r = np.random.default_rng(seed)
    x = r.normal(0, 1, (2000, features)).astype("float32")
    y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * r.normal(0, 1, 2000)
    return x, y, np.digitize(y, [-0.5, 0.5]), np.round(r.normal(0, 1, (SAMPLES, features)), 3).astype("float32")


def sklearn_models():
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier
    from sklearn.neural_network import MLPRegressor
    from sklearn.svm import SVR
    from skl2onnx import to_onnx
    tool = f"scikit-learn {version('scikit-learn')}, skl2onnx {version('skl2onnx')}"
    x, y, label, test = data(5)
    models = [("GradientBoostingRegressor", GradientBoostingRegressor(n_estimators=30), y),
              ("GradientBoostingClassifier, 3 classes", GradientBoostingClassifier(n_estimators=10), label),
              ("GradientBoostingClassifier, 2 classes", GradientBoostingClassifier(n_estimators=10), label > 0),
              ("RandomForestClassifier", RandomForestClassifier(n_estimators=10, max_depth=5), label),
              ("SVR, linear", SVR(kernel="linear"), y), ("SVR, polynomial", SVR(kernel="poly", degree=2), y),
              ("SVR, RBF", SVR(kernel="rbf"), y), ("MLPRegressor", MLPRegressor(hidden_layer_sizes=(16, 16), max_iter=300), y)]
    for k, (name, model, target) in enumerate(models):
        model.fit(x[:400], np.asarray(target[:400]).astype(int if "Classifier" in name else float))
        options = {id(model): {"zipmap": False}} if "Classifier" in name else None
        path = f"{OUT}/sklearn{k}.onnx"
        with open(path, "wb") as to:
            to.write(to_onnx(model, x[:1], options=options, target_opset={"": 13, "ai.onnx.ml": 3})
                     .SerializeToString())
        against_onnxruntime(tool, name, path, test, 5e-5 if "SVR" in name else 2e-6)


def xgboost_models():
    import xgboost
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    tool = f"xgboost {version('xgboost')}, onnxmltools {version('onnxmltools')}"
    x, y, label, test = data(5)
    for name, model, target in (("XGBRegressor", xgboost.XGBRegressor(n_estimators=20, max_depth=4), y),
                                ("XGBClassifier, 3 classes", xgboost.XGBClassifier(n_estimators=10, max_depth=3), label),
                                ("XGBClassifier, 2 classes", xgboost.XGBClassifier(n_estimators=10, max_depth=3),
                                 (label > 0).astype(int))):
        model.fit(x, target)
        path = f"{OUT}/{name.split(',')[0]}{name[-9:].replace(' ', '')}.onnx"
        onnx = convert_xgboost(model, initial_types=[("input", FloatTensorType([None, 5]))], target_opset=13)
        with open(path, "wb") as to:
            to.write(onnx.SerializeToString())
        against_onnxruntime(tool, name, path, test)


def torch_model():
    import torch
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(4, 32), torch.nn.BatchNorm1d(32), torch.nn.ReLU(), torch.nn.Linear(32, 16),
                              torch.nn.LeakyReLU(0.1), torch.nn.Linear(16, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3),
                              torch.nn.Softmax(dim=1))
    net(torch.randn(1000, 4))  # the batch norm learns its numbers
    net.eval()
    path = f"{OUT}/torch.onnx"
    torch.onnx.export(net, torch.randn(1, 4), path, opset_version=13, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "batch"}}, dynamo=False)
    against_onnxruntime(f"PyTorch {version('torch')}", "MLP, batch norm, four activations", path, data(4)[3])


def qonnx_model():
    """Quantised by hand as qonnx defines it, cleaned up and executed by qonnx: equal in fixed point, too."""
    from onnx import TensorProto, helper
    from onnx import numpy_helper
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.util.cleanup import cleanup_model
    r = np.random.default_rng(1)
    nodes, constants, at = [], [], "x"

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.asarray(value, "float32"), name))
        return name

    def quant(x, y, exponent, bits, signed, mode="ROUND"):
        names = [constant(f"{y}_{k}", v) for k, v in (("s", 2.0**exponent), ("z", 0), ("b", bits))]
        nodes.append(helper.make_node("Quant", [x, *names], [y], domain="qonnx.custom_op.general", signed=signed,
                                      narrow=0, rounding_mode=mode))
        return y

    at = quant(at, "xq", -5, 8, 1)
    for k, (a, b) in enumerate(((5, 16), (16, 8), (8, 3))):
        w = quant(constant(f"w{k}", r.normal(0, 0.5, (a, b))), f"wq{k}", -5, 6, 1)
        nodes.append(helper.make_node("MatMul", [at, w], [f"m{k}"]))
        nodes.append(helper.make_node("Add", [f"m{k}", quant(constant(f"b{k}", r.normal(0, 0.3, b)), f"bq{k}", -8, 10, 1)],
                                      [f"a{k}"]))
        if k < 2:
            nodes.append(helper.make_node("Relu", [f"a{k}"], [f"r{k}"]))
        at = quant(f"r{k}" if k < 2 else f"a{k}", "y" if k == 2 else f"q{k}", -4, 6 if k < 2 else 12, int(k == 2),
                   ("FLOOR", "ROUND", "ROUND")[k])
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 5])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])], constants)
    model = helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 13), helper.make_opsetid("qonnx.custom_op.general", 1)])
    wrapped = cleanup_model(ModelWrapper(model))
    path, x = f"{OUT}/qonnx.onnx", data(5)[3][:500]
    wrapped.save(path)
    ins, outs = wrapped.graph.input[0].name, wrapped.graph.output[0].name
    want = np.concatenate([execute_onnx(wrapped, {ins: s[None]})[outs] for s in x])
    got = evaluated(path, x)[outs]
    wrong = int((got[0] != want).sum() + (got[1] != want).sum())
    row(f"qonnx {version('qonnx')}", "MLP of Quant nodes, in doubles and fixed point", wrong == 0,
        f"{want.size} numbers, {wrong} differ")


# ---- hls4ml ----

ROUNDS = ["AP_TRN", "AP_TRN", "AP_RND", "AP_RND_CONV", "AP_RND_ZERO", "AP_RND_INF", "AP_RND_MIN_INF", "AP_TRN_ZERO"]
OVERFLOWS = ["AP_WRAP", "AP_WRAP", "AP_SAT", "AP_SAT_SYM", "AP_SAT_ZERO"]


def random_type(r, least, most, integer_least, integer_most):
    width = r.randint(least, most)
    return (f"ap_fixed<{width},{r.randint(integer_least, min(integer_most, width))},"
            f"{r.choice(ROUNDS)},{r.choice(OVERFLOWS)}>")


def random_network(r, weights):
    """A chain of dense layers, batch norms and activations, with a second branch now and then."""
    from onnx import TensorProto, helper, numpy_helper
    nodes, constants = [], []
    sizes = [r.randint(2, 8)] + [r.choice([2, 3, 4, 6, 8, 12]) for _ in range(r.randint(1, 4))]

    def dense(x, name, a, b):
        for part, value in (("w", weights.normal(0, 1, (a, b)) / np.sqrt(a)), ("b", weights.normal(0, 0.3, b))):
            constants.append(numpy_helper.from_array(value.astype("float32"), part + name))
        nodes.append(helper.make_node("Gemm", [x, "w" + name, "b" + name], ["d" + name]))
        return "d" + name

    at = "x"
    for k, (a, b) in enumerate(zip(sizes, sizes[1:])):
        last, begin = k + 2 == len(sizes), at
        at = dense(begin, str(k), a, b)
        act = r.choice(["Softmax", "Softmax", None, "Sigmoid", "Relu"] if last else
                       ["Relu", "Sigmoid", "Tanh", "LeakyRelu", None])
        if act:
            alpha = {"alpha": r.choice([0.3, 0.01, 0.25])} if act == "LeakyRelu" else {}
            nodes.append(helper.make_node(act, [at], [f"a{k}"], **alpha))
            at = f"a{k}"
        if not last and r.random() < 0.3:
            other = dense(begin, f"{k}_2", a, b)
            nodes.append(helper.make_node("Relu", [other], [f"o{k}"]))
            nodes.append(helper.make_node(r.choice(["Add", "Mul", "Sub"]), [at, f"o{k}"], [f"m{k}"]))
            at = f"m{k}"
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, sizes[0]])],
                              [helper.make_tensor_value_info(at, TensorProto.FLOAT, [1, sizes[-1]])], constants)
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])


def random_configuration(r, config):
    strategy = r.choice(["Latency", "Resource"])
    config["Model"]["Strategy"] = strategy
    for name, layer in config["LayerName"].items():
        precision = layer["Precision"] = {}
        if "MatMul" in name and "param" not in name:
            precision.update(result=random_type(r, 8, 18, 3, 7), weight=random_type(r, 4, 14, 1, 3),
                             bias=random_type(r, 4, 14, 1, 3),
                             accum=random_type(r, 8, 20, 3, 7) if r.random() < 0.5 else random_type(r, 20, 30, 6, 9))
            layer.update(ReuseFactor=r.choice([1, 2, 4, 8]), Strategy=strategy)
        elif "oftmax" in name:
            precision.update(result=random_type(r, 8, 18, 1, 3),
                             exp_table=f"ap_fixed<{r.randint(12, 18)},{r.choice([4, 6, 8])},AP_RND,AP_SAT>",
                             inv_table=f"ap_fixed<{r.randint(12, 18)},{r.choice([2, 4, 8])},AP_RND,AP_SAT>")
            layer.update(TableSize=r.choice([256, 512, 1024]), Implementation=r.choice(["stable", "latency"]))
        elif "param" not in name:
            precision.update(result=random_type(r, 12, 16, 3, 6), table=random_type(r, 8, 18, 1, 3))
            layer["TableSize"] = r.choice([512, 1024, 2048])
    return config


def make_project(seed, folder):
    import hls4ml
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.gemm_to_matmul import GemmToMatMul
    from qonnx.util.cleanup import cleanup_model
    r = random.Random(seed)
    model = cleanup_model(ModelWrapper(random_network(r, np.random.default_rng(seed))).transform(GemmToMatMul()))
    model = cleanup_model(model.transform(GemmToMatMul()))
    config = hls4ml.utils.config_from_onnx_model(model, granularity="name", default_precision="ap_fixed<16,6>")
    hls4ml.converters.convert_from_onnx_model(
        model, hls_config=random_configuration(r, config), output_dir=folder, backend="Vitis",
        io_type=r.choice(["io_parallel", "io_stream"])).write()


def ports_of(folder):
    """Inputs and outputs: (name, size, unsigned, width, integer bits)."""
    text = subprocess.run([PROGRAM, "net", "info", folder], check=True, text=True, stdout=subprocess.PIPE).stdout
    types = {m[1]: (m[2] == "u", int(m[3]), int(m[4]))
             for m in re.finditer(r"^(\S+) +ap_(u?)fixed<(\d+),(-?\d+)", text, re.M)}
    return [[(m[1], int(m[2]), *types[m[1]]) for m in re.finditer(rf"^{what} +(\S+) +1x(\d+)", text, re.M)]
            for what in ("input", "output")]


def simulated(folder, x, outputs):
    """What the project's own C simulation computes."""
    subprocess.run(["bash", "build_lib.sh"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    library = ctypes.CDLL(os.path.abspath(glob.glob(f"{folder}/firmware/*.so")[0]))
    x, y = np.ascontiguousarray(x, "float32"), np.zeros((len(x), outputs), "float32")
    for k in range(len(x)):
        library.myproject_float(x[k].ctypes.data_as(ctypes.c_void_p), y[k].ctypes.data_as(ctypes.c_void_p))
    return y


def hls4ml_projects(projects, inputs):
    if projects == 0:
        return
    import hls4ml
    tool, numbers, made = f"hls4ml {version('hls4ml')}", 0, 0
    for seed in range(projects):
        folder = f"{OUT}/hls4ml{seed}"
        with open(os.devnull, "w") as quiet:
            out, sys.stdout = sys.stdout, quiet
            try:
                make_project(seed, folder)
            finally:
                sys.stdout = out
        ((_, n, _, width, integer),), ((name, size, _, y_width, y_integer),) = ports_of(folder)
        r = np.random.default_rng(seed)
        low, high, unit = -(2 ** (width - 1)), 2 ** (width - 1) - 1, 2.0 ** (integer - width)
        raw = np.where(r.random((inputs, 1)) < 0.7, np.round(r.normal(0, 1.5, (inputs, n)) / unit).clip(low, high),
                       np.where(r.random((inputs, n)) < 0.2, r.choice([low, high], (inputs, n)),
                                r.integers(low, high + 1, (inputs, n))))
        want = simulated(folder, raw * unit, size)
        got = evaluated(folder, raw * unit)[name][2] * 2.0 ** (y_integer - y_width)
        wrong = int((got != want).sum())
        numbers += want.size
        made += 1
        if wrong:
            row(tool, folder, False, f"{wrong} of {want.size} numbers differ")
    row(tool, f"{made} random projects, own C simulation", made > 0, f"{made * inputs} inputs, {numbers} numbers, bit for bit")


def main():
    global PROGRAM, OUT
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    PROGRAM, OUT = sys.argv[1:3]
    projects, inputs = (int(sys.argv[k]) if len(sys.argv) > k else v for k, v in ((3, 8), (4, 20000)))
    os.makedirs(OUT, exist_ok=True)
    for needs, part in ((("sklearn", "skl2onnx", "onnxruntime"), sklearn_models),
                        (("xgboost", "onnxmltools", "onnxruntime"), xgboost_models),
                        (("torch", "onnxruntime"), torch_model), (("qonnx",), qonnx_model),
                        (("hls4ml", "qonnx"), lambda: hls4ml_projects(projects, inputs))):
        missing = [n for n in needs if importlib.util.find_spec(n) is None]
        if missing:
            print(f"--    {', '.join(needs):34} not installed: {', '.join(missing)}", flush=True)
        else:
            part()
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
