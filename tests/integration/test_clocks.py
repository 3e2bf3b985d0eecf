"""Clocks of real cases, casework and sla together, while Redis loses what it holds. The letters are those of services/sla/README.md."""

import os
import random
import time

import pytest

from counter import seed_of
from kafka_log import wait_until
from timers import PREFIX, Cases, Timers, case_ids, now_ms

HOUR = 3600 * 1000


@pytest.fixture(scope="module")
def whole():
    with Timers("clocks", services=("casework", ("sla", 2))) as timers:
        cases = Cases(timers.stack.kafka)
        yield timers, cases
        cases.close()
        for name in timers.stack.services:
            text = timers.log(timers.stack.child(name))
            assert "Sanitizer" not in text and "runtime error" not in text, text[-2000:]


def once(told):
    return {case: found for case, found in told.items() if set(found.values()) != {1}} == {}


def armed(timers):
    return sum(timers.redis.zcard(timers.key("due", p)) for p in range(timers.n_partitions))


def test_h_cases_whose_clocks_ran_out_long_ago_tell_each_rung_once(whole):
    timers, cases = whole
    ids = case_ids(50)
    cases.open(ids, now_ms() - 2 * HOUR)
    assert once(cases.wait_breached(ids))


def test_j_a_date_that_does_not_exist_is_refused_and_named(whole):
    timers, cases = whole
    case, = case_ids(1)
    for due in ("2026-02-30T08:00:00+08:00", "2026-11-21T08:00:00", "soon", ""):
        cases.send(case, {"command": "wake", "case": case, "id": case + ".wake", "at": "2026-11-21T08:00:00+08:00", "due": due})
    cases.producer.flush(20)

    def letters():
        cases.follower.poll(0.05)
        return [r.headers["x-error-code"] for r in cases.follower.records["case.command.v1.dlt"] if r.key == case.encode()]
    wait_until(lambda: len(letters()) == 4, 20, letters)
    assert set(letters()) <= {b"bad_time", b"naive_time", b"bad_value", b"missing_field"}


def test_l_an_emptied_redis_has_every_timer_again_in_seconds(whole):
    timers, cases = whole
    waiting, late = case_ids(2000), case_ids(100)
    cases.open(waiting, now_ms())
    wait_until(lambda: armed(timers) >= 2000, 60, lambda: armed(timers))
    cases.open(late, now_ms() - 2 * HOUR)
    timers.redis.flushall()
    began = time.monotonic()
    told = cases.wait_breached(late)
    wait_until(lambda: armed(timers) >= 2000, 30, lambda: armed(timers))
    print(f"2,000 timers were there again after {time.monotonic() - began:.1f} s")
    cases.wait_level(timers.redis)
    assert once(told)


def test_g_timers_of_a_second_that_redis_lost_come_back_from_the_log(whole):
    timers, cases = whole
    rng = random.Random(seed_of())
    ids = case_ids(300)
    cases.open(ids, now_ms() - 14 * 60 * 1000)  # half the desk's time is over in a minute
    wait_until(lambda: sum(1 for c in ids if timers.redis.zscore(timers.key("due", timers.partition(c)), c)) == 300, 40, "armed")
    timers.stack.stop_one("redis")
    folder = os.path.join(timers.run_dir, "redis", "appendonlydir")
    for name in os.listdir(folder):
        if name.endswith(".incr.aof"):
            path = os.path.join(folder, name)
            os.truncate(path, max(0, os.path.getsize(path) - rng.randrange(20_000, 200_000)))
    timers.stack.release("redis")
    cases.wait_level(timers.redis, 60)


def test_an_entry_that_vanished_from_the_index_is_back_and_the_case_is_told(whole):
    timers, cases = whole
    case, = case_ids(1)
    cases.open([case], now_ms())
    at = timers.partition(case)
    wait_until(lambda: timers.redis.zscore(timers.key("due", at), case), 20, "armed")
    due = timers.redis.zscore(timers.key("due", at), case)
    timers.redis.zrem(timers.key("due", at), case)
    wait_until(lambda: timers.redis.zscore(timers.key("due", at), case) == due, 60, "armed again")
    cases.wait_level(timers.redis)


def test_e_a_storm_of_due_cases_lets_other_commands_through(whole):
    timers, cases = whole
    ids, others = case_ids(5000), case_ids(20)
    cases.open(ids, now_ms() - 2 * HOUR)
    wait_until(lambda: len(cases.told()) > 500, 60, "the storm has begun")
    began = time.monotonic()
    cases.open(others, now_ms())

    def opened():
        return all(timers.redis.hexists(f"{PREFIX}:state:{{{timers.partition(c)}}}", c) for c in others)
    wait_until(opened, 30, "the others are open")
    print(f"opened after {time.monotonic() - began:.2f} s")
    assert once(cases.wait_breached(ids, 120))
    cases.wait_level(timers.redis)
