"""./run bench reproject [--clocks 1000000] [--load-seconds 180]: open clocks whose due times are derived again under another policy.

  core      reproject_loop.c: the pure core alone, one million cases of every SLA class, one core
  load      one case is opened by casework; its snapshot under other ids goes to case.state as often as the time allows
  restore   casework from exec to ready, under the other policy, with the log to read into an empty Redis
  reproject `chuishao reproject`, until the last command is committed: events, orders, snapshots and the due index
  again     the same once more, which must change nothing
The other policy has one more holiday and longer handling, so that every clock moves. Generator, Kafka, Redis and casework share the machine's cores.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tools", "stack"), os.path.join(ROOT, "tests", "support")]
import testing  # noqa: E402

testing.use_packages()

from kafka_log import Follower, committed, ends, partitions_of, producer, wait_until  # noqa: E402
from latency import cpu_seconds, rss_mb  # noqa: E402
from stack import Stack, build_folder  # noqa: E402
from timers import COMMANDS, EXAMPLE, STATES, now_ms, rfc3339  # noqa: E402

GROUP = "chuishao.casework"


def change(path, edit):
    with open(path, encoding="utf-8") as f:
        document = json.load(f)
    edit(document)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(document, f, ensure_ascii=False)


def policies(folder):
    """The sample policy, and a copy with longer handling and the next Monday a holiday."""
    before, after = os.path.join(ROOT, "policy"), os.path.join(folder, "after")
    shutil.copytree(before, after)
    monday = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600 + (7 - time.gmtime(time.time() + 8 * 3600).tm_wday) * 86400))

    def longer(sla):
        for each in sla["classes"].values():
            each["handle"]["amount"] += 1

    def holiday(calendar):
        calendar["days"] = sorted([d for d in calendar["days"] if d["date"] != monday]
                                  + [{"name": "临时放假", "date": monday, "isOffDay": True}], key=lambda d: d["date"])
    change(os.path.join(after, "sla.json"), longer)
    change(os.path.join(after, "calendar", monday[:4] + ".json"), holiday)
    return before, after


def open_one(stack):
    """A snapshot as casework writes it: an ordinary case with a lead and one assist."""
    with open(EXAMPLE.replace("open_needs_human", "open_dispatch"), encoding="utf-8") as f:
        command = json.load(f)
    case = "n20261121-bench00000000000"
    command.update(case=case, id=case + ".open", at=rfc3339(now_ms()))
    command["route"].update(lead="gongshui", assists=["shuiwu"], sla="N")
    command["class"]["category"] = "030101"
    command["complaint"].update(case=case, id=case)
    out = producer(stack.kafka)
    out.produce(COMMANDS, key=case, value=json.dumps(command, ensure_ascii=False).encode())
    out.flush(20)
    with Follower(stack.kafka, [STATES]) as follower:
        wait_until(lambda: follower.poll(0.1) is not None and follower.records[STATES], 30, "a snapshot")
        return case, follower.records[STATES][0].value.decode()


def load(stack, case, snapshot, wanted, seconds):
    """Snapshots of as many cases; returns how many there are now. offset -1: they reflect no command."""
    document = json.loads(snapshot)
    document["offset"] = -1
    head, tail = json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace(case, "\0").split("\0", 1)
    tail = tail.split("\0")
    out = producer(stack.kafka, linger_ms=50, compression_type="lz4", queue_buffering_max_messages=300000,
                   queue_buffering_max_kbytes=1000000)
    end, n = time.monotonic() + seconds, 0
    while n < wanted and time.monotonic() < end:
        name = f"n20261121-b{n:015d}"
        while True:
            try:
                out.produce(STATES, key=name, value=head + name + name.join(tail))
                break
            except BufferError:
                out.poll(0.1)
        n += 1
        if n % 1000 == 0:
            out.poll(0)
    out.flush(120)
    return n, len(snapshot.encode())


def metric(stack, name):
    with urllib.request.urlopen(f"http://{stack.http('casework')}/metrics", timeout=10) as reply:
        return sum(float(line.rsplit(" ", 1)[1]) for line in reply.read().decode().splitlines() if line.startswith(name))


def moved(stack):
    return metric(stack, 'chuishao_decisions_total{stage="casework",outcome="reprojected"}')


def settled_count(stack):
    """How many clocks moved; the counter follows the commits by a moment."""
    last = -1
    while (now := moved(stack)) != last:
        last = now
        time.sleep(2)
    return now


def reproject(stack, cases):
    """One round: what was sent, how long until the last is committed, casework's CPU, how many clocks moved."""
    partitions = partitions_of(stack.kafka, [COMMANDS])
    pid, before = stack.child("casework").pid, moved(stack)
    cpu, began = cpu_seconds(pid), time.monotonic()
    sent = json.loads(stack.run("reproject", "--output", "json").stdout)["cases"]
    assert sent == cases, f"{sent} of {cases} cases are open"
    all_sent = time.monotonic() - began
    target = ends(stack.kafka, partitions)
    while any(committed(stack.kafka, GROUP, [COMMANDS]).get(at, 0) < end for at, end in target.items() if end):
        time.sleep(0.2)
    seconds = time.monotonic() - began
    return {"seconds": seconds, "sent": all_sent, "cpu": cpu_seconds(pid) - cpu, "moved": settled_count(stack) - before, "rss": rss_mb(pid)}


def main():
    parser = argparse.ArgumentParser(prog="./run bench reproject", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clocks", type=int, default=1000000)
    parser.add_argument("--load-seconds", type=float, default=180)
    parser.add_argument("--build", default=build_folder("release"), metavar="DIR")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="chuishao-bench-")
    before, after = policies(folder)
    core = json.loads(subprocess.run([os.path.join(options.build, "bin", "bench-reproject-loop"), before, after, "1000000"],
                                     stdout=subprocess.PIPE, check=True).stdout)
    print(f"core: {core['cases']:,} cases, {core['clocks']:,} clocks of which {core['moved']:,} moved: {core['seconds']:.1f} s, "
          f"{core['seconds'] / core['cases'] * 1e6:.2f} µs a case, {core['seconds'] / core['clocks'] * 1e6:.2f} µs a clock", flush=True)
    try:
        with Stack("bench-reproject", services=("casework",), build_dir=options.build, run_dir=os.path.join(folder, "run"),
                   keep=False) as stack:
            case, snapshot = open_one(stack)
            stack.stop_one("casework-0")
            clocks = sum("stopped" not in c for c in json.loads(snapshot)["state"]["clocks"])
            began = time.monotonic()
            n, size = load(stack, case, snapshot, -(-options.clocks // clocks) - 1, options.load_seconds)
            print(f"loaded: {n:,} cases of {size:,} bytes with {clocks} open clocks each in {time.monotonic() - began:.0f} s", flush=True)
            stack.child("casework").env["CHUISHAO_POLICY"] = after
            began = time.monotonic()
            stack.release("casework-0")
            stack.wait_ready(1800)
            print(f"restore: {time.monotonic() - began:.1f} s, casework {rss_mb(stack.child('casework').pid):.0f} MB, "
                  f"Redis {rss_mb(stack.child('redis').pid):,.0f} MB", flush=True)
            for name in ("reproject", "again"):
                r = reproject(stack, n + 1)
                print(f"{name}: {n + 1:,} commands sent in {r['sent']:.1f} s, all settled after {r['seconds']:.1f} s: {(n + 1) / r['seconds']:,.0f} cases/s, "
                      f"{(n + 1) * clocks / r['seconds']:,.0f} clocks/s; "
                      f"{r['moved']:,.0f} clocks moved; casework {r['cpu'] / (n + 1) * 1e6:.1f} µs CPU a case, {r['rss']:.0f} MB", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
