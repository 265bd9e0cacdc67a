#!/usr/bin/env python3
"""A second pair of eyes on the file formats: files built here, field by field, from the published layouts (CMSSW's
scouting unpackers, the scouting DAQ's format.h), must show through `bxact show --json` what was put into them.

formats_check.py PROGRAM [SEED]
"""
import json
import math
import random
import struct
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20181022
rng = random.Random(SEED)
checks = 0


def edge(bits, signed=False):
    """A value of a field: its ends, or anything."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return rng.choice([low, high, rng.randint(low, high), rng.randint(low, high)])


def pack(*fields):
    """(value, first bit, bits) into one word."""
    word = 0
    for value, at, bits in fields:
        word |= (value & (1 << bits) - 1) << at
    return word


def expect(what, got, wanted):
    global checks
    checks += 1
    same = abs(got - wanted) < 1e-5 if isinstance(wanted, float) else got == wanted
    if not same:
        sys.exit(f"FAIL {what}: {got!r} instead of {wanted!r} (seed {SEED})")


class Muon:
    def __init__(self, layout):
        self.phi, self.pt, self.quality = rng.choice([0, 287, 288, 575, rng.randrange(576)]), max(1, edge(9)), edge(4)
        self.eta, self.iso, self.sign, self.valid = edge(9, True), edge(2), edge(1), edge(1)
        self.index, self.phi_raw, self.eta_raw = edge(7), edge(10), edge(9, True)
        self.type, self.layout = rng.choice([1, 2]), layout
        fields = [(self.phi, 0, 10), (self.pt, 10, 9), (self.quality, 19, 4), (self.eta, 23, 9), (self.iso, 32, 2),
                  (self.sign, 34, 1), (self.valid, 35, 1), (self.index, 36, 7), (self.phi_raw, 43, 10)]
        if layout == 2018:
            fields += [(self.eta_raw, 53, 9), (self.type, 62, 2)]
        else:
            fields += [(edge(8), 53, 8), (edge(1), 61, 1), (edge(2), 62, 2)]
        self.word = pack(*fields)
        self.halves = [self.word & 0xffffffff, self.word >> 32]

    def check(self, what, shown, intermediate):
        expect(what + " word", int(shown["word"], 16), self.word)
        expect(what + " pt", shown["pt_gev"], (self.pt - 1) * 0.5)
        expect(what + " overflow", shown["pt_overflow"], self.pt == 511)
        expect(what + " eta", shown["eta"], self.eta * 0.010875)
        phi = 2 * math.pi / 576 * self.phi
        if intermediate and self.layout != 2018:  # these bits are the unconstrained pT (domain.md 1.1)
            expect(what + " phi", "phi" in shown, False)
        else:
            expect(what + " phi", shown["phi"], phi - 2 * math.pi if self.phi >= 288 else phi)
        expect(what + " charge", shown["charge"], (1 - 2 * self.sign) * self.valid)
        for name in ("quality", "iso", "index"):
            expect(f"{what} {name}", shown[name], getattr(self, name))
        expect(what + " station eta", shown["eta_station"], self.eta_raw * 0.010875)
        expect(what + " intermediate", shown["intermediate"], bool(intermediate))


def words(values):
    return struct.pack(f"<{len(values)}I", *values)


def show(data, wanted):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        run = subprocess.run([PROGRAM, "show", file.name, "--json", "--all"], capture_output=True, check=False)
    if run.returncode:
        sys.exit(f"FAIL {wanted}: status {run.returncode}: {run.stderr.decode()}")
    shown = json.loads(run.stdout)
    expect("format", shown["format"], wanted)
    return shown["bx"]


def bxs():
    """BX of an orbit: its ends and some between."""
    return sorted({0, 3563} | {rng.randrange(3564) for _ in range(20)})


class Block:
    """Eight lanes of a BX: {slot: muon}."""

    def __init__(self, layout, orbit, bx):
        self.orbit, self.bx, self.layout = orbit, bx, layout
        self.muons = {s: Muon(layout) for s in range(16) if rng.random() < 0.3 or s == rng.randrange(16)}
        self.flag = [rng.randrange(2) for _ in range(8)]

    def frame1(self, lane):
        eta = [self.muons[s].eta_raw if s in self.muons else 0 for s in (2 * lane, 2 * lane + 1)]
        return pack((self.bx, 0, 13), (eta[0], 13, 9), (eta[1], 22, 9), (self.flag[lane], 31, 1))

    def intermediate(self, slot):
        return self.muons[slot].type == 1 if self.layout == 2018 else self.flag[slot // 2]

    def data(self):
        rows = [[self.bx] * 8, [self.orbit] * 8] if self.layout == 2018 else \
               [[self.orbit] * 8, [self.frame1(lane) for lane in range(8)]]
        for b in (0, 1):
            for half in (0, 1):
                rows.append([self.muons[2 * lane + b].halves[half] if 2 * lane + b in self.muons else 0
                             for lane in range(8)])
        return b"".join(words(row) for row in rows)

    def record(self, base=0):
        lists = [[s for s in range(b, 16, 2) if s in self.muons] for b in (0, 1)]
        out = [0xff << 24 | len(lists[0]) << 16 | 0xff << 8 | len(lists[1]), self.bx + base, self.orbit]
        for b in (0, 1):
            for slot in lists[b]:
                out += self.muons[slot].halves
                if self.layout != 2018:
                    out.append(self.frame1(slot // 2) & ~1 | b)
        return words(out), lists[0] + lists[1]


def check_blocks(what, shown, blocks, lanes_known):
    expect(what + ": number of BX", len(shown), len(blocks))
    for got, block in zip(shown, blocks):
        expect(what + " orbit", got["orbit"], block.orbit)
        expect(what + " bx", got["bx"], block.bx)
        order = sorted(block.muons) if lanes_known else block.record()[1]
        expect(what + " muons", len(got["muons"]), len(order))
        for muon, slot in zip(got["muons"], order):
            if lanes_known:
                expect(what + " slot", muon["slot"], slot)
            block.muons[slot].check(what, muon, block.intermediate(slot))


def check_dma_2022(layout):
    data, blocks = b"", []
    for orbit in (0x7ffffffe, 0x7fffffff):
        data += words([orbit] + [0] * 7)
        hits = [0] * 112
        for bx in bxs():
            blocks.append(Block(layout, orbit, bx))
            data += blocks[-1].data()
            hits[bx // 32] |= 1 << bx % 32
        data += words([0xbeefdead] * 8 + hits + [0] * 16)
    data += words([0xdeadbeef, 0xdeadbeef, 3, 0, 4, 0, 2, 0])
    check_blocks(f"dma2022 {layout}", show(data, "dma2022"), blocks, True)
    header = words([0xfeedbeef, 0, len(data) // 32 - 1, 0, 0, 0, 0, 0])
    check_blocks(f"dma2022 {layout}, board header", show(header + data, "dma2022"), blocks, True)


def check_dma_old(layout, name):
    blocks = [Block(layout, 100000, bx) for bx in bxs()]
    data = b"".join(b.data() for b in blocks) + words([0xdeadbeef] * 8)
    check_blocks(name, show(data, name), blocks, True)


def check_host(layout, name):
    blocks = [b for bx in bxs() for b in [Block(layout, 5, bx)] if b.muons]
    check_blocks(name, show(b"".join(b.record()[0] for b in blocks), name), blocks, False)


def frd(orbits, source):
    """orbits: {number: payload without source id}."""
    body = b""
    for orbit, payload in orbits.items():
        body += struct.pack("<HHIIIII", 6, 0, 368636, 17, orbit, len(payload) + 4, 0) + words([source]) + payload
    return b"RAW_0002" + struct.pack("<HHIIIQ", 32, 20, len(orbits), 368636, 17, len(body) + 32) + body


def check_frd_muons():
    blocks = [b for bx in bxs() for b in [Block(2023, 9, bx)] if b.muons]
    data = frd({9: b"".join(b.record(1)[0] for b in blocks), 10: b""}, 1)
    check_blocks("frd", show(data, "frd"), blocks, False)


def check_frd_stubs():
    layout = [("valid", 0, 1, 0), ("phi", 1, 12, 1), ("phiB", 13, 10, 1), ("quality", 23, 3, 0), ("eta", 26, 7, 0),
              ("qeta", 33, 7, 0), ("station", 40, 2, 0), ("wheel", 42, 3, 1)]
    wanted, payload = [], b""
    for bx in bxs():
        stubs = [{name: edge(bits, signed) for name, _, bits, signed in layout} for _ in range(rng.randint(1, 5))]
        values = [pack(*[(stub[name], at, bits) for name, at, bits, _ in layout], (bx + 1, 48, 16)) for stub in stubs]
        payload += words([len(stubs), bx + 1, 77]) + struct.pack(f"<{len(values)}Q", *values)
        wanted.append(stubs)
    for got, stubs in zip(show(frd({77: payload}, 21), "frd"), wanted):
        expect("stubs", len(got["objects"]), len(stubs))
        for shown, stub in zip(got["objects"], stubs):
            stub["station"] += 1
            for name, *_ in layout:
                expect("stub " + name, shown[name], stub[name])


def check_frd_calo():
    jet = [(0x7ff, 0, 11), (-115, 11, 8), (143, 19, 8), (1, 27, 1), (2, 28, 2)]
    tau = [(17, 0, 9), (84, 9, 8), (0, 17, 8), (3, 25, 2)]
    links = [[pack(*jet)] + [0] * 5, [0] * 6, [0] * 6, [0] * 6, [0] * 6, [200, 300, 55 | 9 << 12, 0, 0, 0], [0] * 6,
             [0] * 5 + [pack(*tau)]]
    block = [0, 3564, 5]
    for number, link in enumerate(links):
        block += [number] + link
    shown = show(frd({5: words(block)}, 2), "frd")
    expect("calo BX", shown[0]["bx"], 3563)
    kinds = [o["kind"] for o in shown[0]["objects"]]
    expect("calo kinds", kinds, ["jet", "ET", "HT", "ETmiss", "tau"])
    objects = dict(zip(kinds, shown[0]["objects"]))
    expect("jet ET", objects["jet"]["et_gev"], 0x7ff * 0.5)
    expect("jet eta", objects["jet"]["eta"], round(-115 * 0.0435, 4))
    expect("jet phi", objects["jet"]["phi"], round(143 * 2 * math.pi / 144, 4))
    expect("jet quality", objects["jet"]["quality"], 2)
    expect("tau ET", objects["tau"]["et_gev"], 8.5)
    expect("tau eta", objects["tau"]["eta"], round(84 * 0.0435, 4))
    expect("tau iso", objects["tau"]["iso"], 3)
    expect("ETmiss", objects["ETmiss"]["et_gev"], 27.5)
    towers = [pack((edge(9), 0, 9), (edge(3), 9, 3), (edge(4), 12, 4), (edge(8), 16, 8), (edge(8, True), 24, 8))
              for _ in range(9)]
    shown = show(frd({5: words([len(towers), 1, 5] + towers)}, 32), "frd")[0]["objects"]
    for got, word in zip(shown, towers):
        expect("tower ET", got["et_gev"], (word & 0x1ff) * 0.5)
        expect("tower phi", got["phi"], word >> 16 & 255)
        expect("tower eta", got["eta"], (word >> 24 ^ 0x80) - 0x80)


print(f"formats_check: seed {SEED}")
for year in (2018, 2023):
    check_dma_2022(year)
check_dma_old(2018, "dma2018")
check_dma_old(2023, "dma2021")
check_host(2018, "host8")
check_host(2023, "host12")
check_frd_muons()
check_frd_stubs()
check_frd_calo()
print(f"{checks} checks, 0 failures")
