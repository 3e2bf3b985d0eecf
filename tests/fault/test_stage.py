"""The exactly-once loop on a real Kafka and Redis: killed, emptied, frozen, replaced. CHUISHAO_SEED repeats a run."""

import os
import random
import signal
import time

import pytest
from confluent_kafka import KafkaException

from checker import check_counter
from counter import KILL_POINTS, PARTITIONS, TO_BE_FENCED, World, Worlds, attack, control_run, seed_of
from kafka_log import Follower, murmur2_partition, open_transactions, producer, wait_until
from processes import tail


@pytest.fixture(scope="module")
def worlds():
    found = Worlds("stage")
    yield found
    found.close()


@pytest.fixture
def world(worlds):
    found = worlds.get()
    yield found
    for process in found.processes:
        if process.running():
            process.process.kill()
            process.process.wait()


@pytest.fixture
def rng():
    return random.Random(seed_of())


@pytest.mark.parametrize("point", KILL_POINTS)
def test_killed_again_and_again_at_one_point(world, point):
    attack(world, point, seed_of())


def test_killed_at_random_moments(world, rng):
    for _ in range(8):
        process = world.counter()
        world.wait_assigned(process)
        for _ in range(rng.randrange(1, 8)):
            world.send(rng.randrange(1, 200), rng=rng, drop=0.02)
        process.signal(signal.SIGKILL)
        process.wait(5)
    process = world.counter()
    world.settle()
    world.stop(process)


def test_redis_emptied_while_running(world, rng):
    process = world.counter()
    for _ in range(15):
        world.send(rng.randrange(20, 100), rng=rng, drop=0.02)
        world.redis.flushall()
    world.settle()
    world.stop(process)


def test_the_mark_alone_deleted(world, rng):
    process = world.counter()
    for i in range(12):
        world.send(rng.randrange(20, 100), rng=rng)
        world.redis.hdel(f"chuishao.counter:state:{{{i % PARTITIONS}}}", "@")
    world.settle()
    world.stop(process)


def test_redis_emptied_while_idle_is_noticed_and_rebuilt(world):
    process = world.counter()
    world.send(50)
    world.settle()
    world.redis.flushall()
    world.check()
    world.stop(process)


def test_a_key_dropped_and_used_again_survives_a_rebuild(world, rng):
    process = world.counter()
    for _ in range(5):
        world.send(120, rng=rng, drop=0.05)
        world.settle()
    world.redis.flushall()
    world.check()
    world.stop(process)


def test_dropped_keys_leave_nothing_behind(world):
    process = world.counter()
    world.send(40, keys=10)
    for i in range(40):
        world.sent.append((f"k{i}", "drop"))
        world.producer.produce("test.input.v1", key=f"k{i}", value="drop")
    world.producer.flush(20)
    world.settle()
    assert sum(world.redis.hlen(k) for k in world.redis.scan_iter("*:state:*")) == PARTITIONS  # the marks
    world.redis.flushall()
    world.check()
    world.stop(process)


def test_instances_join_and_leave_under_load(world, rng):
    processes = {}
    for i in range(7):
        name = f"counter-{rng.randrange(3)}"
        if name in processes:
            gone = processes.pop(name)
            gone.signal(rng.choice((signal.SIGTERM, signal.SIGKILL)))
            gone.wait(8)
        else:
            processes[name] = world.counter(name)
        for _ in range(5):
            world.send(40, rng=rng)
    if not processes:
        processes["counter-0"] = world.counter()
    world.settle(60)
    for process in processes.values():
        world.stop(process)


def test_the_older_of_two_processes_under_one_name_gives_up(world, rng):
    older = world.counter(**TO_BE_FENCED)
    world.wait_assigned(older)
    world.send(100, rng=rng)
    newer = world.counter()
    world.wait_assigned(newer)
    end = time.monotonic() + 20
    while older.running() and time.monotonic() < end:
        world.send(20, rng=rng)
        older.wait(0.1)
    assert older.process.poll() == 3, tail(older.log_path)
    world.settle()
    world.stop(newer)


def test_a_term_signal_ends_it_idle_and_under_load(world, rng):
    process = world.counter()
    world.wait_assigned(process)
    assert world.stop(process) < 5
    process = world.counter()
    world.wait_assigned(process)
    world.send(4000, rng=rng)
    assert world.stop(process) < 5
    process = world.counter()
    world.settle()
    world.stop(process)


@pytest.mark.parametrize("busy", [True, False], ids=["in the middle of work", "between messages"])
def test_a_frozen_process_whose_partitions_another_took_changes_nothing_when_it_thaws(world, rng, busy):
    zombie = world.counter(f"counter-z-{busy}", **TO_BE_FENCED)
    world.wait_assigned(zombie, 30, partitions=PARTITIONS)
    if busy:
        world.send(300, rng=rng)
    zombie.signal(signal.SIGSTOP)
    world.send(200, rng=rng)
    other = world.counter(f"counter-y-{busy}")
    world.wait_assigned(other, 30, partitions=PARTITIONS)
    wait_until(world.level, 60, lambda: tail(other.log_path))
    zombie.signal(signal.SIGCONT)
    for _ in range(10):
        world.send(50, rng=rng)
    world.settle(60)
    for process in (zombie, other):
        if process.running():
            world.stop(process)
        else:
            assert process.process.returncode == 3, tail(process.log_path)


@pytest.mark.parametrize("point", ["read", "mid_produce", "produced", "offsets", "commit", "applied"])
def test_frozen_at_one_point_while_another_takes_over(world, rng, point):
    # Names of their own: a name used a moment ago gets its old partitions back without a rebalance.
    zombie = world.counter(f"counter-z-{point.replace('_', '-')}", kill=f"{point}:{rng.randrange(1, 4)}:stop",
                           **TO_BE_FENCED)
    world.wait_assigned(zombie)
    end = time.monotonic() + 20
    while not is_stopped(zombie.pid):
        assert time.monotonic() < end and zombie.running(), tail(zombie.log_path)
        world.send(25, rng=rng)
    other = world.counter(f"counter-y-{point.replace('_', '-')}")
    world.wait_assigned(other, 30, partitions=PARTITIONS)
    world.send(100, rng=rng)
    if rng.random() < 0.5:  # it thaws while the other waits for its open transaction, or after all is done
        wait_until(world.level, 60, lambda: tail(other.log_path))
    zombie.signal(signal.SIGCONT)
    for _ in range(5):
        world.send(50, rng=rng)
    world.settle(60)
    for process in (zombie, other):
        if process.running():
            world.stop(process)
        else:
            assert process.process.returncode == 3, tail(process.log_path)


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", "rb") as f:
        return f.read().rpartition(b")")[2].split()[0] == b"T"


def test_a_broker_frozen_for_six_seconds(world, rng):
    process = world.counter(**TO_BE_FENCED)
    world.wait_assigned(process)
    world.send(200, rng=rng)
    broker = world.stack.kafka_node.child
    broker.signal(signal.SIGSTOP)
    try:
        time.sleep(6)  # the fault itself: how long the broker is away
    finally:
        broker.signal(signal.SIGCONT)
    world.send(200, rng=rng)
    if process.wait(1) is not None:  # giving up is allowed, with its own exit code
        assert process.process.returncode == 3, tail(process.log_path)
        process = world.counter()
    world.settle(60)
    world.stop(process)


def test_a_broker_frozen_for_longer_than_its_patience(world, rng):
    process = world.counter(**TO_BE_FENCED)
    world.wait_assigned(process)
    world.send(200, rng=rng)
    broker = world.stack.kafka_node.child
    broker.signal(signal.SIGSTOP)
    try:
        process.wait(13)
    finally:
        broker.signal(signal.SIGCONT)
    for _ in range(5):
        world.send(50, rng=rng)
    if process.wait(2) is not None:
        assert process.process.returncode == 3, tail(process.log_path)
        process = world.counter()
    world.settle(60)
    world.stop(process)


def test_redis_frozen_for_longer_than_a_call_may_take(world, rng):
    process = world.counter()
    world.wait_assigned(process)
    node = world.stack.redis_node.child
    node.signal(signal.SIGSTOP)
    try:
        world.send(100, rng=rng)
        process.wait(12)  # a call is given 10 s
        assert process.running(), tail(process.log_path)
    finally:
        node.signal(signal.SIGCONT)
    world.send(100, rng=rng)
    world.settle(60)
    world.stop(process)


def test_an_append_only_file_with_a_torn_end_is_level_again(world, rng):
    process = world.counter()
    world.send(300, rng=rng)
    world.settle()
    world.stack.stop_one("redis")
    folder = os.path.join(world.run_dir, "redis", "appendonlydir")
    tails = [os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".incr.aof")]
    assert tails
    for path in tails:
        os.truncate(path, max(0, os.path.getsize(path) - rng.randrange(1, 4000)))
    world.stack.release("redis")
    world.send(100, rng=rng)
    world.settle(60)
    world.stop(process)


def test_redis_killed_under_load_comes_back(world, rng):
    process = world.counter()
    world.wait_assigned(process)
    for _ in range(3):
        world.send(150, rng=rng)
        before = world.stack.restarts("redis")
        world.stack.kill("redis")
        world.send(150, rng=rng)
        wait_until(lambda: world.stack.restarts("redis") > before, 10, "restarted Redis")
    world.settle(60)
    world.stop(process)


def test_deleted_group_offsets_repeat_nothing(worlds):
    worlds.close()  # dropped keys have no state to recognise a repeat by, so this history has none
    world = worlds.get()
    process = world.counter()
    world.send(500)
    world.settle()
    world.stop(process)

    def deleted():
        try:
            world.admin.delete_consumer_groups(["chuishao.counter"])["chuishao.counter"].result(10)
            return True
        except KafkaException:
            return False  # its last member's session is not over yet
    wait_until(deleted, 20, "deleted the group")
    process = world.counter()
    world.wait_assigned(process)
    world.send(200)
    world.settle()
    world.stop(process)


def test_records_of_a_client_with_another_partitioner_become_dead_letters(world, rng):
    process = world.counter()
    other = producer(world.stack.kafka)
    for i in range(60):
        right = murmur2_partition(f"w{i}", PARTITIONS)
        world.refused.append(f"wrong{i}")
        other.produce("test.input.v1", key=f"w{i}", value=f"wrong{i}", partition=(right + 1) % PARTITIONS)
    other.flush(20)
    world.send(100, rng=rng)
    world.settle()
    with Follower(world.stack.kafka, ["test.input.v1.dlt"]) as letters:
        for r in letters.drain()["test.input.v1.dlt"]:
            assert r.headers["x-error-code"] == b"wrong_partition"
            assert r.headers["x-error-stage"] == b"counter"
            assert r.headers["x-original-topic"] == b"test.input.v1"
    world.stop(process)


def test_the_two_ends_of_a_topic_differ_while_a_transaction_is_open(world):
    """Guards the assumption that the checker's and the stage's restore rest on."""
    p = producer(world.stack.kafka, transactional_id=f"open-{os.getpid()}")
    p.init_transactions(20)
    p.begin_transaction()
    p.produce("test.input.v1.dlt", key="k", value="v", partition=0)
    p.flush(10)
    try:
        assert len(open_transactions(world.stack.kafka, ["test.input.v1.dlt"])) == 1
    finally:
        p.abort_transaction(20)
    wait_until(lambda: not open_transactions(world.stack.kafka, ["test.input.v1.dlt"]), 10, "closed")


def test_offsets_outside_the_transaction_make_the_checker_fail():
    world = World(f"control-{os.getpid()}")
    try:
        problems = control_run(world, seed_of())
        print(problems)
        assert "lost" in problems.kinds()
    finally:
        world.close()


def test_states_read_without_looking_at_the_mark_make_the_checker_fail():
    world = World(f"control-mark-{os.getpid()}")
    try:
        process = world.counter(control="no_mark_check")
        world.wait_assigned(process)
        world.send(500)
        wait_until(world.level, 40, lambda: tail(process.log_path))
        world.redis.flushall()
        world.send(500)
        wait_until(world.level, 40, lambda: tail(process.log_path))
        problems = check_counter(world.stack.kafka, world.stack.redis, world.sent)
        print(problems)
        assert "sequence" in problems.kinds()
    finally:
        world.close()


def test_no_sanitizer_spoke(world):
    world.no_sanitizer_report()
