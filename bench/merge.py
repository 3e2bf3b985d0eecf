"""./run bench merge [--data DIR]: which pairs of texts the router takes for one matter.

Gold pairs of the Haikou set are orders of which one cites the other (refs), crossing those that came on different channels; pairs that are not are orders of the same day and
department without a link; planted near-duplicates are one text told with other small words. Printed by threshold: recall of gold
and of planted pairs, and how many unrelated pairs of the same day and department would be taken for one (place and category, which
the router asks for as well, are left out here). The texts are not part of this repository.
"""

import argparse
import json
import os
import random
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build", "release"), "bin")
THRESHOLDS = (30, 45, 50, 60, 70, 80, 90)
SMALL_WORDS = ("您好，", "我要反映一下，", "麻烦处理一下，", "之前也打过电话，", "谢谢。", "希望尽快解决。", "请有关部门核实。")
UNRELATED = 20000


def load(data):
    rows = []
    for side in ("train", "dev"):
        with open(os.path.join(data, "haikou-12345", side + ".jsonl"), encoding="utf-8") as f:
            rows += [json.loads(line) for line in f]
    return rows


def gold(rows):
    known = {r["id"]: r for r in rows}
    return [(r, known[ref]) for r in rows for ref in r.get("refs") or () if ref in known and ref != r["id"]]


def unrelated(rows, linked, rng):
    days = {}
    for r in rows:
        days.setdefault((r["date"], r["dept_m"]), []).append(r)
    groups = [g for g in days.values() if len(g) > 1]
    pairs = []
    while len(pairs) < UNRELATED:
        a, b = rng.sample(rng.choice(groups), 2)
        if a["group"] != b["group"] and (a["id"], b["id"]) not in linked and (b["id"], a["id"]) not in linked:
            pairs.append((a, b))
    return pairs


def retold(text, rng):
    """The same matter as another caller tells it: other small words around it, a character in thirty lost."""
    kept = "".join(c for c in text if rng.random() > 1 / 30)
    return rng.choice(SMALL_WORDS) + kept + rng.choice(SMALL_WORDS)


def one_line(text):
    return " ".join(text.split())


def alike(pairs):
    lines = "".join(f"{one_line(a)}\t{one_line(b)}\n" for a, b in pairs)
    done = subprocess.run([os.path.join(BIN, "bench-merge-pairs")], input=lines, capture_output=True, text=True, check=True)
    return [int(x) for x in done.stdout.split()]


def share(values, threshold):
    return sum(v >= threshold for v in values) / len(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("CHUISHAO_DATA") or os.path.join(ROOT, "..", "shared", "data"))
    data = parser.parse_args().data
    if not os.path.isdir(os.path.join(data, "haikou-12345")):
        sys.exit(f"bench merge: no haikou-12345 in {data}; name its folder with --data")
    rng = random.Random(12345)
    rows = load(data)
    linked = gold(rows)
    citizens = [r for r in rows if r["origin"] == "citizen" and len(r["text"]) >= 12]
    sets = {
        "gold": [(a["text"], b["text"]) for a, b in linked],
        "crossing": [(a["text"], b["text"]) for a, b in linked if a["channel"] != b["channel"]],
        "planted": [(r["text"], retold(r["text"], rng)) for r in rng.sample(citizens, 2000)],
        "unrelated": [(a["text"], b["text"]) for a, b in unrelated(rows, {(a["id"], b["id"]) for a, b in linked}, rng)],
    }
    found = {name: alike(pairs) for name, pairs in sets.items()}
    print(", ".join(f"{name} {len(pairs)} pairs" for name, pairs in sets.items()))
    print(f"{'threshold':>9} {'gold recall':>12} {'crossing':>9} {'planted recall':>15} {'unrelated taken':>16} {'precision on gold+unrelated':>28}")
    for t in THRESHOLDS:
        right, wrong = sum(v >= t for v in found["gold"]), sum(v >= t for v in found["unrelated"])
        precision = right / (right + wrong) if right + wrong else 0
        print(f"{t:>9} {share(found['gold'], t):>12.3f} {share(found['crossing'], t):>9.3f} {share(found['planted'], t):>15.3f} "
              f"{share(found['unrelated'], t):>16.5f} {precision:>28.3f}")


main()
