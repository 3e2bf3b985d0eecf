"""./run bench stage [--messages N] [--rounds N]: the classifier stage against a raw transactional copy loop (copy_loop.c).

All read the same accepted complaints, exactly once, on the same broker; they run in turn, the order reversed each round, and the medians
and ratios are printed. One copy loop copies key and value, the other the CloudEvents headers too; the stage parses, classifies, splices
and writes headers of its own. CPU is that of the
process alone, of a copy loop from its first message to its last, of the stage from its first commit to its last.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
import testing  # noqa: E402

python = testing.python_with_packages()
if os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
    os.execv(python, [python, *sys.argv])

from confluent_kafka import Producer, libversion  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from complaints import texts  # noqa: E402
from stack import Service, Stack, build_folder  # noqa: E402

PARTITIONS = 4
SETTINGS = {}  # of the classifier, by --set
TICKS = os.sysconf("SC_CLK_TCK")


def accepted(i, text):
    """What intake would have made of the text."""
    case = f"n20261120-{i:016d}"
    return case, json.dumps({
        "case": case, "source": "hotline", "id": f"B-{i}", "channel": "phone", "reported_at": "2026-11-20T09:00:00.000+08:00",
        "received_at": "2026-11-20T09:00:00.000+08:00", "title": "市民来电反映的问题", "text": text,
        "place": {"address": "梧桐区"}, "reporter": {"kind": "self", "token": f"{i:016x}", "confidential": False, "no_reply": False},
        "urgent": False,
    }, ensure_ascii=False).encode()


def load(kafka, topic, count, sample):
    producer = Producer({"bootstrap.servers": kafka, "partitioner": "murmur2", "linger.ms": 50, "queue.buffering.max.messages": 200000})
    total = 0
    for i in range(count):
        case, value = accepted(i, sample[i % len(sample)])
        total += len(value)
        headers = [("ce_specversion", "1.0"), ("ce_id", case), ("ce_source", "/chuishao/intake"), ("ce_subject", case),
                   ("ce_type", "org.chuishao.complaint.accepted.v1"), ("ce_time", "2026-11-20T09:00:00.000+08:00"),
                   ("content-type", "application/json")]
        while True:
            try:
                producer.produce(topic, key=case, value=value, headers=headers)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    producer.flush()
    return total / count


def process_figures(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        peak = next(line for line in f if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / TICKS, int(peak.split()[1]) / 1024


def consumed(service):
    try:
        with urllib.request.urlopen(f"http://{service.http}/metrics", timeout=5) as reply:
            for line in reply.read().decode().splitlines():
                if line.startswith("chuishao_events_consumed_total{"):
                    return int(float(line.rsplit(" ", 1)[1]))
    except OSError:
        pass
    return 0


def run_classifier(stack, lane, count):
    env = stack.service_env("classifier", f"classifier-{lane}")
    env.update({"CHUISHAO_LANE": lane}, **SETTINGS)
    service = Service(f"classifier-{lane}", stack.program("chuishao-classifier"), stack.run_dir, env)
    service.start()
    try:
        while not service.http:
            time.sleep(0.01)
        first = 0  # messages of the first commit: when the first one came nobody can see from outside
        while (done := consumed(service)) < count:
            if done and not first:
                first, start, (cpu_start, _) = done, time.monotonic(), process_figures(service.pid)
            time.sleep(0.1 if first else 0.01)  # answering costs the measured process CPU
        seconds = time.monotonic() - start
        cpu, rss = process_figures(service.pid)
        return {"messages": count - first, "seconds": seconds, "cpu": cpu - cpu_start, "rss_mb": rss}
    finally:
        service.stop()


def copy_loop(what):
    def run(stack, lane, count):
        out = subprocess.run([stack.program("bench-copy-loop"), stack.kafka, f"bench-{what}-{lane}", f"complaint.accepted.{lane}.v1",
                              f"bench.copy.{lane}.v1", str(count), what], stdout=subprocess.PIPE, check=True)
        return json.loads(out.stdout)
    return run


def row(name, runs):
    rate = statistics.median(r["messages"] / r["seconds"] for r in runs)
    cpu = statistics.median(r["cpu"] / r["messages"] * 1e6 for r in runs)
    rss = statistics.median(r["rss_mb"] for r in runs)
    print(f"{name:<28} {rate:>10,.0f} msg/s {cpu:>8.2f} CPU s per million {rss:>8.0f} MB RSS")
    return rate, cpu


def main():
    parser = argparse.ArgumentParser(prog="run bench stage", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=300000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the classifier, for this run")
    options = parser.parse_args()
    if options.messages < 100000:
        parser.error("--messages: 100000 at least, the stage is measured from its first batch of up to 20,000 on")
    SETTINGS.update(pair.split("=", 1) for pair in options.set)
    sample = texts(print)
    with Stack("bench-stage", services=(), build_dir=build_folder("release"), fresh=True, keep=False, topics=False) as stack:
        admin = AdminClient({"bootstrap.servers": stack.kafka})
        lanes = [f"b{i}" for i in range(options.rounds)]
        names = [name for lane in lanes for name in (f"complaint.accepted.{lane}.v1", f"complaint.accepted.{lane}.v1.dlt",
                                                    f"complaint.classified.{lane}.v1", f"bench.copy.{lane}.v1")]
        for future in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names]).values():
            future.result()
        size = 0
        for lane in lanes:
            size = load(stack.kafka, f"complaint.accepted.{lane}.v1", options.messages, sample)
        print(f"{options.messages:,} messages of {size:.0f} bytes, {PARTITIONS} partitions, {options.rounds} rounds; "
              f"driver librdkafka {libversion()[0]}, {os.cpu_count()} cores shared with the broker")
        subjects = {"copy loop, key and value": copy_loop("bare"), "copy loop, with headers": copy_loop("headers"),
                    "chuishao-classifier": run_classifier}
        runs = {name: [] for name in subjects}
        for i, lane in enumerate(lanes):
            for name in list(subjects)[:: 1 if i % 2 == 0 else -1]:
                runs[name].append(subjects[name](stack, lane, options.messages))
        figures = {name: row(name, runs[name]) for name in subjects}
        rate, cpu = figures.pop("chuishao-classifier")
        for name, (rate0, cpu0) in figures.items():
            print(f"against the {name}: {rate / rate0:.2f} of the rate, {cpu / cpu0:.2f} times the CPU")


if __name__ == "__main__":
    main()
