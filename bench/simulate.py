"""./run bench simulate [--complaints N] [--data DIR]: recorded complaints under two policies.

`chuishao simulate` runs each complaint through intake, classifier and router under the sample policy and under the same one with a higher
`confidence_min`; `chuishao classify --policy`, which only classifies them once, is the baseline of the same minute. The complaints are real
texts (of the sample day where those are not at hand) at the sample policy's estates, each with an id and a second of its own.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
from complaints import DATA, estates, texts  # noqa: E402

BIN = os.path.join(os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build", "release"), "bin")
POLICY = os.path.join(ROOT, "policy")
FIRST = 1760000000  # seconds; any day whose calendar the policy has


def write_complaints(path, said, n):
    places = estates(POLICY)
    with open(path, "w", encoding="utf-8") as f:
        for i in range(n):
            at = time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(FIRST + i))
            f.write(json.dumps({"id": f"S-{i}", "channel": "phone", "reported_at": at, "text": said[i % len(said)],
                                "place": {"estate": places[i % len(places)]}}, ensure_ascii=False) + "\n")


def write_policy(folder):
    shutil.copytree(POLICY, folder)
    path = os.path.join(folder, "policy.json")
    with open(path, encoding="utf-8") as f:
        settings = json.load(f)
    settings["confidence_min"] += 15
    with open(path, "w", encoding="utf-8") as f:
        json.dump(settings, f, ensure_ascii=False)


def run(command, output):
    """Wall seconds, CPU seconds, MB."""
    begin = time.monotonic()
    with open(output, "wb") as f:
        child = subprocess.Popen([os.path.join(BIN, "chuishao"), *command], stdout=f)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"chuishao {command[0]} ended with {child.returncode}")
    return time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(prog="./run bench simulate", description=__doc__)
    parser.add_argument("--complaints", type=int, default=1000000)
    parser.add_argument("--data", default=DATA)
    options = parser.parse_args()
    said = texts(print, options.data)
    with tempfile.TemporaryDirectory() as folder:
        complaints, new, out = (os.path.join(folder, name) for name in ("in.jsonl", "new", "out"))
        write_complaints(complaints, said, options.complaints)
        write_policy(new)
        base = run(["classify", "--policy", POLICY, "--in", complaints, "--text", "text"], os.path.join(folder, "classified"))
        both = run(["simulate", "--policy", POLICY, "--new", new, "--in", complaints], out)
        with open(out, encoding="utf-8") as f:
            head = [next(f, "").rstrip() for _ in range(3)]
    print(f"{options.complaints:,} complaints             seconds   CPU s     MB")
    for name, figures in (("classify, one policy", base), ("simulate, two policies", both)):
        print(f"{name:28}  {figures[0]:8.1f} {figures[1]:7.1f} {figures[2]:6.0f}")
    print(f"simulate: {both[1] / base[1]:.1f} times the CPU of classifying once; its answer begins")
    print("\n".join("  " + line for line in head))


if __name__ == "__main__":
    main()
