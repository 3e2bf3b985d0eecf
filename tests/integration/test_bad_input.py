"""Whatever comes from outside: it is refused with a reason, and the partition goes on."""

import json
import os
import shutil
import subprocess
import uuid
from datetime import datetime, timedelta, timezone

import pytest

from kafka_log import Follower, wait_until
from stack import ROOT

CHINA = timezone(timedelta(hours=8))


def complaint(**more):
    return {"id": "bad-" + uuid.uuid4().hex[:12], "channel": "phone", "text": "楼道里的灯坏了一个星期没人来修，晚上上下楼很危险。",
            "reported_at": datetime.now(CHINA).isoformat(timespec="seconds"), **more}


def without(field):
    message = complaint()
    del message[field]
    return message


def raw(text):
    return text.encode() if isinstance(text, str) else text


def bad(code, value, name=None):
    return pytest.param(code, value, id=name or code)


@pytest.mark.parametrize("code, value", [
    bad("bad_json", b"{\"id\": \"a\", \"channel\":"),
    bad("bad_json", b"not json at all", "bad_json in words"),
    bad("bad_json", b"", "nothing at all"),
    bad("bad_utf8", json.dumps(complaint(), ensure_ascii=False).encode("gbk")),
    bad("too_large", json.dumps(complaint(text="水" * 700000), ensure_ascii=False).encode(), "two megabytes"),
    bad("too_long", complaint(text="水" * 5001)),
    bad("wrong_type", complaint(text=17)),
    bad("wrong_type", complaint(place="听潮名苑"), "wrong_type of an object"),
    bad("missing_field", without("id")),
    bad("missing_field", without("text"), "missing text"),
    bad("missing_field", without("channel"), "missing channel"),
    bad("naive_time", complaint(reported_at="2026-11-21T08:00:00")),
    bad("bad_time", complaint(reported_at="yesterday")),
    bad("unknown_channel", complaint(channel="telepathy")),
    bad("duplicate_key", raw('{"id": "d1", "id": "d2", "channel": "phone", "text": "x", '
                             '"reported_at": "2026-11-21T08:00:00+08:00"}')),
    bad("confluent_wire_format", b"\x00\x00\x00\x00\x07" + json.dumps(complaint()).encode()),
])
def test_what_cannot_be_understood_becomes_a_dead_letter_and_the_partition_goes_on(system, code, value):
    value = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    key = system.publish(value, key=uuid.uuid4().hex, headers={"x-of-the-publisher": b"kept"}, partition=2)
    letter = system.find("complaint.intake.v1.dlt", lambda r: r.key.decode() == key)
    assert letter.headers["x-error-code"].decode() == code
    assert letter.headers["x-error-stage"] == b"intake"
    assert len(letter.headers["x-error-text"].decode()) > 10
    assert letter.headers["x-original-topic"] == b"complaint.intake.v1"
    assert letter.headers["x-original-partition"] == b"2"
    assert int(letter.headers["x-original-offset"]) >= 0
    assert letter.headers["x-of-the-publisher"] == b"kept"
    assert letter.value == value
    good = complaint()
    system.publish(good, partition=2)
    assert system.event("opened", good["id"])["seq"] == 1


def dispatched(system, estate):
    """Each at another estate: the same matter at the same place would be merged."""
    message = complaint(text="小区楼道半个月没人打扫，保洁不来，垃圾堆在门口，物业不管。", place={"estate": estate})
    system.publish(message)
    return system.event("dispatched", message["id"])


def another(system, *units):
    return next(q for q in system.whole.queues if q not in units and q != system.whole.desk)


def test_a_unit_that_acts_on_a_case_of_another_is_refused_and_it_is_on_record(system):
    event = dispatched(system, "听潮名苑")
    case, unit = event["case"], event["new"]["unit"]
    orders = [json.loads(r.value) for r in system.whole.of("unit.orders")]
    stranger = another(system, *[o[k] for o in orders if o["case"] == case for k in ("unit", "queue")])
    system.act(stranger, {"id": "act-1", "case": case, "order": case + ".1", "action": "sign", "by": "s-1",
                          "at": datetime.now(CHINA).isoformat(timespec="seconds")})
    refused = system.order(stranger, case, "refused")
    assert refused["action"] == "sign" and refused["rule"] and refused["text"]
    audit = system.find("audit.v1", lambda r: json.loads(r.value).get("case") == case
                        and json.loads(r.value)["kind"] == "refused")
    assert json.loads(audit.value)["actor"]["unit"] == stranger != unit
    system.act(unit_queue(system, case), {"id": "act-2", "case": case, "order": case + ".1", "action": "sign",
                                          "unit": unit, "by": "s-2",
                                          "at": datetime.now(CHINA).isoformat(timespec="seconds")})
    assert system.event("signed", case=case)["actor"]["unit"] == unit


def unit_queue(system, case):
    record = system.find("unit.orders.v1", lambda r: json.loads(r.value)["case"] == case
                         and json.loads(r.value)["kind"] == "dispatch")
    return json.loads(record.value)["queue"]


def test_a_unit_that_speaks_for_one_that_does_not_use_its_queue_changes_nothing(system):
    event = dispatched(system, "云阶上院")
    case, unit = event["case"], event["new"]["unit"]
    stranger = another(system, unit, unit_queue(system, case))
    system.act(stranger, {"id": "act-3", "case": case, "order": case + ".1", "action": "sign", "unit": unit, "by": "s-1",
                          "at": datetime.now(CHINA).isoformat(timespec="seconds")})
    audit = system.find("audit.v1", lambda r: json.loads(r.value).get("case") == case
                        and json.loads(r.value)["kind"] == "wrong_queue")
    assert json.loads(audit.value)["rule"] == "unit_uses_queue"


def test_an_action_that_cannot_be_read_is_a_dead_letter_of_its_own_queue(system):
    queue = another(system)
    system.producer.produce(f"unit.{queue}.actions.v1", key="x", value=b"{\"case\":")
    system.producer.flush(20)
    with Follower(system.stack.kafka, [f"unit.{queue}.actions.v1.dlt"]) as letters:
        wait_until(lambda: letters.poll(0.1), 30, "a dead letter")
        letter = letters.records[f"unit.{queue}.actions.v1.dlt"][0]
    assert letter.headers["x-error-code"] == b"bad_json" and letter.value == b"{\"case\":"


def test_a_service_refuses_to_start_with_a_bad_policy_and_names_every_fault(tmp_path, system):
    policy = tmp_path / "policy"
    shutil.copytree(os.path.join(ROOT, "policy"), policy)
    with open(policy / "units.csv", "a", encoding="utf-8") as f:
        f.write("nobody,无上级单位,无,department,no-such-parent,,,2017-01-01,\n")
    with open(policy / "rules.csv", "a", encoding="utf-8") as f:
        f.write("r-broken,category,999999,,某词,,,10\n")
    env = dict(system.stack.service_env("router", "router-9"), CHUISHAO_POLICY=str(policy))
    env.pop("CHUISHAO_RUN_DIR")
    result = subprocess.run([system.stack.program("chuishao-router")], env=env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, check=False)
    said = result.stderr.decode()
    assert result.returncode == 65, said
    for name in ("units.csv", "rules.csv"):
        with open(policy / name, encoding="utf-8") as f:
            line = sum(1 for _ in f)
        assert f"{name}:{line}" in said, said
