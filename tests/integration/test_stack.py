"""The stack that all other tests stand on: a real Kafka and Redis, restarted when they die, gone when they should be."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid

import pytest
import redis as redis_client
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
from processes import Child, StackError, is_alive, start_time, wait_gone  # noqa: E402
from stack import Stack  # noqa: E402


def until(condition, seconds=15):
    """Waits for something another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    own = Stack("test-stack", services=(), run_dir=str(tmp_path_factory.mktemp("stack")), keep=False)
    with own:
        yield own


def make_topic(stack, partitions=1):
    name = "t" + uuid.uuid4().hex
    admin = AdminClient({"bootstrap.servers": stack.kafka})
    admin.create_topics([NewTopic(name, partitions, 1)])[name].result(15)
    return name


def read_all(stack, topic, n, seconds=20):
    consumer = Consumer({"bootstrap.servers": stack.kafka, "group.id": topic, "auto.offset.reset": "earliest",
                         "isolation.level": "read_committed"})
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        values, end = [], time.monotonic() + seconds
        while len(values) < n and time.monotonic() < end:
            message = consumer.poll(0.2)
            if message and not message.error():
                values.append(message.value())
        return values
    finally:
        consumer.close()


def test_a_committed_transaction_is_read_and_an_aborted_one_is_not(stack):
    topic = make_topic(stack)
    producer = Producer({"bootstrap.servers": stack.kafka, "transactional.id": topic})
    producer.init_transactions(15)
    producer.begin_transaction()
    producer.produce(topic, b"aborted")
    producer.flush(10)
    producer.abort_transaction(15)
    producer.begin_transaction()
    producer.produce(topic, b"committed")
    producer.commit_transaction(15)
    assert read_all(stack, topic, 1) == [b"committed"]


def test_a_message_of_two_mebibytes_is_taken(stack):
    topic = make_topic(stack)
    producer = Producer({"bootstrap.servers": stack.kafka, "message.max.bytes": 4000000})
    producer.produce(topic, b"x" * (2 << 20))
    assert producer.flush(15) == 0


def test_a_topic_that_nobody_created_does_not_come_into_being(stack):
    errors = []
    producer = Producer({"bootstrap.servers": stack.kafka, "message.timeout.ms": 3000})
    producer.produce("nobody.created.this", b"x", on_delivery=lambda e, m: errors.append(e))
    producer.flush(10)
    assert errors and errors[0] is not None


def test_redis_keeps_what_was_written_when_it_is_killed_and_restarted(stack):
    client = redis_client.Redis.from_url(stack.redis)
    client.set("kept", "yes")
    until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
    before = stack.restarts("redis")
    pid = stack.child("redis").pid
    stack.kill("redis")
    until(lambda: stack.restarts("redis") == before + 1)
    stack.redis_node.wait_ready()
    assert stack.child("redis").pid != pid
    assert redis_client.Redis.from_url(stack.redis).get("kept") == b"yes"


def test_a_torn_end_of_the_append_only_file_is_mended_before_the_start(stack):
    client = redis_client.Redis.from_url(stack.redis)
    client.set("before", "1")
    stack.stop_one("redis")
    folder = os.path.join(stack.redis_node.folder, "appendonlydir")
    last = max(f for f in os.listdir(folder) if f.endswith(".incr.aof"))
    with open(os.path.join(folder, last), "ab") as f:
        f.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")
    stack.release("redis")
    stack.redis_node.wait_ready()
    client = redis_client.Redis.from_url(stack.redis)
    assert client.get("before") == b"1"
    with open(os.path.join(folder, last), "rb") as f:
        assert not f.read().endswith(b"to")


def test_what_was_committed_survives_a_killed_broker(stack):
    topic = make_topic(stack)
    producer = Producer({"bootstrap.servers": stack.kafka, "acks": "all"})
    producer.produce(topic, b"stays")
    assert producer.flush(15) == 0
    before = stack.restarts("kafka")
    stack.kill("kafka")
    until(lambda: stack.restarts("kafka") == before + 1)
    stack.kafka_node.wait_ready()
    assert read_all(stack, topic, 1) == [b"stays"]


def test_a_held_process_stays_down_until_it_is_released(stack):
    before = stack.restarts("redis")
    stack.hold("redis")
    stack.kill("redis")
    until(lambda: not stack.child("redis").running())
    stack.kill("kafka", signal.SIGCONT)  # something for the supervisor to look at
    assert not stack.child("redis").running() and stack.restarts("redis") == before
    stack.release("redis")
    stack.redis_node.wait_ready()


def test_a_second_stack_of_the_same_folder_is_refused(stack):
    with pytest.raises(StackError, match="running already"):
        Stack("test-stack", services=(), run_dir=stack.run_dir).start()


def test_a_missing_program_is_named_and_nothing_is_left_running(tmp_path, stack):
    other = Stack("test-missing", services=("router",), run_dir=str(tmp_path / "run"), build_dir=str(tmp_path),
                  topics=False, kafka=stack.kafka, redis=stack.redis)
    with pytest.raises(StackError, match="chuishao-router does not exist"):
        other.start()
    assert not os.path.exists(other.state_path)


def test_children_end_when_their_supervisor_is_killed():
    name = "test-orphans-" + str(os.getpid())
    infra = subprocess.Popen([sys.executable, os.path.join(ROOT, "tools", "stack", "command.py"), "infra", "--name", name],
                             stdout=subprocess.PIPE, env={k: v for k, v in os.environ.items()
                                                          if k not in ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL")})
    try:
        line = json.loads(infra.stdout.readline())
        with open(os.path.join(line["run_dir"], "stack.json"), encoding="utf-8") as f:
            own = json.load(f)["own"]
        assert len(own) == 2 and all(is_alive(c["pid"], c["started"]) for c in own)
    finally:
        infra.kill()
        infra.wait()
        shutil.rmtree(os.path.join(ROOT, ".run", name), ignore_errors=True)
    assert all(wait_gone(c["pid"], c["started"], 10) for c in own)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", int(line["kafka"].rpartition(":")[2])), timeout=1)


def test_a_reused_pid_is_not_taken_for_our_process(tmp_path):
    child = Child("sleeper", ["sleep", "60"], str(tmp_path / "log"))
    child.start()
    try:
        assert is_alive(child.pid, child.started)
        assert not is_alive(child.pid, child.started - 1)
        assert start_time(child.pid) == child.started
    finally:
        child.stop()
    assert not is_alive(child.pid, child.started)


def fake_program(folder, name, script):
    os.makedirs(folder / "bin", exist_ok=True)
    path = folder / "bin" / name
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)


def test_a_service_that_refuses_its_settings_ends_the_start_with_its_own_words(tmp_path, stack):
    fake_program(tmp_path, "chuishao-router", 'echo "policy/units.csv:7: unit has no parent" >&2; exit 65\n')
    other = Stack("test-refuses", services=("router",), run_dir=str(tmp_path / "run"), build_dir=str(tmp_path),
                  topics=False, kafka=stack.kafka, redis=stack.redis)
    with pytest.raises(StackError, match="units.csv:7: unit has no parent"):
        other.start()


def test_a_service_that_keeps_dying_is_restarted_more_slowly_each_time(tmp_path, stack):
    fake_program(tmp_path, "chuishao-router", f'echo x >> {tmp_path}/starts; exit 3\n')
    other = Stack("test-dying", services=("router",), run_dir=str(tmp_path / "run"), build_dir=str(tmp_path),
                  topics=False, kafka=stack.kafka, redis=stack.redis)
    with pytest.raises(StackError, match="not ready after"):
        other.start(ready_seconds=2.0)
    starts = len((tmp_path / "starts").read_text().splitlines())
    assert 3 <= starts <= 7
