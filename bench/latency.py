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

from confluent_kafka import TopicPartition  # noqa: E402
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
    """Notes when the first order of each complaint came, and which cases got none."""

    def __init__(self, kafka, policy):
        super().__init__(daemon=True)
        queues, _ = queues_of(policy)
        partitions = partitions_of(kafka, [f"unit.{q}.orders.v1" for q in queues] + ["case.event.v1"])
        self.numbers, self.arrived, self.without = {}, {}, set()
        self.stopping = False
        self._consumer = consumer(kafka)
        start = ends(kafka, partitions)
        self._consumer.assign([TopicPartition(t, p, start[t, p]) for t, p in partitions])
        self._consumer.consume(1000, 0.5)  # the connections are up before the first complaint

    def run(self):
        while not self.stopping:
            found = self._consumer.consume(1000, 0.02)
            now = time.monotonic()
            for m in found:
                if m.error():
                    continue
                if m.topic() == "case.event.v1":
                    event = json.loads(m.value())
                    if event["kind"] == "opened":
                        self.numbers[event["case"]] = event["new"]["id"]
                    elif event["kind"] in ("merged", "transferred"):
                        self.without.add(event["case"])
                elif b'"dispatch"' in m.value() or b'"needs_human"' in m.value():
                    order = json.loads(m.value())
                    if order["kind"] in ("dispatch", "needs_human"):
                        self.arrived.setdefault(order["case"], now)

    def settled(self):
        return len(self.arrived.keys() | self.without)


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


def where_it_goes(stack, reader, sent):
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
        after = sorted(at - wall - sent[reader.numbers[case]] for case, at in times.items()
                       if reader.numbers.get(case) in sent)
        if after:
            result[topic] = round(after[len(after) // 2] * 1000, 1)
    return result


def publish(out, load, rate, sent):
    """Sends at the steady rate; how late the worst one went out tells whether this process kept up."""
    began = time.monotonic()
    worst = 0.0
    for i, (_, number, value) in enumerate(load):
        due = began + i / rate
        while (now := time.monotonic()) < due:
            out.poll(min(due - now, 0.005))
        worst = max(worst, now - due)
        sent[number] = now
        out.produce("complaint.intake.v1", key=number, value=value)
        if i % 64 == 0:
            out.poll(0)
    out.flush(60)
    return worst


def measure(stack, options, rng):
    warm = [(s, "w-" + n, v.replace(b'"id": "soak-', b'"id": "w-soak-')) for s, n, v in
            messages(max(200, options.rate), stack.policy, rng)]
    load = list(messages(int(options.rate * options.seconds), stack.policy, rng))
    reader = Reader(stack.kafka, stack.policy)
    reader.start()
    out = producer(stack.kafka, linger_ms=1)
    publish(out, warm, options.rate, {})
    wait(reader, len(warm), 60)
    pids, sent = processes(stack), {}
    before, began = {n: cpu_seconds(p) for n, p in pids.items()}, time.monotonic()
    worst = publish(out, load, options.rate, sent)
    published = time.monotonic()
    through = wait(reader, len(warm) + len(load), 120)
    took = time.monotonic() - began
    after = {n: cpu_seconds(p) for n, p in pids.items()}
    reader.stopping = True
    reader.join()
    latencies = [at - sent[reader.numbers[case]] for case, at in reader.arrived.items()
                 if reader.numbers.get(case) in sent]
    usage = {n: {"cpu_percent": round(100 * (after[n] - before[n]) / took, 1), "rss_mb": round(rss_mb(p), 1)}
             for n, p in pids.items()}
    stages = where_it_goes(stack, reader, sent)
    return {"rate": options.rate, "seconds": options.seconds, "complaints": len(load), "through": through,
            "orders": len(latencies), "without_order": len(reader.without), **quantiles(latencies),
            "publisher_late_ms": round(worst * 1000, 1), "last_after_ms": round((began + took - published) * 1000),
            "restarts": stack.total_restarts(), "produced_after_ms": stages}, usage


def wait(reader, wanted, seconds):
    end = time.monotonic() + seconds
    while reader.settled() < wanted and time.monotonic() < end:
        time.sleep(0.01)
    return reader.settled() >= wanted


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
    shown = {k: v for k, v in result.items() if k.startswith(("p50", "p90", "p99", "max", "publisher", "last"))}
    print(f"publish to the unit's queue  {shown}")
    print("produced after, p50 in ms    " + ", ".join(f"{t} {ms}" for t, ms in result["produced_after_ms"].items()))
    for name, figures in sorted(usage.items(), key=lambda item: -item[1]["cpu_percent"]):
        print(f"{name:<14} {figures['cpu_percent']:>6.1f} % of a core   {figures['rss_mb']:>7.1f} MB")
    print(json.dumps({**result, "hop": baseline, "usage": usage}))
    return 0 if result["through"] else 1


if __name__ == "__main__":
    sys.exit(main())
