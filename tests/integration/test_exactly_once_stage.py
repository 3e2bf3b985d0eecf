"""The exactly-once loop on a real Kafka and Redis: the short version of tests/fault/test_stage.py."""

import os

import pytest

from counter import World, Worlds, attack, control_run, seed_of


@pytest.fixture(scope="module")
def worlds():
    found = Worlds("once")
    yield found
    found.close()


@pytest.fixture
def world(worlds):
    return worlds.get()


@pytest.mark.parametrize("point", ["produced", "commit", "mid_apply"])
def test_a_stage_killed_at_this_point_neither_loses_nor_repeats(world, point):
    attack(world, point, seed_of(), passages=2)


def test_redis_emptied_under_load_comes_back_from_the_log(world):
    process = world.counter()
    for _ in range(8):
        world.send(60)
        world.redis.flushall()
    world.settle()
    world.stop(process)


def test_the_checker_sees_offsets_committed_outside_the_transaction():
    world = World(f"once-control-{os.getpid()}")
    try:
        problems = control_run(world, seed_of())
        print(problems)
        assert "lost" in problems.kinds()
    finally:
        world.close()
