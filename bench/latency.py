"""./run bench latency [--rate 1000] [--seconds 60]: from publishing a complaint to its order in the unit's queue.

Complaints are published at a steady rate; a read_committed consumer on all units' queues notes when it has each one's order
in hand. Both are in this one process and on its one clock, so the latency holds the publisher's and the reader's own share too;
the baseline is a transactional copy of one hop: produce, commit, read on the same broker. Those that have no order of their own
(merged, transferred) are counted apart. CPU is each process's own over the measured time, in percent of one core.
"""

import argparse
import json
import os
import random
import sys
import threading
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tools", "stack"), os.path.join(ROOT, "tests", "support"),
                os.path.join(ROOT, "tests", "fault")]
import testing  # noqa: E402

testing.use_packages()

from confluent_kafka import Consumer, TopicPartition  # noqa: E402
from chaos import messages  # noqa: E402
from checker import queues_of  # noqa: E402
from kafka_log import consumer, ends, partitions_of, producer, read_all  # noqa: E402
from stack import Stack, build_folder  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", "rb") as f:
        fields = f.read().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmRSS"))


def processes(stack):
    return {"kafka": stack.child("kafka").pid, "redis": stack.child("redis").pid,
            **{name: child.pid for name, child in stack.services.items()}}


def quantiles(values):
    ordered = sorted(values)
    if not ordered:
        return {}
    at = lambda q: round(ordered[min(len(ordered) - 1, int(q * len(ordered)))] * 1000, 1)  # noqa: E731
    return {"p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "max_ms": round(ordered[-1] * 1000, 1)}


class Reader(threading.Thread):
    """Takes the orders off the units' queues as they become visible and notes when; what they say is read afterwards, so that this
    process takes as little of the machine as it can."""

    def __init__(self, kafka, policy):
        super().__init__(daemon=True)
        queues, _ = queues_of(policy)
        partitions = partitions_of(kafka, [f"unit.{q}.orders.v1" for q in queues])
        self.seen = []  # (arrival, values)
        self.stopping = False
        self._consumer = Consumer({"bootstrap.servers": kafka, "group.id": "chuishao-bench", "enable.auto.commit": False,
                                   "isolation.level": "read_committed", "fetch.wait.max.ms": 500})
        start = ends(kafka, partitions)
        self._consumer.assign([TopicPartition(t, p, start[t, p]) for t, p in partitions])
        self._consumer.consume(1000, 0.5)  # the connections are up before the first complaint

    def run(self):
        while not self.stopping:
            first = self._consumer.poll(0.2)
            if first is None or first.error():
                continue
            rest = self._consumer.consume(1000, 0)
            self.seen.append((time.monotonic(), [m.value() for m in (first, *rest) if not m.error()]))

    def arrivals(self):
        """case -> when its first dispatch or needs_human order was there."""
        arrived = {}
        for at, values in self.seen:
            for value in values:
                if b'"dispatch"' in value or b'"needs_human"' in value:
                    order = json.loads(value)
                    if order["kind"] in ("dispatch", "needs_human"):
                        arrived.setdefault(order["case"], at)
        return arrived


def openings(kafka):
    """case -> the publisher's id, and the cases that were merged or transferred and so have no order of their own."""
    numbers, without = {}, set()
    for r in read_all(kafka, ["case.event.v1"])["case.event.v1"]:
        event = json.loads(r.value)
        if event["kind"] == "opened":
            numbers[event["case"]] = event["new"]["id"]
        elif event["kind"] in ("merged", "transferred"):
            without.add(event["case"])
    return numbers, without


def hop(kafka, n=200):
    """One transactional hop on the same broker: produce and commit, until a read_committed reader has it."""
    p = producer(kafka, transactional_id=f"hop-{uuid.uuid4().hex}", linger_ms=0)
    p.init_transactions(20)
    c = consumer(kafka)
    at = TopicPartition("complaint.intake.v1.dlt", 0)
    at.offset = ends(kafka, [(at.topic, at.partition)])[at.topic, at.partition]
    c.assign([at])
    c.consume(10, 0.5)
    found = []
    for i in range(n):
        began = time.monotonic()
        p.begin_transaction()
        p.produce(at.topic, key="hop", value=b"x" * 500, partition=0)
        p.commit_transaction(20)
        while True:
            m = c.poll(1.0)
            if m is not None and not m.error():
                break
        found.append(time.monotonic() - began)
    c.close()
    return quantiles(found)


HOPS = ("complaint.accepted.v1", "complaint.classified.v1", "case.command.v1", "unit.orders.v1")


def where_it_goes(stack, numbers, sent):
    """Medians of when each stage produced what it had about a complaint, in ms after it was sent. Records carry the
    producer's wall clock; ours is on the same machine."""
    wall = time.time() - time.monotonic()
    queues, _ = queues_of(stack.policy)
    units = [f"unit.{q}.orders.v1" for q in queues]
    found = {t: {} for t in HOPS + ("unit queues",)}
    for topic, records in read_all(stack.kafka, list(HOPS) + units).items():
        for r in records:
            case = r.headers.get("ce_subject", r.key).decode()
            found[topic if topic in found else "unit queues"].setdefault(case, r.time_ms / 1000)
    result = {}
    for topic, times in found.items():
        after = sorted(at - wall - sent[numbers[case]] for case, at in times.items()
                       if numbers.get(case) in sent)
        if after:
            result[topic] = round(after[len(after) // 2] * 1000, 1)
    return result


def publish(out, load, rate, sent):
    """Sends at the steady rate, in ticks of 5 ms; how late the worst one went out tells whether this process kept up."""
    began = time.monotonic()
    worst = 0.0
    per_tick = max(1, rate // 200)
    for i, (_, number, value) in enumerate(load):
        due = began + i / rate
        if i % per_tick == 0:
            wait = due - time.monotonic()
            out.poll(0)
            if wait > 0:
                time.sleep(wait)
        now = time.monotonic()
        worst = max(worst, now - due)
        sent[number] = now
        out.produce("complaint.intake.v1", key=number, value=value)
    out.flush(60)
    return worst


def wait(stack, wanted, seconds):
    """Until the board counts every complaint and nothing is on its way any more."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status, body = stack.get("board-0", "/api/summary")
        summary = json.loads(body) if status == 200 else {}
        routed = sum(summary.get(k, 0) for k in ("dispatched", "needs_human", "transferred", "merged"))
        if routed >= wanted and summary.get("lag") == 0:
            return True
        time.sleep(0.25)
    return False


def measure(stack, options, rng):
    warm = [(s, "w-" + n, v.replace(b'"id": "soak-', b'"id": "w-soak-')) for s, n, v in
            messages(max(200, options.rate), stack.policy, rng)]
    load = list(messages(int(options.rate * options.seconds), stack.policy, rng))
    reader = Reader(stack.kafka, stack.policy)
    reader.start()
    out = producer(stack.kafka, linger_ms=1)
    publish(out, warm, options.rate, {})
    wait(stack, len(warm), 60)
    pids, sent = {"generator": os.getpid(), **processes(stack)}, {}
    before, began = {n: cpu_seconds(p) for n, p in pids.items()}, time.monotonic()
    worst = publish(out, load, options.rate, sent)
    took = time.monotonic() - began
    after = {n: cpu_seconds(p) for n, p in pids.items()}
    through = wait(stack, len(warm) + len(load), 120)
    reader.stopping = True
    reader.join()
    numbers, without = openings(stack.kafka)
    latencies = [at - sent[numbers[case]] for case, at in reader.arrivals().items() if numbers.get(case) in sent]
    missing = len(load) - len(latencies) - sum(1 for case in without if numbers.get(case) in sent)
    usage = {n: {"cpu_percent": round(100 * (after[n] - before[n]) / took, 1), "rss_mb": round(rss_mb(p), 1)}
             for n, p in pids.items()}
    stages = where_it_goes(stack, numbers, sent)
    return {"rate": options.rate, "seconds": options.seconds, "complaints": len(load), "through": through and missing == 0,
            "orders": len(latencies), "without_order": len(load) - len(latencies), **quantiles(latencies),
            "publisher_late_ms": round(worst * 1000, 1), "restarts": stack.total_restarts(),
            "produced_after_ms": stages}, usage


def main():
    parser = argparse.ArgumentParser(prog="./run bench latency", description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=1000, help="complaints per second (default %(default)d)")
    parser.add_argument("--seconds", type=int, default=60, help="default %(default)d")
    parser.add_argument("--build", default="release", help="release, or a build folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep data and logs in .run/")
    options = parser.parse_args()
    build = options.build if os.path.isdir(options.build) else build_folder(options.build)
    with Stack(f"latency-{os.getpid()}", build_dir=build, fresh=True, keep=options.keep) as stack:
        baseline = hop(stack.kafka)
        result, usage = measure(stack, options, random.Random(options.seed))
    print(f"one transactional hop        {baseline}")
    shown = {k: v for k, v in result.items() if k.startswith(("p50", "p90", "p99", "max", "publisher"))}
    print(f"publish to the unit's queue  {shown}")
    print("produced after, p50 in ms    " + ", ".join(f"{t} {ms}" for t, ms in result["produced_after_ms"].items()))
    for name, figures in sorted(usage.items(), key=lambda item: -item[1]["cpu_percent"]):
        print(f"{name:<14} {figures['cpu_percent']:>6.1f} % of a core   {figures['rss_mb']:>7.1f} MB")
    print(json.dumps({**result, "hop": baseline, "usage": usage}))
    return 0 if result["through"] else 1


if __name__ == "__main__":
    sys.exit(main())
