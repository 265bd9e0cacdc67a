#!/usr/bin/env python3
"""Trains the two networks of this folder on bxact's simple sample (README.md) and writes them twice: as QONNX, and
as the headers whose integers are the words `student` and `baseline` of a scenario. Both compute the same.

    ninja -C build make_sample && build/models/make_sample 1000000 2 > sample.bin
    python3 models/train.py sample.bin OUT_DIR        (PyTorch, its onnx, numpy; some minutes on one core)

Only for making the committed files: neither building nor running bxact needs it.
"""
import sys

import numpy as np
import torch

FEATURES, COLUMNS = 5, 9
SHAPES = {"student": (5, [8, 8, 8, 8]), "baseline": (4, [32, 32, 32])}
# Exponents: inputs count in 2^-7, weights and activations in 2^-5; the last layer counts in 2^4 GMT codes.
INPUT, WEIGHT, ACTIVATION, OUTPUT, CORRECTION = -7, -5, -5, 4, -4


class Quant(torch.autograd.Function):
    """QONNX's Quant with one scale 2^n; gradients pass where nothing saturates."""

    @staticmethod
    def forward(ctx, x, scale, zero, bits, signed, half_up):
        low = -(2.0 ** (bits.item() - 1)) if signed else 0.0
        high = 2.0 ** (bits.item() - signed) - 1
        ctx.save_for_backward((x / scale >= low) & (x / scale <= high))
        rounded = torch.floor(x / scale + 0.5) if half_up else torch.round(x / scale)
        return torch.clamp(rounded, low, high) * scale

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0], None, None, None, None, None

    @staticmethod
    def symbolic(g, x, scale, zero, bits, signed, half_up):
        return g.op("qonnx.custom_op.general::Quant", x, scale, zero, bits, signed_i=int(signed), narrow_i=0,
                    rounding_mode_s="HALF_UP" if half_up else "ROUND")


def quant(x, exponent, bits, signed, half_up=False):
    return Quant.apply(x, torch.tensor(2.0**exponent), torch.tensor(0.0), torch.tensor(float(bits)), signed, half_up)


class Network(torch.nn.Module):
    """docs/chain.md, "The arithmetic of the shipped networks": 8-bit weights, activations in 0..127 rounded half
    up, 16-bit biases in units of the products. The corrections stay unrounded: the board rounds them."""

    def __init__(self, inputs, hidden):
        super().__init__()
        sizes = [inputs] + hidden + [3]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def unit(self, k):
        """The exponent of what layer k adds up."""
        return WEIGHT + (INPUT if k == 0 else ACTIVATION)

    def shift(self, k):
        return (CORRECTION - OUTPUT if k + 1 == len(self.layers) else ACTIVATION) - self.unit(k)

    def forward(self, x):
        x = quant(x, INPUT, 8, True)
        for k, layer in enumerate(self.layers):
            x = torch.nn.functional.linear(x, quant(layer.weight, WEIGHT, 8, True),
                                           quant(layer.bias, self.unit(k), 16, True))
            last = k + 1 == len(self.layers)
            x = x * 2.0**OUTPUT if last else quant(torch.relu(x), ACTIVATION, 7, False, True)
        return x


def train(name, sample, out_dir):
    inputs, hidden = SHAPES[name]
    torch.manual_seed(1)
    x = torch.tensor(sample[:, :inputs] / 128)
    y = torch.tensor(sample[:, FEATURES:FEATURES + 3])
    net, batch, epochs = Network(inputs, hidden), 4096, 25
    step = torch.optim.Adam(net.parameters(), lr=4e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(step, 8e-3, total_steps=epochs * (len(x) // batch))
    for epoch in range(epochs):
        order = torch.randperm(len(x))
        for k in range(len(x) // batch):
            i = order[k * batch:(k + 1) * batch]
            loss = torch.nn.functional.smooth_l1_loss(net(x[i]) / 8, y[i] / 8)
            step.zero_grad()
            loss.backward()
            step.step()
            plan.step()
        print(f"{name}: epoch {epoch + 1} of {epochs}, loss {loss.item():.4f}", flush=True)
    torch.onnx.export(net, x[:1], f"{out_dir}/trained_{name}.onnx", opset_version=13, input_names=["features"],
                      output_names=["corrections"], dynamic_axes={"features": {0: "batch"}}, dynamo=False,
                      custom_opsets={"qonnx.custom_op.general": 1})
    with open(f"{out_dir}/{name}_weights.h", "w") as to:
        write_header(name, net, inputs, hidden, to)


def integers(values, exponent, bits):
    limit = 2 ** (bits - 1)
    return np.clip(np.round(values.detach().numpy() / 2.0**exponent), -limit, limit - 1).astype(int)


def write_list(numbers, per_line, to):
    for k in range(0, len(numbers), per_line):
        to.write("    " + ", ".join(str(v) for v in numbers[k:k + per_line]) + ",\n")


def write_header(name, net, inputs, hidden, to):
    """Plain C data, without types of its own (README.md)."""
    sizes = [inputs] + hidden + [3]
    shifts = [net.shift(k) for k in range(len(net.layers))]
    upper = name.upper()
    to.write(f"/* Written by models/train.py: the integers of trained_{name}.onnx. See README.md. */\n"
             f"#ifndef MODELS_{upper}_WEIGHTS_H\n#define MODELS_{upper}_WEIGHTS_H\n\n"
             f"enum {{ {upper}_LAYERS = {len(shifts)} }};\n\n"
             "/* Inputs of the network, then the outputs of each layer; the shift of each layer. */\n"
             f"static const unsigned char {name}_size[{len(sizes)}] = {{{', '.join(map(str, sizes))}}};\n"
             f"static const unsigned char {name}_shift[{len(shifts)}] = {{{', '.join(map(str, shifts))}}};\n")
    for k, layer in enumerate(net.layers):
        weight, bias = integers(layer.weight, WEIGHT, 8), integers(layer.bias, net.unit(k), 16)
        to.write(f"\nstatic const signed char {name}_w{k}[{weight.shape[0]}][{weight.shape[1]}] = {{\n")
        for row in weight:
            lines = [", ".join(map(str, row[i:i + 16])) for i in range(0, len(row), 16)]
            to.write("    {" + ",\n     ".join(lines) + "},\n")
        to.write(f"}};\nstatic const short {name}_b{k}[{len(bias)}] = {{\n")
        write_list(list(bias), 12, to)
        to.write("};\n")
    to.write("\n#endif\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    muons = np.fromfile(sys.argv[1], "float32").reshape(-1, COLUMNS)
    for network in SHAPES:
        train(network, muons, sys.argv[2])
