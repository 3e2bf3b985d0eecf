"""sla on a real Redis and Kafka. The letters are those of the peers' bugs that services/sla/README.md lists."""

import os
import signal
import subprocess
import time

import pytest

from kafka_log import wait_until
from processes import tail
from timers import LEASE_S, Timers, case_ids, check_wakes, now_ms

YEAR_2100 = 4102444800000
SHIFT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support", "clock_shift.c")


@pytest.fixture(scope="module")
def world():
    with Timers("timers") as timers:
        yield timers


@pytest.fixture
def timers(world):
    world.clear()
    yield world
    for process in world.processes:
        process.stop()
        assert "Sanitizer" not in world.log(process) and "runtime error" not in world.log(process), tail(process.log_path)
    world.processes.clear()


@pytest.fixture
def sla(timers):
    process = timers.sla()
    timers.wait_ready(process)
    return process


def test_d_one_timer_in_an_idle_system_fires_on_time(timers, sla):
    dues = dict.fromkeys(case_ids(1), now_ms() + 3000)
    timers.arm(dues)
    wakes = timers.wait_wakes(dues)
    check_wakes(wakes, dues)
    (wake,), = wakes.values()
    assert wake.produced - wake.due < 1000


def test_h_timers_in_the_past_fire_once_and_show_how_late_they_are(timers, sla):
    dues = {case: now_ms() - 3 * 3600 * 1000 for case in case_ids(20)} | {case: 1 for case in case_ids(5)}
    timers.arm(dues)
    wakes = timers.wait_wakes(dues)
    check_wakes(wakes, dues)
    assert min(w.at - w.due for found in wakes.values() for w in found) >= 3 * 3600 * 1000
    lag = "chuishao_timer_fire_lag_seconds"
    wait_until(lambda: timers.metrics(sla)[lag + "_count"] == 25, 5, "25 lags")
    assert timers.metrics(sla)[lag + '_bucket{le="7200"}'] == 0


def test_i_far_timers_wait_and_keep_their_time(timers, sla):
    far = {case: due for case, due in zip(case_ids(3), (YEAR_2100, YEAR_2100 + 1, 253402300799000))}
    near = dict.fromkeys(case_ids(1), now_ms() + 500)
    timers.arm(far | near)
    check_wakes(timers.wait_wakes(near), near)
    wait_until(lambda: timers.metrics(sla)["chuishao_timer_armed"] == 3, 5, "three armed")
    assert timers.metrics(sla)["chuishao_timer_oldest_overdue_seconds"] == 0
    assert {case: timers.redis.zscore(timers.key("due", timers.partition(case)), case) for case in far} == far
    assert not set(timers.wakes()) & set(far)


@pytest.mark.parametrize("point", ["claimed", "sent", "flushed"])
def test_a_b_k_killed_between_claim_and_wake_another_takes_over(timers, point):
    dues = dict.fromkeys(case_ids(40), now_ms() - 1000)
    first = timers.sla("sla-0", kill=f"{point}:2")
    timers.wait_ready(first)
    timers.arm(dues)
    assert first.wait(10) == -signal.SIGKILL, tail(first.log_path)
    killed_at = time.monotonic()
    leases, sent = timers.leases(), timers.wakes()
    assert leases and set(leases) <= set(dues.items())  # (b) what is claimed is leased; the rest is still free
    assert set(sent) & set(dues) <= {case for case, _ in leases}
    second = timers.sla("sla-1")
    timers.wait_ready(second)
    wait_until(lambda: timers.metrics(second)["chuishao_timer_reclaimed_total"] >= len(leases), LEASE_S + 5,
               "claimed again what was claimed in vain")
    wakes = timers.wait_wakes(dues)
    assert time.monotonic() - killed_at < LEASE_S + 5  # (k)
    check_wakes(wakes, dues, once=False)  # (a) all of them, and a repeat has the same id
    if point == "flushed":
        assert all(len(wakes[case]) > 1 for case, _ in leases)


def test_c_a_redis_that_may_evict_timers_is_refused(timers):
    timers.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        process = timers.sla()
        assert process.wait(20) == 78
        assert "redis_evicts" in timers.log(process)
    finally:
        timers.redis.config_set("maxmemory-policy", "noeviction")


def test_e_only_so_many_are_out_until_somebody_settles_them(timers):
    dues = dict.fromkeys(case_ids(12000), now_ms() - 10)
    window = min(1000, 3000 // timers.n_partitions)
    timers.arm(dues)
    sla = timers.sla()
    timers.wait_ready(sla)

    def mine():
        return set(timers.wakes()) & set(dues)
    held = {at: sum(1 for case in dues if timers.partition(case) == at) for at in range(timers.n_partitions)}
    out = sum(min(window, n) for n in held.values())
    wait_until(lambda: len(mine()) >= out, LEASE_S - 1, lambda: f"{len(mine())} of {out} are out")
    assert len(mine()) == out
    first = {case: found[0] for case, found in timers.wakes().items() if case in dues}
    # The rest does not starve: what comes later in another partition fires when those before it are settled.
    timers.settle(mine())
    check_wakes(timers.wait_wakes(set(dues) - set(first), 30), {c: d for c, d in dues.items() if c not in first})
    assert timers.metrics(sla)["chuishao_timer_reclaimed_total"] == 0


def test_e_the_oldest_of_a_partition_come_first(timers, sla):
    base = now_ms() - 60_000
    cases = case_ids(3000)
    dues = {case: base + i for i, case in enumerate(cases)}
    timers.arm(dues)
    wakes = timers.wait_wakes(dues, 20)
    check_wakes(wakes, dues)
    order = {}
    for record in timers.follower.records["case.command.v1"]:
        if (case := record.key.decode()) in dues:
            order.setdefault(record.partition, []).append(dues[case])
    assert all(found == sorted(found) for found in order.values())


@pytest.fixture(scope="module")
def shift(tmp_path_factory):
    """A library that moves the clock of the program it is preloaded into by CLOCK_SHIFT_MS."""
    library = str(tmp_path_factory.mktemp("shift") / "clock_shift.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SHIFT], check=True)
    return library


@pytest.mark.parametrize("shift_ms", [30_000, -30_000])
def test_f_clocks_half_a_minute_apart_end_it_before_anything_fires(timers, shift, shift_ms):
    dues = dict.fromkeys(case_ids(5), now_ms() - 60_000)
    timers.arm(dues)
    process = timers.sla(LD_PRELOAD=shift, CLOCK_SHIFT_MS=str(shift_ms), ASAN_OPTIONS="verify_asan_link_order=0:exitcode=86")
    assert process.wait(20) == 3, tail(process.log_path)
    assert "code=clocks_differ" in timers.log(process)
    assert not set(timers.wakes()) & set(dues)


@pytest.mark.parametrize("shift_ms", [1500, -1500])
def test_f_redis_decides_what_is_due_not_the_clock_of_a_worker(timers, shift, shift_ms):
    process = timers.sla(LD_PRELOAD=shift, CLOCK_SHIFT_MS=str(shift_ms), ASAN_OPTIONS="verify_asan_link_order=0:exitcode=86")
    timers.wait_ready(process)
    dues = dict.fromkeys(case_ids(1), now_ms() + 2500)
    timers.arm(dues)
    wakes = timers.wait_wakes(dues)
    check_wakes(wakes, dues)
    (wake,), = wakes.values()
    assert 0 <= wake.at - wake.due < 1000


def test_the_canary_comes_again_and_again_although_nothing_is_due(timers, sla):
    fired = "chuishao_timer_canary_fired_timestamp_seconds"
    before = timers.metrics(sla)[fired]
    assert abs(before - time.time()) < 10
    wait_until(lambda: timers.metrics(sla)[fired] > before + 4, 15, "another canary")
    assert timers.metrics(sla)["chuishao_timer_canary_lag_seconds_count"] >= 2
    assert timers.get(sla, "/readyz")[0] == 200


def test_an_emptied_redis_does_not_kill_the_canary(timers, sla):
    timers.redis.flushall()
    before = timers.metrics(sla)["chuishao_timer_canary_lag_seconds_count"]
    wait_until(lambda: timers.metrics(sla)["chuishao_timer_canary_lag_seconds_count"] > before, 12, "another canary")
    assert timers.get(sla, "/readyz")[0] == 200


def test_a_scheduler_that_claims_nothing_any_more_is_not_ready(timers, sla):
    def blind():
        timers.redis.delete("chuishao.sla.sla-0:due:{0}")
        return timers.get(sla, "/readyz")[0] == 503
    wait_until(blind, 25, "not ready")
    assert sla.running() and "level=warn" in timers.log(sla) and "canary_lost" in timers.log(sla)
    wait_until(lambda: timers.get(sla, "/readyz")[0] == 200, 10, "ready again")


def drift(timers, sla):
    found = timers.metrics(sla)
    return tuple(found[f'chuishao_timer_drift{{kind="{kind}"}}'] for kind in ("unarmed", "orphan"))


def test_an_index_that_agrees_shows_no_drift(timers, sla):
    dues = dict.fromkeys(case_ids(1500), YEAR_2100)
    timers.arm(dues)
    timers.settle(list(dues)[:300])
    wait_until(lambda: timers.metrics(sla)["chuishao_timer_expected"] == 1200, 30, lambda: timers.metrics(sla))
    assert drift(timers, sla) == (0, 0)
    assert timers.metrics(sla)["chuishao_timer_rebuilds_total"] == 0


@pytest.mark.parametrize("what", ["gone", "moved", "orphan"])
def test_an_index_that_does_not_agree_is_shown_and_its_partition_loses_its_mark(timers, sla, what):
    cases = case_ids(60)
    dues = dict.fromkeys(cases, YEAR_2100)
    timers.arm(dues)
    at = timers.partition(cases[0])
    if what == "gone":
        timers.redis.zrem(timers.key("due", at), cases[0])
    elif what == "moved":
        timers.redis.zadd(timers.key("due", at), {cases[0]: YEAR_2100 + 1})
    else:
        timers.redis.hdel(timers.key("state", at), cases[0])
    expected = (0, 1) if what == "orphan" else (1, 0)
    wait_until(lambda: drift(timers, sla) == expected, 30, lambda: drift(timers, sla))
    marked = [p for p in range(timers.n_partitions) if timers.redis.hexists(timers.key("state", p), "@")]
    held = {timers.partition(case) for case in cases}
    wait_until(lambda: not timers.redis.hexists(timers.key("state", at), "@"), 10, "the mark is gone")
    assert set(marked) >= held - {at}
    assert "due_index_drift" in timers.log(sla)
    timers.redis.hset(timers.key("state", at), "@", "0")  # a cause that lasts does not make casework rebuild for ever
    wait_until(lambda: "rebuild=later" in timers.log(sla), 30, "the next round saw it too")
    assert timers.redis.hexists(timers.key("state", at), "@")
    assert timers.metrics(sla)["chuishao_timer_rebuilds_total"] == 1
