"""./run bench rules [--data DIR] [--policy DIR] [--part train|held|tune|blind|blind2] [--wrong]: the policy's rules alone on hand-labelled real texts.

Labels: tests/classify (its README says how they were made); the texts are those of the folder --data and are no part of this repository. Rules were improved on
the parts `train` and `tune`; `held`, `blind` and `blind2` are what counts. `--wrong` lists ids and codes of what went wrong, never a text.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build", "release"), "bin")
LABELS = [os.path.join(ROOT, "tests", "classify", name) for name in ("labels_train.csv", "labels.csv")]
URGENT = ("E1", "E2")
PARTS = ("train", "held", "tune", "blind", "blind2")
FILES = [("haikou-12345/" + name, lambda row: row["text"]) for name in ("train.jsonl", "dev.jsonl")] + [
    ("taidi-2020-c/" + name, lambda row: row["subject"] + "。" + row["detail"]) for name in ("train_raw.jsonl", "dev_raw.jsonl")]
ROUNDS = 20


def read_labels(parts):
    labels = []
    for path in LABELS:
        with open(path, encoding="utf-8") as f:
            labels += [row for row in csv.DictReader(f) if row["part"] in parts]
    return labels


def read_texts(data, wanted):
    """The wanted texts by id: Haikou's as they are, Taidi's subject and detail in one."""
    texts = {}
    for path, text_of in FILES:
        with open(os.path.join(data, path), encoding="utf-8") as f:
            texts.update((row["id"], text_of(row)) for row in map(json.loads, f) if row["id"] in wanted)
    return texts


def classify(policy, texts, folder):
    path = os.path.join(folder, "texts.jsonl")
    with open(path, "w", encoding="utf-8") as f:
        for ident, text in texts.items():
            f.write(json.dumps({"id": ident, "text": text}, ensure_ascii=False) + "\n")
    out = subprocess.run([os.path.join(BIN, "chuishao"), "classify", "--policy", policy, "--in", path, "--text", "text"],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    return {answer["id"]: answer for answer in map(json.loads, out.splitlines())}


def fits(label, answer):
    """The leaf, or one of the others that a dispatcher would accept."""
    return answer["category"] in {label["leaf"], *filter(None, label["also"].split(";"))}


def share(part, whole):
    return f"{part}/{whole} {part / whole:.3f}" if whole else "0/0"


def figures(labels, answers, texts):
    pairs = [(label, answers[label["id"]]) for label in labels]
    n = len(pairs)
    sure = [(label, answer) for label, answer in pairs if answer["sure"]]
    urgent = [(label, answer) for label, answer in pairs if label["urgency"] in URGENT]
    calm = [(label, answer) for label, answer in pairs if label["urgency"] not in URGENT]
    exits = [(label, answer) for label, answer in pairs if label["exit"]]
    exact = touching = placed = 0
    for label, answer in pairs:
        if label["place"]:
            begin, end = map(int, label["place"].split("-"))
            gold, said = texts[label["id"]][begin:end], answer["place"] or ""
            placed += 1
            exact += said == gold
            touching += bool(said) and (said in gold or gold in said)
    yield "texts", n
    yield "leaf", share(sum(label["leaf"] == answer["category"] for label, answer in pairs), n)
    yield "leaf or accepted", share(sum(fits(label, answer) for label, answer in pairs), n)
    yield "top level", share(sum((answer["category"] or "")[:2] == label["leaf"][:2] for label, answer in pairs), n)
    yield "routed alone", share(len(sure), n)
    yield "of these the leaf", share(sum(label["leaf"] == answer["category"] for label, answer in sure), len(sure))
    yield "of these accepted", share(sum(fits(label, answer) for label, answer in sure), len(sure))
    yield "E1, E2 recall", share(sum(answer["urgency"] in URGENT for _, answer in urgent), len(urgent))
    yield "E1, E2 false alarms", share(sum(answer["urgency"] in URGENT for _, answer in calm), len(calm))
    yield "exits recall", share(sum(label["exit"] == answer["exit"] for label, answer in exits), len(exits))
    yield "exits false alarms", share(sum(bool(answer["exit"]) and not label["exit"] for label, answer in pairs), n - len(exits))
    yield "place exact", share(exact, placed)
    yield "place inside the other", share(touching, placed)


def main():
    parser = argparse.ArgumentParser(prog="./run bench rules", description=__doc__)
    parser.add_argument("--data", default=os.environ.get("CHUISHAO_DATA") or os.path.join(ROOT, "..", "shared", "data"))
    parser.add_argument("--policy", default=os.path.join(ROOT, "policy"))
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--wrong", action="store_true")
    args = parser.parse_args()
    if not os.path.isdir(args.data):
        sys.exit(f"bench rules: no texts in {args.data}; --data or CHUISHAO_DATA names their folder")
    labels = read_labels(args.part or PARTS)
    texts = read_texts(args.data, {row["id"] for row in labels})
    with tempfile.TemporaryDirectory() as folder:
        answers = classify(args.policy, {row["id"]: texts[row["id"]] for row in labels}, folder)
        for part in args.part or PARTS:
            print(f"{part}:")
            for name, value in figures([row for row in labels if row["part"] == part], answers, texts):
                print(f"  {name:24} {value}")
        if args.wrong:
            for row in labels:
                if not fits(row, answers[row["id"]]):
                    print("wrong", row["part"], row["id"], row["leaf"], answers[row["id"]]["category"], answers[row["id"]]["confidence"])
        haikou = os.path.join(folder, "haikou.txt")
        with open(haikou, "w", encoding="utf-8") as f:
            f.writelines(" ".join(text.split()) + "\n" for ident, text in texts.items() if ident.startswith("HK"))
        print("one core, Haikou's texts:")
        cost = subprocess.run([os.path.join(BIN, "bench-rules-loop"), args.policy, haikou, str(ROUNDS)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True, text=True).stdout
        for line in cost.splitlines():
            print("  " + line)


if __name__ == "__main__":
    main()
