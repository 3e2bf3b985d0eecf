"""./run bench timers [--timers 5000000] [--storm 550000]: sla with millions of open clocks in one Redis.

What is measured, on an own Kafka and Redis (append-only file on, its rewriting off), 12 partitions:
  memory    bytes per timer of the index entry alone, and with a small state beside it
  start     sla from exec to ready, on an empty and on the full index
  lag       cases opened at a steady rate through casework fall due while more are opened: from the due time to the wake in Kafka
  flood     real cases all due in the same second: how long casework needs for them, and what other commands wait meanwhile
  storm     timers due in the same second, claimed by sla and settled by a stand-in for casework: time to drain, each woken once
            and none early. Baseline in the same minute: ZRANGEBYSCORE + ZREM of as many, and as many records of that size to Kafka
The generator, Kafka, Redis and the services share the machine's cores.
"""

import argparse
import json
import os
import socket
import sys
import threading
import time
import urllib.parse
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tools", "stack"), os.path.join(ROOT, "tests", "support")]
import testing  # noqa: E402

testing.use_packages()

import redis as redis_client  # noqa: E402
from confluent_kafka import Consumer, TopicPartition, libversion  # noqa: E402
from infra import kafka_version  # noqa: E402
from kafka_log import consumer, ends, murmur2_partition, partitions_of, producer  # noqa: E402
from latency import cpu_seconds, quantiles, rss_mb  # noqa: E402
from stack import Service, Stack, build_folder  # noqa: E402
from timers import COMMANDS, EXAMPLE, PREFIX, STATES, ms_of, now_ms, rfc3339  # noqa: E402

PARTITIONS = 12
CHUNK = 1000  # members of one command
SMALL = ('","seq":4,"stage":"HANDLING","outcome":"","opened":"2026-11-20T09:12:31.114+08:00","changed":"2026-11-20T16:40:02.551+08:00",'
         '"task":1,"lead":"wy-qinghe","sla":"property-5d","category":"030201","clocks":[{"clock":"handle","amount":5,"unit":"work_day",'
         '"start":"2026-11-20T09:12:31.114+08:00","fired":50}]}}')


class Wire:
    """Redis by bytes: a client library would take longer to pack millions of members than Redis to store them."""

    def __init__(self, url):
        at = urllib.parse.urlparse(url)
        self.socket = socket.create_connection((at.hostname, at.port))
        self.replies = self.socket.makefile("rb")

    def command(self, *arguments):
        parts = [b"*%d\r\n" % len(arguments)]
        for argument in arguments:
            data = argument if isinstance(argument, bytes) else str(argument).encode()
            parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
        return b"".join(parts)

    def send(self, commands):
        self.socket.sendall(b"".join(commands))
        for _ in commands:
            line = self.replies.readline()
            if line[:1] == b"*":  # of EXEC: integers
                line = b"".join(self.replies.readline() for _ in range(int(line[1:])))
            assert not line.startswith(b"-"), line

    def close(self):
        self.replies.close()
        self.socket.close()


def key(what, partition):
    return f"{PREFIX}:{what}:{{{partition}}}"


def case_name(kind, i):
    return f"n20261121-{kind}{i:015d}"


def small_state(case, due):
    return f'{{"offset":0,"due":{due},"state":{{"v":1,"case":"{case}{SMALL}'


def load(wire, dues, states):
    """The index entries of {partition: [(case, due)]}, or their states. All cases are equally long, and so are all due times."""
    name, command = ("state", "HSET") if states else ("due", "ZADD")
    for partition, found in dues.items():
        head = f"$4\r\n{command}\r\n${len(key(name, partition))}\r\n{key(name, partition)}\r\n"
        for at in range(0, len(found), CHUNK):
            chunk = found[at:at + CHUNK]
            case, due = len(chunk[0][0]), len(str(chunk[0][1]))
            if states:
                state = len(small_state(*chunk[0]))
                pairs = [f"${case}\r\n{c}\r\n${state}\r\n{small_state(c, d)}\r\n" for c, d in chunk]
            else:
                pairs = [f"${due}\r\n{d}\r\n${case}\r\n{c}\r\n" for c, d in chunk]
            wire.send([(f"*{2 + 2 * len(chunk)}\r\n" + head + "".join(pairs)).encode()])


def used(redis):
    return redis.info("memory")["used_memory"]


def far_timers(n):
    """Due in an hour to a month. They are never woken here, so their partition is simply the next one."""
    base, month = now_ms() + 3_600_000, 30 * 86_400_000
    return {p: [(case_name("a", i), base + i * 7919 % month) for i in range(p, n, PARTITIONS)] for p in range(PARTITIONS)}


def fill(stack, redis, n):
    wire, empty, began = Wire(stack.redis), used(redis), time.monotonic()
    far = far_timers(n)
    load(wire, far, states=False)
    index = used(redis)
    load(wire, far, states=True)
    full = used(redis)
    state = len(small_state(*far[0][0]))
    # Casework finds what Redis reflects to be the end of the log.
    out = producer(stack.kafka)
    for p in range(PARTITIONS):
        out.produce(STATES, key=f"bench-{p}", partition=p, value='{"offset":0,"due":0,"state":{}}')
        redis.hset(key("state", p), mapping={"@": "0", f"bench-{p}": '{"offset":0,"due":0,"state":{}}'})
    out.flush(30)
    wire.close()
    return {"timers": n, "index_bytes": round((index - empty) / n, 1), "with_state_bytes": round((full - empty) / n, 1),
            "state_bytes": state, "redis_gb": round(full / 2**30, 2), "load_s": round(time.monotonic() - began, 1)}


def run(stack, name):
    service = Service(f"{name}-0", stack.program(f"chuishao-{name}"), stack.run_dir, stack.service_env(name, f"{name}-0"))
    began = time.monotonic()
    service.start()
    while not service.ready():
        if not service.running() or time.monotonic() > began + 60:
            raise SystemExit(f"{name} does not come up; see {service.log_path}")
        time.sleep(0.005)
    return service, time.monotonic() - began


def startup(stack, redis):
    """Ready means that a canary armed by this very process has come."""
    for name in redis.scan_iter("chuishao.sla.*"):
        redis.delete(name)
    service, seconds = run(stack, "sla")
    service.stop()
    return round(seconds, 2)


# -- real cases ----------------------------------------------------------------------------------------------------------

class Opener:
    """Opens cases at the desk; their first wake is `first_wake_ms` after the opening's time."""

    def __init__(self, stack, redis):
        with open(EXAMPLE, encoding="utf-8") as f:
            self.text = json.dumps(json.load(f), ensure_ascii=False)
        self.example = json.loads(self.text)
        self.out = producer(stack.kafka, linger_ms=2)
        case, at = "n20261121-" + uuid.uuid4().hex[:16], now_ms()
        self.open(case, at)
        self.out.flush(20)
        partition, due, end = murmur2_partition(case, PARTITIONS), None, time.monotonic() + 20
        while due is None and time.monotonic() < end:
            due = redis.zscore(key("due", partition), case)
        self.first_wake_ms = int(due) - at

    def open(self, case, at_ms):
        value = self.text.replace(self.example["case"], case).replace(self.example["at"], rfc3339(at_ms))
        while True:
            try:
                self.out.produce(COMMANDS, key=case, value=value.encode())
                break
            except BufferError:
                self.out.poll(0.05)

    def steady(self, cases, rate, wake_in_ms=None):
        """Opens them at a rate, each to fall due so much later (None: at its own time). Returns when each was sent, wall clock."""
        sent, began = {}, time.monotonic()
        for i, case in enumerate(cases):
            wait = began + i / rate - time.monotonic()
            if wait > 0:
                self.out.poll(0)
                time.sleep(wait)
            now = now_ms()
            self.open(case, now if wake_in_ms is None else now + wake_in_ms - self.first_wake_ms)
            sent[case] = now
        self.out.flush(30)
        return sent


def records(kafka, topics, start):
    """What came to the topics since `start`."""
    reader, stop = consumer(kafka), ends(kafka, list(start))
    reader.assign([TopicPartition(t, p, offset) for (t, p), offset in start.items()])
    behind = {at for at in start if start[at] < stop[at]}
    while behind:
        for m in reader.consume(10000, 1.0):
            at = m.topic(), m.partition()
            if m.error() or m.offset() + 1 >= stop[at]:
                behind.discard(at)
            if not m.error():
                yield m
    reader.close()


def here(kafka, topics):
    return ends(kafka, partitions_of(kafka, topics))


def wakes_since(kafka, start):
    """{case: [(due, at, when the record was made)]}"""
    found = {}
    for m in records(kafka, [COMMANDS], start):
        if b'"command":"wake"' in m.value():
            command = json.loads(m.value())
            found.setdefault(m.key().decode(), []).append((ms_of(command["due"]), ms_of(command["at"]), m.timestamp()[1]))
    return found


def steady_lag(stack, opener, rate, seconds):
    """Each case falls due while others are still being opened."""
    ahead = 5
    cases = [case_name("b", i) for i in range(rate * (seconds + ahead))]
    start = here(stack.kafka, [COMMANDS])
    sent = opener.steady(cases, rate, wake_in_ms=ahead * 1000)
    last = max(sent.values())
    time.sleep(1)
    found = wakes_since(stack.kafka, start)
    lags = [(w[2] - w[0]) / 1000 for case in cases for w in found.get(case, [])[:1] if w[0] < last]
    due = sum(1 for at in sent.values() if at + ahead * 1000 < last)
    return {"commands_per_s": rate, "seconds": seconds, "due": due, "woken": len(lags), **quantiles(lags)}


def flood(stack, redis, opener, n, rate=200):
    """n cases due in the same second; from then on other cases are opened at a small rate."""
    cases = [case_name("c", i) for i in range(n)]
    due = now_ms() + 10_000 + n
    for case in cases:
        opener.open(case, due - opener.first_wake_ms)
    opener.out.flush(60)
    while sum(redis.zcount(key("due", p), due, due) for p in range(PARTITIONS)) < n:
        time.sleep(0.1)
    if now_ms() > due - 4_000:
        raise SystemExit("opening the cases took longer than foreseen: they are due already")
    quiet = [case_name("d", i) for i in range(rate * 3)]
    start = here(stack.kafka, [COMMANDS, "case.event.v1"])
    sent = opener.steady(quiet, rate)
    time.sleep(max(0, (due - now_ms()) / 1000))
    during = [case_name("e", i) for i in range(rate * 5)]
    sent |= opener.steady(during, rate)
    end, told, opened = time.monotonic() + 120, {}, {}
    while time.monotonic() < end and len(told) < n:
        time.sleep(1)
        told, opened = {}, {}
        for m in records(stack.kafka, ["case.event.v1"], {at: o for at, o in start.items() if at[0] == "case.event.v1"}):
            case = m.key().decode()
            if b'"kind":"opened"' in m.value() and case in sent:
                opened[case] = m.timestamp()[1] - sent[case]
            elif b'"kind":"reminder"' in m.value() and case[10] == "c":
                told.setdefault(case, []).append(m.timestamp()[1])
    wakes = wakes_since(stack.kafka, {at: o for at, o in start.items() if at[0] == COMMANDS})
    return {"cases": n, "told": len(told), "told_twice": sum(1 for t in told.values() if len(t) > 1),
            "woken_again": sum(len(wakes.get(c, ())) - 1 for c in cases if c in wakes),
            "through_s": round((max(t[0] for t in told.values()) - due) / 1000, 1) if told else None,
            "command_quiet": quantiles([opened[c] / 1000 for c in quiet if c in opened]),
            "command_meanwhile": quantiles([opened[c] / 1000 for c in during if c in opened])}


# -- the storm -----------------------------------------------------------------------------------------------------------

class StandIn(threading.Thread):
    """Takes the wakes off case.command and settles each as casework's apply does: state without a wake, index entry gone."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.wire = Wire(stack.redis)
        self.consumer = Consumer({"bootstrap.servers": stack.kafka, "group.id": "chuishao-bench", "enable.auto.commit": False,
                                  "fetch.wait.max.ms": 5})
        self.start_at = here(stack.kafka, [COMMANDS])
        self.consumer.assign([TopicPartition(t, p, o) for (t, p), o in self.start_at.items()])
        self.settled, self.stopping = 0, False

    def run(self):
        while not self.stopping:
            by_partition = {}
            for m in self.consumer.consume(5000, 0.01):
                if not m.error():
                    by_partition.setdefault(m.partition(), []).append(m.key())
            commands = []
            for p, cases in by_partition.items():
                states = [part for case in cases for part in (case, b'{"offset":0,"due":0,"state":{}}')]
                commands += [self.wire.command("MULTI"), self.wire.command("HSET", key("state", p), *states),
                             self.wire.command("ZREM", key("due", p), *cases), self.wire.command("EXEC")]
                self.settled += len(cases)
            if commands:
                self.settle(commands)
        self.consumer.close()
        self.wire.close()

    def settle(self, commands):
        self.wire.socket.sendall(b"".join(commands))
        for _ in range(len(commands) // 4):
            for _ in range(6):  # OK, QUEUED, QUEUED, and an array of two
                self.wire.replies.readline()


def arm_storm(wire, n, due):
    storm = {p: [] for p in range(PARTITIONS)}
    for i in range(n):
        case = case_name("f", i)
        storm[murmur2_partition(case, PARTITIONS)].append((case, due))
    load(wire, storm, states=True)
    load(wire, storm, states=False)


def storm_of(stack, sla, n):
    wire, stand_in = Wire(stack.redis), StandIn(stack)
    due = now_ms() + 8_000 + n // 30
    arm_storm(wire, n, due)
    if now_ms() >= due:
        raise SystemExit("arming took longer than foreseen: the timers are due already")
    stand_in.start()
    time.sleep((due - now_ms()) / 1000)
    cpu, end, peak = cpu_seconds(sla.pid), time.monotonic() + 180, 0
    while stand_in.settled < n and time.monotonic() < end:
        time.sleep(0.05)
        peak = max(peak, rss_mb(sla.pid))
    cpu = cpu_seconds(sla.pid) - cpu
    stand_in.stopping = True
    stand_in.join()
    wire.close()
    found = wakes_since(stack.kafka, stand_in.start_at)
    mine = {c: w for c, w in found.items() if c[10] == "f"}
    last = max(w[0][2] for w in mine.values())
    lags = [(w[0][2] - due) / 1000 for w in mine.values()]
    return {"timers": n, "woken": len(mine), "woken_twice": sum(1 for w in mine.values() if len(w) > 1),
            "early": sum(1 for w in mine.values() for d, at, made in w if d != due or at < due or made < due),
            "drain_s": round((last - due) / 1000, 2), "sla_cpu_s": round(cpu, 2), "sla_rss_mb": round(peak, 1), **quantiles(lags)}


def baseline(stack, redis, n):
    """The floor: take the entries off without a lease, and give Kafka as many records of a wake's size."""
    wire = Wire(stack.redis)
    entries = {p: [(case_name("g", i), 1) for i in range(p, n, PARTITIONS)] for p in range(PARTITIONS)}
    for p, found in entries.items():
        for at in range(0, len(found), CHUNK):
            wire.send([wire.command("ZADD", f"bench:{{{p}}}", *(x for case, due in found[at:at + CHUNK] for x in (due, case)))])
    wire.close()
    began = time.monotonic()
    for p in entries:
        while found := redis.zrangebyscore(f"bench:{{{p}}}", "-inf", 2, 0, 500):
            redis.zrem(f"bench:{{{p}}}", *found)
    drained = time.monotonic() - began
    out, began = producer(stack.kafka, linger_ms=2), time.monotonic()
    for i in range(n):
        while True:
            try:
                out.produce("case.command.v1.dlt", key=case_name("g", i), value=b"x" * 190, headers=[("ce_id", b"x" * 40)] * 7)
                break
            except BufferError:
                out.poll(0.01)
        if i % 1000 == 0:
            out.poll(0)
    out.flush(60)
    return {"drain_s": round(drained, 2), "produce_s": round(time.monotonic() - began, 2)}


def measure(stack, options, show):
    with redis_client.from_url(stack.redis) as redis:
        print(f"Redis {redis.info('server')['redis_version']}, Kafka {kafka_version()}, librdkafka {libversion()[0]} here, "
              f"{PARTITIONS} partitions, {os.cpu_count()} cores shared by all", flush=True)
        empty_s = startup(stack, redis)
        show("memory", fill(stack, redis, options.timers))
        show("start", {"empty_s": empty_s, "full_s": startup(stack, redis)})
        sla, _ = run(stack, "sla")
        casework, _ = run(stack, "casework")
        opener = Opener(stack, redis)
        show("lag", steady_lag(stack, opener, options.rate, options.seconds))
        show("flood", flood(stack, redis, opener, options.flood))
        casework.stop()
        floor = baseline(stack, redis, options.storm)
        show("baseline", floor)
        storm = storm_of(stack, sla, options.storm)
        show("storm", {**storm, "times_the_baseline": round(storm["drain_s"] / sum(floor.values()), 2)})
        sla.stop()


def main():
    parser = argparse.ArgumentParser(prog="./run bench timers", description=__doc__.splitlines()[0])
    parser.add_argument("--timers", type=int, default=5_000_000, help="open clocks (default %(default)d)")
    parser.add_argument("--storm", type=int, default=550_000, help="due in the same second (default %(default)d)")
    parser.add_argument("--flood", type=int, default=20_000, help="real cases due in the same second (default %(default)d)")
    parser.add_argument("--rate", type=int, default=1000, help="commands per second beside the lag (default %(default)d)")
    parser.add_argument("--seconds", type=int, default=30, help="of them (default %(default)d)")
    parser.add_argument("--build", default="release", help="release, or a build folder")
    parser.add_argument("--keep", action="store_true", help="keep data and logs in .run/")
    options = parser.parse_args()
    build = options.build if os.path.isdir(options.build) else build_folder(options.build)
    result = {}

    def show(name, figures):
        result[name] = figures
        print(f"{name:<10}{figures}", flush=True)
    with Stack(f"timers-{os.getpid()}", services=(), topics=False, build_dir=build, fresh=True, keep=options.keep,
               redis_settings={"auto-aof-rewrite-percentage": 0}) as stack:
        stack.run("topics", "apply", "--policy", stack.policy, "--partitions", str(PARTITIONS))
        measure(stack, options, show)
    print(json.dumps(result))
    lag, flooded, storm = result["lag"], result["flood"], result["storm"]
    good = storm["woken"] == options.storm and not storm["early"] and not storm["woken_twice"] and \
        flooded["told"] == options.flood and not flooded["told_twice"] and lag["woken"] == lag["due"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
