import json
import os
import uuid

import pytest

from checker import Whole
from kafka_log import producer, wait_until
from stack import Stack


class System:
    """A whole running system, with what a publisher, a unit and an onlooker do with it."""

    def __init__(self, stack):
        self.stack = stack
        self.whole = Whole(stack.kafka, stack.redis, stack.policy)
        self.producer = producer(stack.kafka)

    def publish(self, message, key=None, headers=None, partition=-1):
        """message: an object or raw bytes. Returns its key."""
        value = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
        key = key or (message.get("id") if isinstance(message, dict) else None) or uuid.uuid4().hex
        self.producer.produce("complaint.intake.v1", key=key, value=value, headers=headers, partition=partition)
        self.producer.flush(20)
        return key

    def act(self, queue, action):
        self.producer.produce(f"unit.{queue}.actions.v1", key=action["case"], value=json.dumps(action).encode())
        self.producer.flush(20)

    def find(self, topic, wanted, seconds=30):
        """The first record of the topic that is wanted(record), waiting for it."""
        found = []

        def look():
            self.whole.follower.poll(0.05)
            found[:] = [r for r in self.whole.follower.records[topic] if wanted(r)]
            return bool(found)
        wait_until(look, seconds, lambda: f"a record on {topic}; there are {len(self.whole.follower.records[topic])}")
        return found[0]

    def event(self, kind, number=None, case=None, seconds=30):
        """The event of that kind of the complaint with that id, or of that case."""
        if case is None:
            opened = self.find("case.event.v1", lambda r: json.loads(r.value)["new"].get("id") == number
                               and json.loads(r.value)["kind"] == "opened", seconds)
            case = opened.key.decode()
        record = self.find("case.event.v1", lambda r: r.key.decode() == case and json.loads(r.value)["kind"] == kind,
                           seconds)
        return json.loads(record.value)

    def order(self, queue, case, kind, seconds=30):
        record = self.find(f"unit.{queue}.orders.v1", lambda r: json.loads(r.value)["case"] == case
                           and json.loads(r.value)["kind"] == kind, seconds)
        return json.loads(record.value)


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """One stack with all services for all tests that only look at their own messages."""
    with Stack(f"system-{os.getpid()}", run_dir=str(tmp_path_factory.mktemp("system"))) as stack:
        found = System(stack)
        yield found
        found.whole.close()
    for name in os.listdir(os.path.join(stack.run_dir, "logs")):
        with open(os.path.join(stack.run_dir, "logs", name), encoding="utf-8", errors="replace") as f:
            text = f.read()
        assert "Sanitizer" not in text and "runtime error" not in text, f"{name}: {text[-2000:]}"
