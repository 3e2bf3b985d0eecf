"""The counting stage (tests/support/stage) under attack: a world of one Kafka, one Redis and everything ever sent to it."""

import os
import random
import shutil
import signal
import tempfile
import time

import redis as redis_client
from confluent_kafka.admin import AdminClient, NewTopic

from checker import COUNTER_TOPICS, check_counter
from kafka_log import committed, end_offsets, producer, wait_until
from processes import Child, tail
from stack import Stack

PARTITIONS = 4
KILL_POINTS = ("assign", "consume", "read", "mid_produce", "produced", "offsets", "commit", "mid_apply", "applied",
               "restore")

# A test that waits for a dead member's session waits this long; the heartbeat stays well under it.
MEMBERSHIP = {"KAFKA_SESSION_TIMEOUT_MS": "1500", "KAFKA_HEARTBEAT_INTERVAL_MS": "300"}

# librdkafka 2.0.2 loses a request of its own when a producer that was fenced in the middle of one is closed. A process
# that is expected to be fenced does not look for leaks, so that its exit code is its own.
TO_BE_FENCED = {"ASAN_OPTIONS": "detect_leaks=0:exitcode=86"}


class World:
    """Everything sent is remembered, and every check looks at all of it from the first record on."""

    def __init__(self, name):
        self.run_dir = tempfile.mkdtemp(prefix=f"chuishao-{name}-")
        self.stack = Stack(name, services=(), run_dir=self.run_dir)
        self.sent, self.refused, self.processes = [], [], []
        self.number = 0
        self.spoiled = False
        try:
            self.stack.start()
            admin = AdminClient({"bootstrap.servers": self.stack.kafka})
            topics = [NewTopic(t, PARTITIONS, 1, config={"cleanup.policy": "compact"} if "state" in t else {})
                      for t in COUNTER_TOPICS]
            for created in admin.create_topics(topics).values():
                created.result(20)
        except BaseException:
            self.close()
            raise
        self.admin = admin
        self.redis = redis_client.from_url(self.stack.redis)
        self.producer = producer(self.stack.kafka)

    def close(self):
        for process in self.processes:
            if process.running():
                process.process.kill()
                process.process.wait()
        self.stack.stop(remove=False)
        shutil.rmtree(self.run_dir, ignore_errors=True)

    # -- processes

    def counter(self, instance="counter-0", kill=None, control=None, **env):
        """Starts an instance; kill is "point:n"."""
        settings = dict(self.stack.client_env(), CHUISHAO_INSTANCE=instance, HTTP_ADDR="127.0.0.1:0", **MEMBERSHIP)
        settings.update(env)
        if kill:
            settings["CHUISHAO_KILL"] = kill
        if control:
            settings["CHUISHAO_CONTROL"] = control
        log = os.path.join(self.run_dir, "logs", f"{instance}.{len(self.processes)}.log")
        child = Child(instance, [self.stack.program("chuishao-test-counter")], log, env=settings)
        child.start()
        self.processes.append(child)
        return child

    def logged(self, process, word):
        with open(process.log_path, encoding="utf-8", errors="replace") as f:
            return word in f.read()

    def wait_assigned(self, process, seconds=20, partitions=None):
        """Until it has partitions; with a number, until it has had that many at once."""
        word = "assigned stage=counter" + (f" partitions={partitions}" if partitions else "")
        wait_until(lambda: self.logged(process, word) or not process.running(), seconds,
                   lambda: tail(process.log_path))
        assert process.running(), tail(process.log_path)

    def stop(self, process, seconds=8.0):
        began = time.monotonic()
        process.signal(signal.SIGTERM)
        code = process.wait(seconds)
        took = time.monotonic() - began
        assert code == 0, f"SIGTERM: exit code {code} after {took:.1f} s\n{tail(process.log_path)}"
        return took

    # -- messages

    def send(self, n, keys=40, drop=0.0, rng=random):
        for _ in range(n):
            key = f"k{rng.randrange(keys)}"
            if rng.random() < drop:
                value = "drop"
            else:
                value, self.number = str(self.number), self.number + 1
            self.sent.append((key, value))
            self.producer.produce("test.input.v1", key=key, value=value)
            self.producer.poll(0)
        self.producer.flush(20)

    def send_until(self, process, rng=random, batch=25, seconds=30, **options):
        """Sends a little again and again until the process has ended."""
        end = time.monotonic() + seconds
        while process.running():
            assert time.monotonic() < end, "it does not reach its kill point\n" + tail(process.log_path)
            self.send(batch, rng=rng, **options)
            process.wait(0.03)
        return process.process.returncode

    # -- facts

    def level(self):
        """The group has committed every input."""
        done = committed(self.stack.kafka, "chuishao.counter", ["test.input.v1"])
        ends = end_offsets(self.stack.kafka, "test.input.v1")
        return all(done[at] >= ends[at] for at in ends)

    def settle(self, seconds=40.0):
        """Waits until all input is committed; then everything must be right, Redis within seconds."""
        self.spoiled = True
        running = [p for p in self.processes if p.running()]
        wait_until(self.level, seconds, lambda: "all input committed; " + "\n".join(tail(p.log_path) for p in running))
        return self.check()

    def check(self, seconds=10.0):
        self.spoiled = True
        end = time.monotonic() + seconds
        while True:
            problems = check_counter(self.stack.kafka, self.stack.redis, self.sent, self.refused)
            # Redis follows the commit; what was lost or doubled in Kafka stays so.
            follows = set(problems.kinds()) <= {"mark", "index keys", "index states", "due times", "open transaction"}
            if not problems or not follows or time.monotonic() > end:
                break
        self.spoiled = bool(problems)
        assert not problems, str(problems)

    def no_sanitizer_report(self):
        for p in self.processes:
            with open(p.log_path, encoding="utf-8", errors="replace") as f:
                text = f.read()
            assert "Sanitizer" not in text and "runtime error" not in text, text[-3000:]


def seed_of(default=None):
    """The seed of this run, printed so that a failure can be repeated: CHUISHAO_SEED sets it."""
    seed = int(os.environ.get("CHUISHAO_SEED") or default or time.time_ns() % 1000000)
    print(f"CHUISHAO_SEED={seed}")
    return seed


def attack(world, point, seed, passages=3):
    """Kills the stage at the point again and again under load, then lets it finish; everything must be right."""
    rng = random.Random(f"{seed}/{point}")
    for _ in range(passages):
        if point == "restore":
            world.redis.flushall()
        n = 1 if point in ("assign", "restore") else rng.randrange(1, 5)
        process = world.counter(kill=f"{point}:{n}")
        code = world.send_until(process, rng=rng, drop=0.03)
        assert code == -signal.SIGKILL, f"{point}:{n}: exit code {code}\n{tail(process.log_path)}"
    process = world.counter()
    world.settle()
    world.stop(process)
    world.no_sanitizer_report()


def control_run(world, seed, deaths=4):
    """Offsets committed outside the transaction, and deaths between the two commits: messages get lost."""
    rng = random.Random(seed)
    for _ in range(deaths):
        process = world.counter(kill=f"outside:{rng.randrange(1, 4)}", control="offsets_outside")
        world.send_until(process, rng=rng)
    process = world.counter(control="offsets_outside")
    wait_until(world.level, 40, lambda: tail(process.log_path))
    world.stop(process)
    return check_counter(world.stack.kafka, world.stack.redis, world.sent)


class Worlds:
    """One world for a whole module; a failed check gives the next test a new one."""

    def __init__(self, name):
        self.name, self.count, self.current = f"{name}-{os.getpid()}", 0, None

    def get(self):
        if self.current and self.current.spoiled:
            self.close()
        if not self.current:
            self.count += 1
            self.current = World(f"{self.name}-{self.count}")
        return self.current

    def close(self):
        if self.current:
            self.current.close()
            self.current = None
