"""Timers on a real Kafka and Redis: the due index as casework leaves it, sla processes, and the wakes that come of it."""

import contextlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

import redis as redis_client

from checker import Problems, check_index
from infra import ROOT
from kafka_log import Follower, murmur2_partition, partitions_of, producer, wait_until
from processes import Child, tail
from stack import Service, Stack

COMMANDS, STATES = "case.command.v1", "case.state.v1"
PREFIX = "chuishao.casework"
LEASE_S = 5.0


def now_ms():
    return time.time_ns() // 1_000_000


def ms_of(text):
    """The milliseconds of an RFC 3339 time."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def case_ids(n):
    return [f"n20261121-{uuid.uuid4().hex[:16]}" for _ in range(n)]


class Wake:
    def __init__(self, record):
        command = json.loads(record.value)
        self.case, self.id, self.partition = command["case"], command["id"], record.partition
        self.due, self.at, self.produced = ms_of(command["due"]), ms_of(command["at"]), record.time_ms


class Timers:
    """A Kafka, a Redis and the due index; sla processes come and go. Nobody settles a wake unless a test does."""

    def __init__(self, name, services=(), **options):
        self.run_dir = tempfile.mkdtemp(prefix=f"chuishao-{name}-")
        self.stack = Stack(f"{name}-{os.getpid()}", services=services, run_dir=self.run_dir, topics=True, **options)
        self.processes = []
        try:
            self.stack.start()
            self.redis = redis_client.from_url(self.stack.redis)
            self.n_partitions = len(partitions_of(self.stack.kafka, [COMMANDS]))
            self.follower = Follower(self.stack.kafka, [COMMANDS])
        except BaseException:
            self.stack.stop(remove=False)
            shutil.rmtree(self.run_dir, ignore_errors=True)
            raise

    def close(self):
        for process in self.processes:
            process.stop()
        self.follower.close()
        self.redis.close()
        self.stack.stop(remove=False)
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # -- the index

    def key(self, what, partition):
        return f"{PREFIX}:{what}:{{{partition}}}"

    def partition(self, case):
        return murmur2_partition(case, self.n_partitions)

    def arm(self, dues):
        """{case: due in ms}, as casework's apply leaves a state and its entry in the due index."""
        with self.redis.pipeline(transaction=False) as pipe:
            for case, due in dues.items():
                at = self.partition(case)
                pipe.hset(self.key("state", at), mapping={"@": "0", case: f'{{"offset":0,"due":{due},"state":{{}}}}'})
                pipe.zadd(self.key("due", at), {case: due})
            pipe.execute()

    def settle(self, cases):
        """As casework does with a wake after which there is none to come."""
        with self.redis.pipeline(transaction=False) as pipe:
            for case in cases:
                at = self.partition(case)
                pipe.hset(self.key("state", at), case, '{"offset":0,"due":0,"state":{}}')
                pipe.zrem(self.key("due", at), case)
            pipe.execute()

    def clear(self):
        self.redis.flushall()

    def leases(self):
        """{(case, due): when the lease ends}"""
        found = {}
        for at in range(self.n_partitions):
            for member, ends in self.redis.zrange(self.key("lease", at), 0, -1, withscores=True):
                case, due = member.decode().split()
                found[case, int(due)] = ends
        return found

    # -- processes

    def sla(self, instance="sla-0", kill=None, **env):
        settings = dict(self.stack.client_env(), CHUISHAO_INSTANCE=instance, HTTP_ADDR="127.0.0.1:0",
                        CHUISHAO_RUN_DIR=self.run_dir, **env)
        if kill:
            settings["CHUISHAO_KILL"] = kill
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.run_dir, instance + ".http"))
        log = os.path.join(self.run_dir, "logs", f"{instance}.{len(self.processes)}.log")
        child = Child(instance, [self.stack.program("chuishao-sla")], log, env=settings)
        child.start()
        self.processes.append(child)
        return child

    def get(self, process, path):
        return Service(process.name, process.command[0], self.run_dir, {}).get(path)

    def wait_ready(self, process, seconds=20):
        wait_until(lambda: self.get(process, "/readyz")[0] == 200 or not process.running(), seconds,
                   lambda: tail(process.log_path))
        assert process.running(), tail(process.log_path)

    def metrics(self, process):
        """{"name{labels}": value}"""
        status, body = self.get(process, "/metrics")
        assert status == 200, body
        lines = [line.rsplit(" ", 1) for line in body.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    def stop(self, process):
        code = process.stop()
        assert code == 0, f"exit code {code}\n{tail(process.log_path)}"

    def log(self, process):
        with open(process.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    # -- wakes

    def wakes(self):
        """Every wake so far, by case."""
        self.follower.poll(0.05)
        found = defaultdict(list)
        for record in self.follower.records[COMMANDS]:
            if b'"command":"wake"' in record.value:
                wake = Wake(record)
                found[wake.case].append(wake)
        return found

    def wait_wakes(self, cases, seconds=15, settle=True):
        """Until each of the cases has a wake; settles them as they come. Returns the wakes of these cases."""
        wanted, settled = set(cases), set()

        def all_there():
            fresh = (set(self.wakes()) & wanted) - settled
            if settle and fresh:
                self.settle(fresh)
            settled.update(fresh)
            return settled == wanted
        wait_until(all_there, seconds, lambda: f"{len(wanted - settled)} of {len(wanted)} cases have no wake; "
                   + "\n".join(tail(p.log_path) for p in self.processes if p.running()))
        found = self.wakes()
        return {case: found[case] for case in wanted}


def check_wakes(wakes, dues, once=True):
    """Each case woken for its own due time, never early, repeats with the same id; with `once` there are none."""
    assert set(wakes) == set(dues)
    early = [w.case for found in wakes.values() for w in found if w.at < w.due or w.due != dues[w.case]]
    assert early == []
    assert {case for case, found in wakes.items() if len({w.id for w in found}) != 1} == set()
    times = Counter(len(found) for found in wakes.values())
    assert not once or set(times) == {1}, times


# -- with casework -----------------------------------------------------------------------------------------------------

EXAMPLE = os.path.join(ROOT, "schemas", "case.command", "valid", "open_needs_human.json")
CHINA = timezone(timedelta(hours=8))


def rfc3339(ms):
    return datetime.fromtimestamp(ms / 1000, CHINA).isoformat(timespec="milliseconds")


class Cases:
    """Cases at the desk, opened straight on case.command as long ago as the test likes, and what is told of their clocks."""

    def __init__(self, kafka):
        with open(EXAMPLE, encoding="utf-8") as f:
            self.example = json.load(f)
        self.producer = producer(kafka)
        self.follower = Follower(kafka, [STATES, "case.event.v1", "case.command.v1.dlt"])
        self._told, self._read = defaultdict(Counter), 0

    def close(self):
        self.follower.close()

    def send(self, case, command):
        self.producer.produce(COMMANDS, key=case, value=json.dumps(command, ensure_ascii=False).encode())

    def open(self, cases, at_ms):
        for case in cases:
            command = dict(self.example, case=case, id=case + ".open", at=rfc3339(at_ms))
            command["complaint"] = dict(command["complaint"], case=case, id=case)
            self.send(case, command)
        self.producer.flush(20)

    def told(self):
        """{case: {what was told of a clock: how often}}, from the events"""
        self.follower.poll(0.05)
        events = self.follower.records["case.event.v1"]
        for record in events[self._read:]:
            event = json.loads(record.value)
            if event["kind"] in ("reminder", "breach", "escalated"):
                what = {k: event["new"][k] for k in ("clock", "percent", "after", "level") if k in event["new"]}
                self._told[event["case"]][event["kind"], json.dumps(what, sort_keys=True)] += 1
        self._read = len(events)
        return self._told

    def wait_breached(self, cases, seconds=30):
        """Until each of the cases has told its breach. Returns what they told."""
        def silent():
            told = self.told()
            return [case for case in cases if not any(kind == "breach" for kind, _ in told[case])]
        wait_until(lambda: not silent(), seconds, lambda: f"{len(silent())} of {len(cases)} cases told no breach")
        return {case: self._told[case] for case in cases}

    def index_problems(self, redis):
        """What of Redis differs from the log."""
        problems = Problems()
        check_index(redis, PREFIX, self.follower.drain()[STATES], problems)
        return problems

    def wait_level(self, redis, seconds=30):
        wait_until(lambda: not self.index_problems(redis), seconds, lambda: str(self.index_problems(redis)))
