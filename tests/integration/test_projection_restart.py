"""Board and vault that come up while Kafka does: they wait for it and do not end."""

import os
import sys
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
from stack import Stack, build_folder  # noqa: E402

BUILD = os.environ.get("BUILD_DIR") or build_folder("release")
PROJECTIONS = ("board", "vault")


@pytest.fixture(scope="module")
def stack():
    with Stack(f"test-projection-{os.getpid()}", services=PROJECTIONS, topics=True, build_dir=BUILD, fresh=True,
               keep=False) as stack:
        yield stack


def log_of(stack, name):
    with open(stack.child(name).log_path, encoding="utf-8", errors="replace") as f:
        return f.read()


def test_a_projection_that_starts_before_its_broker_waits_for_it(stack):
    stack.hold("kafka")
    stack.kill("kafka")
    stack.child("kafka").wait(10)
    for name in PROJECTIONS:
        stack.kill(name)
    end = time.monotonic() + 30
    while not all("projection_waits" in log_of(stack, name) for name in PROJECTIONS):
        assert time.monotonic() < end, "neither waits nor ends"
        assert [stack.restarts(name) for name in PROJECTIONS] <= [1, 1], "ended because Kafka is away"
        time.sleep(0.1)
    stack.release("kafka")
    stack.wait_ready(30)
    assert [stack.restarts(name) for name in PROJECTIONS] == [1, 1]
