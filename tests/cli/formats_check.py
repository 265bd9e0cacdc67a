#!/usr/bin/env python3
"""A second pair of eyes on the file formats. Files are built here, field by field, from the published layouts (CMSSW's
scouting unpackers and DemonstratorTools, the scouting DAQ's format.h, the uGT's test vectors): `bxact show --json` must
say what was put into them, and `bxact convert` must make, out of each format, every other one that holds the same,
byte for byte as it is built here. Every field is at its lowest and at its highest value in some file of each format.

formats_check.py PROGRAM [SEED]
"""
import itertools
import json
import math
import os
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


# The 64 bits of a muon: name, first bit, bits, lowest, highest value.
COMMON = [("phi", 0, 10, 0, 575), ("pt", 10, 9, 1, 511), ("quality", 19, 4, 0, 15), ("eta", 23, 9, -256, 255),
          ("iso", 32, 2, 0, 3), ("sign", 34, 1, 0, 1), ("valid", 35, 1, 0, 1), ("index", 36, 7, 0, 127),
          ("phi_raw", 43, 10, 0, 1023)]
MUON = {2018: COMMON + [("eta_raw", 53, 9, -256, 255), ("type", 62, 2, 1, 2)],
        2023: COMMON + [("pt_unconstrained", 53, 8, 0, 255), ("shower", 61, 1, 0, 1), ("dxy", 62, 2, 0, 3)]}
# Raw eta of Run-3 stands in the link's frame 1.
FIELDS = {2018: MUON[2018], 2023: MUON[2023] + [("eta_raw", 0, 0, -256, 255)]}
LIMITS = {layout: itertools.cycle([(name, end) for name, _, _, low, high in fields for end in (low, high)])
          for layout, fields in FIELDS.items()}


class Muon:
    """Its values are those of a random muon, but one, which is at its next limit."""

    def __init__(self, layout):
        self.layout = layout
        for name, _, _, low, high in FIELDS[layout]:
            setattr(self, name, rng.choice([low, high, rng.randint(low, high), rng.randint(low, high)]))
        setattr(self, *next(LIMITS[layout]))
        self.word = pack(*[(getattr(self, name), at, bits) for name, at, bits, _, _ in MUON[layout]])
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
    """64-bit patterns are shown as words, unless one says that rows 0 and 1 of a BX are its counters."""
    options = ["--counters", "keep"] if wanted in ("emp1", "emp2", "apx") else []
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        run = subprocess.run([PROGRAM, "show", file.name, "--json", "--all", *options], capture_output=True, check=False)
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
        number = self.bx if self.layout == 2018 else self.frame1(0)  # as lane 0 says, raw eta included
        out = [0xff << 24 | len(lists[0]) << 16 | 0xff << 8 | len(lists[1]), number + base, self.orbit]
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


def check_frd_calo_sources():
    """One source for each kind of object: jets 22, e/gammas 23, sums 24 (no header), taus 25; others are words."""
    jets = [pack((edge(11), 0, 11), (edge(8, True), 11, 8), (edge(8), 19, 8), (edge(1), 27, 1), (edge(2), 28, 2))
            for _ in range(12)]
    for got, word in zip(show(frd({5: words([12, 3564, 5] + jets)}, 22), "frd")[0]["objects"], jets):
        expect("jet", [got["kind"], got["et_gev"], got["quality"]], ["jet", (word & 0x7ff) * 0.5, word >> 28 & 3])
        expect("jet eta", got["eta"], round(((word >> 11 & 255 ^ 128) - 128) * 0.0435, 4))
    for source, kind in ((23, "egamma"), (25, "tau")):
        some = [pack((edge(9), 0, 9), (edge(8, True), 9, 8), (edge(8), 17, 8), (edge(2), 25, 2)) for _ in range(7)]
        shown = show(frd({5: words([7, 1, 5] + some + [0, 2, 5])}, source), "frd")
        expect(kind + " BX", [bx["bx"] for bx in shown], [0, 1])
        for got, word in zip(shown[0]["objects"], some):
            expect(kind, [got["kind"], got["et_gev"], got["iso"]], [kind, (word & 0x1ff) * 0.5, word >> 25 & 3])
            expect(kind + " phi", got["phi"], round((word >> 17 & 255) * 2 * math.pi / 144, 4))
    names = ["ET", "HT", "ETmiss", "HTmiss", "ETHFmiss", "HTHFmiss"]
    sums = [rng.getrandbits(32) for _ in names]
    shown = show(frd({5: words([9, 5] + sums)}, 24), "frd")[0]
    expect("sums BX", shown["bx"], 8)
    for got, name, word in zip(shown["objects"], names, sums):
        expect(name, [got["kind"], got["et_gev"]], [name, (word & 0xfff) * 0.5])
    expect("ET em", shown["objects"][0]["em_gev"], (sums[0] >> 12 & 0xfff) * 0.5)
    expect("ET minbias", shown["objects"][0]["minbias"], sums[0] >> 28)
    expect("HT towers", shown["objects"][1]["towers"], sums[1] >> 12 & 0x1fff)
    for got, word in zip(shown["objects"][2:], sums[2:]):
        expect("missing phi", got["phi"], round((word >> 12 & 255) * 2 * math.pi / 144, 4))
        expect("asymmetry", got["asymmetry"], word >> 20 & 255)
    expect("centrality", shown["objects"][4]["centrality"], sums[4] >> 28)
    expect("nameless", show(frd({5: words([1, 1, 5, 77])}, 29), "frd")[0]["objects"], [{"kind": "object", "word": 77}])
    for source in range(22, 30):
        data = frd({5: words(([] if source == 24 else [6]) + [3564, 5] + sums)}, source)
        expect(f"source {source} written again", converted(data, "frd", "frd"), data)


# ---- the same BX in every format that holds them ----

def rows(blocks):
    """Six rows a BX of eight words a row."""
    for block in blocks:
        for row in struct.iter_unpack("<8I", block.data()):
            yield row


def mp7(blocks):
    out = "Board bxact\n Quad/Chan :" + "  ".join(f"    q{i // 4:02}c{i % 4}" for i in range(8)) + "\n"
    out += "      Link :" + "    ".join(f"     {i:02}" for i in range(8)) + "\n"
    for number, row in enumerate(rows(blocks)):
        out += f"Frame {number:04} :" + "".join(f" 1v{word:08x}" for word in row) + "\n"
    return out.encode()


def emp1(blocks):
    out = "Board bxact\n Quad/Chan :" + "".join(f"         q{i // 4:02}c{i % 4}       " for i in range(8)) + "\n"
    out += "      Link :" + "".join(f"          {i:03}        " for i in range(8)) + "\n"
    for number, row in enumerate(rows(blocks)):
        out += f"Frame {number:04} :" + "".join(f"   1v{word:016x}" for word in row) + "\n"
    return out.encode()


def emp2(blocks):
    out = "ID: bxact\nMetadata: (strobe,) start of orbit, start of packet, end of packet, valid\n\n"
    out += "      Link  " + "".join(f"            {i:03}        " for i in range(8)) + "\n"
    for number, row in enumerate(rows(blocks)):
        out += f"Frame {number:04}  " + "".join(f"  0001 {word:016x}" for word in row) + "\n"
    return out.encode()


def apx(blocks):
    out = "#Sideband ON\n#LinkLabel" + "".join(f"                LINK_{i:02}    " for i in range(8)) + "\n#BeginData\n"
    for number, row in enumerate(rows(blocks)):
        out += f"0x{number:04x}" + "".join(f"    0x01 0x{word:016x}" for word in row) + "\n"
    return out.encode()


def records(blocks):
    out = ""
    for number, block in enumerate(blocks):
        text = ":".join(f"{word:08x}" for row in rows([block]) for word in row)
        out += f"file none {number} - payload {block.orbit}/{block.bx} {block.orbit}/{block.bx} {text}\n"
    return out.encode()


def dma_2022(blocks):
    out, orbits = b"", 0
    for orbit, group in itertools.groupby(blocks, lambda block: block.orbit):
        hits = [0] * 112
        out += words([orbit] + [0] * 7)
        for block in group:
            out += block.data()
            hits[block.bx // 32] |= 1 << block.bx % 32
        out += words([0xbeefdead] * 8 + hits + [0] * 16)
        orbits += 1
    return out + words([0xdeadbeef, 0xdeadbeef, 0, 0, 0, 0, orbits, 0])


def dma_old(blocks):
    end = [0xdeadbeef] * 8 if blocks[0].layout == 2018 else \
        [0xdeadbeef, 0xdeadbeef, 0, 0, 0, 0, len({block.orbit for block in blocks}), 0]
    return b"".join(block.data() for block in blocks) + words(end)


def host(blocks):
    return b"".join(block.record()[0] for block in blocks)


def frd_muons(blocks):
    return frd({orbit: b"".join(block.record(1)[0] for block in group)
                for orbit, group in itertools.groupby(blocks, lambda block: block.orbit)}, 1)


def converted(data, source, target, *options):
    with tempfile.TemporaryDirectory() as folder:
        before, after = os.path.join(folder, "in"), os.path.join(folder, "out")
        with open(before, "wb") as file:
            file.write(data)
        run = subprocess.run([PROGRAM, "convert", "-q", before, after, "--from", source, "--to", target, *options],
                             capture_output=True, check=False)
        if run.returncode:
            sys.exit(f"FAIL {source} to {target}: {run.stderr.decode()} (seed {SEED})")
        with open(after, "rb") as file:
            return file.read()


def check_all_pairs(layout):
    """BX one after the other over the end of an orbit, so that pattern files have no row without data."""
    blocks = [Block(layout, 77 + n // 3564, n % 3564) for n in range(3550, 3590)]
    links = {"mp7": mp7, "emp1": emp1, "emp2": emp2, "apx": apx, "records": records, "dma2022": dma_2022,
             "dma2018" if layout == 2018 else "dma2021": dma_old}
    muons = {"host8": host} if layout == 2018 else {"host12": host, "frd": frd_muons}
    for source, make in links.items():
        for target, wanted in {**links, **muons}.items():
            expected = wanted(blocks)
            if source == "apx" and target in ("mp7", "emp1", "emp2"):  # it has no name for its board
                expected = expected.replace(b"bxact", b"APx", 1)
            expect(f"{source} to {target}", converted(make(blocks), source, target, "--run", "368636", "--ls", "17")
                   == expected, True)
        check_blocks(source, show(make(blocks), source), blocks, True)
    for source, make in muons.items():
        for target, wanted in muons.items():
            expect(f"{source} to {target}", converted(make(blocks), source, target, "--run", "368636", "--ls", "17")
                   == wanted(blocks), True)


def check_pattern_dialects():
    """What stands in files of others: strobes, missing digits, first lines."""
    blocks = [Block(2023, 5, bx) for bx in range(9)]
    text = emp2(blocks).decode()
    for changed in (text.replace("ID:", "Id:", 1), text.replace("ID:", "Board", 1), text.replace("  0001 ", "  000 "),
                    text.replace("  0001 ", "  10001 ").replace("            0", "             0")):
        check_blocks("emp2", show(changed.encode(), "emp2"), blocks, True)
        expect("emp2 written again", converted(changed.encode(), "emp2", "emp2").decode(), changed)
    strobed = emp1(blocks).decode().replace("   1v", " 1s1v")
    check_blocks("emp1", show(strobed.encode(), "emp1"), blocks, True)
    expect("emp1 written again", converted(strobed.encode(), "emp1", "emp1").decode(), strobed)
    plain = mp7(blocks).decode().replace(" 1v", " ")
    check_blocks("mp7", show(plain.encode(), "mp7"), blocks, True)
    expect("mp7 written again", converted(plain.encode(), "mp7", "mp7").decode(), plain)
    plain = apx(blocks).decode().replace("#Sideband ON\n", "").replace("0x01 ", "")
    check_blocks("apx", show(plain.encode(), "apx"), blocks, True)
    expect("apx written again", converted(plain.encode(), "apx", "apx").decode(), plain)


def check_marks():
    """Each mark beside a word is where the other format has it (EMP v2: orbit, start, end, valid; APx: bits 2, 1, 3, 0)."""
    head = emp2([]).decode()
    for marks in itertools.product((0, 1), repeat=4):
        orbit, start, end, valid = marks
        row = f"Frame 0000  " + "".join(f"  {orbit}{start}{end}{valid} {word:016x}" for word in range(8)) + "\n"
        side = valid | start << 1 | orbit << 2 | end << 3
        wanted = apx([]).decode() + "0x0000" + "".join(f"    0x{side:02x} 0x{word:016x}" for word in range(8)) + "\n"
        expect(f"marks {marks}", converted((head + row).encode(), "emp2", "apx").decode(), wanted)
        row = "Frame 0000 :" + "".join(f"   {valid}v{word:016x}" for word in range(8)) + "\n"
        expect(f"marks {marks}", converted((head + f"Frame 0000  " + "".join(
            f"  {orbit}{start}{end}{valid} {word:016x}" for word in range(8)) + "\n").encode(), "emp2", "emp1").decode(),
            emp1([]).decode() + row)


def compared(first, second):
    """Status and output of bxact compare."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("a", "b")]
        for path, data in zip(paths, (first, second)):
            with open(path, "wb") as file:
                file.write(data)
        run = subprocess.run([PROGRAM, "compare", *paths], capture_output=True, check=False)
    return run.returncode, run.stdout.decode()


def check_compare_of_sources():
    """BX of the calorimeter and of the muon trigger, one word changed, one BX missing."""
    one, two = words([5, 7, 1, 2, 3, 4, 5, 6]), words([6, 7, 1, 2, 3, 4, 5, 6])
    other = words([6, 7, 1, 2, 3, 4, 9, 6])
    expect("the same sums", compared(frd({7: one + two}, 24), frd({7: one + two}, 24))[0], 0)
    status, text = compared(frd({7: one + two}, 24), frd({7: one + other}, 24))
    expect("other sums", (status, "orbit 7 BX 5 source 24 word 4: 00000005, in the second file 00000009" in text), (1, True))
    status, text = compared(frd({7: one + two}, 24), frd({7: one}, 24))
    expect("no sums", (status, "orbit 7 BX 5: only in the first file, with 6 words" in text), (1, True))


def check_ugt():
    """60 columns: BX, 8 muons of 16 digits, 48 of 8, 64, 128, 1; an orbit has 3564 rows."""
    muons = {bx: [Muon(2018) for _ in range(8)] for bx in bxs()}
    out = ""
    for bx in range(3564):
        row = [f"{muon.word:016x}" for muon in muons.get(bx, [])] or ["0" * 16] * 8
        row += ["0" * 8] * 48 + ["0" * 64, "0" * 128, "0"]
        out += f"{bx:04} " + " ".join(row) + "\n"
    shown = [bx for bx in show(out.encode(), "ugt") if bx["muons"]]
    expect("ugt BX", [bx["bx"] for bx in shown], list(muons))
    for bx in shown:
        for got, muon in zip(bx["muons"], muons[bx["bx"]]):
            expect("ugt pt", got["pt_gev"], (muon.pt - 1) * 0.5)
            expect("ugt eta", got["eta"], muon.eta * 0.010875)
            expect("ugt charge", got["charge"], (1 - 2 * muon.sign) * muon.valid)
    expect("ugt written again", converted(out.encode(), "ugt", "ugt").decode(), out)


print(f"formats_check: seed {SEED}")
for year in (2018, 2023):
    check_dma_2022(year)
    check_all_pairs(year)
check_dma_old(2018, "dma2018")
check_dma_old(2023, "dma2021")
check_host(2018, "host8")
check_host(2023, "host12")
check_frd_muons()
check_frd_stubs()
check_frd_calo()
check_frd_calo_sources()
check_pattern_dialects()
check_marks()
check_compare_of_sources()
check_ugt()
print(f"{checks} checks, 0 failures")
