"""A unit that cannot be reached is parked and holds up nobody; when it can be reached it gets all its orders, once and in order."""

import json
import os
import sys
import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
from stack import Stack, build_folder  # noqa: E402

BUILD = os.environ.get("BUILD_DIR") or build_folder("release")
AWAY, THERE = "unit.chengguan.orders.v1", "unit.jiaojing.orders.v1"


@pytest.fixture(scope="module")
def stack():
    with Stack(f"test-parking-{os.getpid()}", services=(), topics=True, build_dir=BUILD, fresh=True, keep=False) as stack:
        admin = AdminClient({"bootstrap.servers": stack.kafka})
        admin.delete_topics([AWAY])[AWAY].result()
        stack._wanted = [("delivery", 1)]
        stack.start_services()
        yield stack


def order(unit, n):
    case = f"n20261120-{n:016d}"
    return case, {"id": f"{case}.2.dispatch.{unit}", "case": case, "order": f"{case}.1", "kind": "dispatch", "unit": unit,
                  "queue": unit, "role": "lead", "at": "2026-11-20T09:00:00.000+08:00"}


def send(stack, orders):
    producer = Producer({"bootstrap.servers": stack.kafka, "partitioner": "murmur2"})
    failed = []
    for unit, n in orders:
        _, value = order(unit, n)
        producer.produce("unit.orders.v1", key=unit, value=json.dumps(value), on_delivery=lambda err, _: err and failed.append(err))
    producer.flush()
    assert failed == []


def read(stack, topic, count, seconds=60):
    consumer = Consumer({"bootstrap.servers": stack.kafka, "group.id": "check", "isolation.level": "read_committed",
                         "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    cases, end = [], time.monotonic() + seconds
    while len(cases) < count and time.monotonic() < end:
        message = consumer.poll(0.2)
        if message is not None and not message.error():
            assert message.key().decode() == json.loads(message.value())["case"]
            cases.append(message.key().decode())
    consumer.close()
    return cases


def parked(stack):
    _, text = stack.get("delivery-0", "/metrics")
    return b'chuishao_unit_parked{unit="chengguan"} 1' in text


def test_a_unit_that_cannot_be_reached_holds_up_nobody_and_loses_nothing(stack):
    away = [("chengguan", n) for n in range(40)]
    there = [("jiaojing", 100 + n) for n in range(40)]
    send(stack, [pair for both in zip(away, there) for pair in both])
    assert read(stack, THERE, 40) == [order(*pair)[0] for pair in there]
    assert parked(stack)

    admin = AdminClient({"bootstrap.servers": stack.kafka})
    admin.create_topics([NewTopic(AWAY, 1, 1)])[AWAY].result()
    more = [("chengguan", 40 + n) for n in range(10)]
    send(stack, more)
    assert read(stack, AWAY, 50) == [order(*pair)[0] for pair in away + more]
    assert read(stack, THERE, 41, seconds=3) == [order(*pair)[0] for pair in there], "nothing comes twice"
    assert not parked(stack)
