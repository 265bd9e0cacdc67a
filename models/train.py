#!/usr/bin/env python3
"""Trains the two networks of this folder on the toy muons of README.md and writes them as QONNX.

    python3 models/train.py OUT_DIR        (PyTorch and numpy; a few minutes on one core)

Only for making the committed files: neither building nor running bxact needs it.
"""
import sys

import numpy as np
import torch

PHI_CODES, ETA_STEP, PHI_STEP = 576, 0.0870 / 8, 2 * np.pi / 576
SHAPES = {"student": (5, [8, 8, 8, 8]), "baseline": (4, [32, 32, 32])}
OUTPUT_SCALE = 16.0  # the last layer counts in 16 GMT codes


def toy_muons(n, seed):
    """True muons and what the toy trigger measures, in GMT codes. README.md, "The sample"."""
    r = np.random.default_rng(seed)
    pt = 2.5 * (1 - r.random(n) * (1 - (2.5 / 60) ** 1.5)) ** (-1 / 1.5)
    eta, phi = r.uniform(-0.83, 0.83, n), r.uniform(0, 2 * np.pi, n)
    negative = r.integers(0, 2, n)
    quality = r.choice([4, 8, 12], n, p=[0.15, 0.25, 0.6])
    charge = 1 - 2 * negative
    spread = np.select([quality == 4, quality == 8], [0.40, 0.32], 0.24)
    pt_seen = 1.2 * (1 + 0.15 * eta**2) * pt * np.exp(r.normal(0, 1, n) * spread)
    phi_seen = phi + charge * 0.6 / pt * (1 + 0.5 * np.abs(eta)) + r.normal(0, 1, n) * (0.01 + 0.12 / pt)
    eta_seen = eta * 1.04 + r.normal(0, 1, n) * np.where(quality == 12, 0.025, 0.04)
    code = {
        "pt": np.clip(np.floor(pt_seen / 0.5) + 1, 1, 510),
        "eta": np.clip(np.round(eta_seen / ETA_STEP), -225, 225),
        "phi": np.floor(phi_seen / PHI_STEP) % PHI_CODES,
    }
    exact = {"pt": pt / 0.5 + 1, "eta": eta / ETA_STEP, "phi": phi / PHI_STEP}
    turn = (exact["phi"] - code["phi"] + PHI_CODES / 2) % PHI_CODES - PHI_CODES / 2
    target = np.stack([turn, exact["eta"] - code["eta"], exact["pt"] - code["pt"]], 1)
    features = np.stack([
        np.floor((code["phi"] - 288) / 4), np.floor(code["eta"] / 2), np.floor(code["pt"] / 2) - 128,
        np.where(negative == 1, -64, 64), (quality - 8) * 8], 1)  # docs/chain.md, "recal"
    return features / 128, target, code["pt"], exact["pt"]


class Quant(torch.autograd.Function):
    """QONNX's Quant with one scale 2^n; gradients pass where nothing saturates."""

    @staticmethod
    def forward(ctx, x, scale, zero, bits, signed):
        low = -(2.0 ** (bits.item() - 1)) if signed else 0.0
        high = 2.0 ** (bits.item() - signed) - 1
        ctx.save_for_backward((x / scale >= low) & (x / scale <= high))
        return torch.clamp(torch.round(x / scale), low, high) * scale

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0], None, None, None, None

    @staticmethod
    def symbolic(g, x, scale, zero, bits, signed):
        return g.op("qonnx.custom_op.general::Quant", x, scale, zero, bits, signed_i=int(signed), narrow_i=0,
                    rounding_mode_s="ROUND")


def quant(x, exponent, bits, signed):
    return Quant.apply(x, torch.tensor(2.0**exponent), torch.tensor(0.0), torch.tensor(float(bits)), signed)


class Network(torch.nn.Module):
    """8-bit weights and activations; biases of 16 bits; corrections of 16 bits in 1/16 of a code."""

    def __init__(self, inputs, hidden):
        super().__init__()
        sizes = [inputs] + hidden + [3]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        x = quant(x, -7, 8, True)
        for k, layer in enumerate(self.layers):
            last = k + 1 == len(self.layers)
            x = torch.nn.functional.linear(x, quant(layer.weight, -5, 8, True), quant(layer.bias, -10, 16, True))
            x = x * OUTPUT_SCALE if last else torch.relu(x)
            x = quant(x, -4, 16, True) if last else quant(x, -5, 8, False)
        return x


def train(name, out_dir):
    inputs, hidden = SHAPES[name]
    torch.manual_seed(1)
    features, target, _, _ = toy_muons(400000, 1)
    x = torch.tensor(features[:, :inputs], dtype=torch.float32)
    y = torch.tensor(target, dtype=torch.float32)
    net, batch, epochs = Network(inputs, hidden), 2048, 30
    step = torch.optim.Adam(net.parameters(), lr=4e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(step, 6e-3, total_steps=epochs * (len(x) // batch))
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
    figures(name, net, inputs)
    torch.onnx.export(net, x[:1], f"{out_dir}/trained_{name}.onnx", opset_version=13, input_names=["features"],
                      output_names=["corrections"], dynamic_axes={"features": {0: "batch"}},
                      custom_opsets={"qonnx.custom_op.general": 1})


def figures(name, net, inputs):
    """RMS of what is left of phi, eta and pT, before and after, on muons that training never saw."""
    features, target, pt, true_pt = toy_muons(200000, 2)
    with torch.no_grad():
        found = net(torch.tensor(features[:, :inputs], dtype=torch.float32)).numpy()
    rms = lambda v: float(np.sqrt(np.mean(v**2)))
    relative = lambda left: left / np.maximum(true_pt - 1, 1)
    for what, scale in (("phi [rad]", PHI_STEP), ("eta", ETA_STEP)):
        k = ("phi [rad]", "eta").index(what)
        print(f"{name}: {what}: {rms(target[:, k]) * scale:.4f} -> {rms(target[:, k] - found[:, k]) * scale:.4f}")
    print(f"{name}: pT, relative: {rms(relative(target[:, 2])):.4f} -> "
          f"{rms(relative(target[:, 2] - found[:, 2])):.4f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    for network in SHAPES:
        train(network, sys.argv[1])
