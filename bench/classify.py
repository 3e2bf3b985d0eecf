"""./run bench classify [--data DIR] [--only NAME,...] [--keep DIR]: the trained model on real texts.

Trains on each set's train file with the tool itself and scores its dev file: best guess right (top-1), among the first three, the
share of texts the model routes alone (threshold for 92 % precision from out-of-fold scores of train) with the precision that was
reached, and the expected calibration error; then what a text costs on one core. The sets are not part of this repository.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build", "release"), "bin")
BINS = 10
ROUNDS = 20

# name: folder, file of one side, field of the text, of the label
SETS = {
    "dept_m": ("haikou-12345", "{}.jsonl", "text", "dept_m"),
    "unit": ("haikou-12345", "{}.jsonl", "text", "unit"),
    "act": ("haikou-12345", "{}.jsonl", "text", "act"),
    "taidi": ("taidi-2020-c", "{}_tokens.jsonl", "tokens", "label"),
}


def scored(row):
    """Whether a row of a dev file counts: residents' own complaints, not too short to mean anything, as in the study of variants."""
    return "origin" not in row or (row["origin"] == "citizen" and len(row["text"]) >= 6 and row["dept"] != "无效数据")


def chuishao(*words):
    done = subprocess.run([os.path.join(BIN, "chuishao"), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def macro_f1(pairs):
    right, said, gold = collections.Counter(), collections.Counter(), collections.Counter()
    for label, best in pairs:
        gold[label] += 1
        said[best] += 1
        right[label] += label == best
    return sum(2 * right[c] / (gold[c] + said[c]) for c in gold) / len(gold)


def figures(gold, answers):
    n = top1 = top3 = top5 = sure = sure_right = 0
    bins = [[0, 0.0] for _ in range(BINS)]  # right, sum of p
    pairs = []
    for answer in answers:
        label = gold.get(answer["id"])
        if label is None:
            continue
        labels = [guess["label"] for guess in answer["top"]]
        p = answer["top"][0]["p"]
        right = labels[0] == label
        n += 1
        top1 += right
        top3 += label in labels[:3]
        top5 += label in labels[:5]
        sure += answer["sure"]
        sure_right += answer["sure"] and right
        part = bins[min(BINS - 1, int(p * BINS))]
        part[0] += right
        part[1] += p
        pairs.append((label, labels[0]))
    return {"n": n, "top1": top1 / n, "top3": top3 / n, "top5": top5 / n, "alone": sure / n, "reached": sure_right / sure if sure else 0,
            "ece": sum(abs(right - p) for right, p in bins) / n, "f1": macro_f1(pairs)}


def read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def measure(name, data, folder):
    place, file, text, target = SETS[name]
    train, dev = (os.path.join(data, place, file.format(side)) for side in ("train", "dev"))
    model = os.path.join(folder, name + ".bin")
    start = time.monotonic()
    report = json.loads(chuishao("train", "--in", train, "--text", text, "--target", target, "--out", model, "--precision", "92", "--output", "json"))
    seconds = time.monotonic() - start
    rows = [row for row in read(dev) if scored(row) and row.get(target)]
    answers = map(json.loads, chuishao("classify", "--model", model, "--in", dev, "--text", text, "--top", "5").splitlines())
    found = figures({row["id"]: row[target] for row in rows}, answers)
    texts = os.path.join(folder, "texts")
    with open(texts, "w", encoding="utf-8") as f:
        f.writelines(row[text].replace("\n", " ") + "\n" for row in rows)
    cost = json.loads(subprocess.run([os.path.join(BIN, "bench-score-loop"), model, texts, str(ROUNDS)], stdout=subprocess.PIPE, check=True).stdout)
    os.unlink(texts)
    print(f"{name:<8}{report['rows']:>7}{report['classes']:>5}{found['n']:>6}  {found['top1']:.4f} {found['top3']:.4f} {found['top5']:.4f}  {found['f1']:.3f}"
          f"  {found['alone']:.3f} @ {found['reached']:.3f}  {found['ece']:.3f}  {report['top1']:.4f} {report['share']:.3f}  {cost['us']:6.1f}"
          f"{cost['allocations']:>6}{cost['bytes'] / 1e6:>7.2f}{seconds:>7.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="run bench classify", description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data"))
    parser.add_argument("--only", default=",".join(SETS), help="of " + ", ".join(SETS))
    parser.add_argument("--keep", help="a folder for the models")
    options = parser.parse_args()
    if not os.path.isdir(options.data):
        sys.exit(f"bench classify: no texts in {options.data}; --data DIR names another folder")
    print(f"{'target':<8}{'train':>7}{'of':>5}{'dev':>6}  {'top-1':<6} {'top-3':<6} {'top-5':<6}  {'F1':<5}  {'alone @ right':<13}  {'ECE':<5}  "
          f"{'oof top-1':<6} alone  {'us':>4}{'alloc':>6}{'MB':>7}{'train s':>7}")
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.only.split(","):
            measure(name, options.data, options.keep or temporary)


if __name__ == "__main__":
    main()
