"""What the services really write, held to schemas/ by an independent validator: the sample day goes the whole way, a unit
and the desk act on some orders, and every message on every topic is checked."""

import json
import os
import sys
import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
sys.path.insert(0, os.path.join(ROOT, "tests", "schemas"))
from stack import Stack  # noqa: E402
from test_schemas import MESSAGES, errors_of  # noqa: E402

DAY = os.path.join(ROOT, "demo", "sample_day.jsonl")
DESK = json.load(open(os.path.join(ROOT, "policy", "policy.json"), encoding="utf-8"))["desk"]
SLA = json.load(open(os.path.join(ROOT, "policy", "sla.json"), encoding="utf-8"))["classes"]
# What demo/README.md promises of single lines: of the place and the route with which the case was opened. Which of two
# that say the same comes first is open, so a pair stands here without its outcome.
SHOWN = {
    "H-0020": {"found_by": "estate", "lead": "wg-zhijin2", "rule": "D020105-g"},
    "H-0172": {"found_by": "none", "outcome": "merge", "evidence": "cited"},
    "H-0174": {"found_by": "point", "type": "grid", "lead": "wg-chuanwuli1", "rule": "D010114-g"},
    "H-0175": {"found_by": "address", "name": "桐花苑", "lead": "pm-anlan"},
    "H-0176": {"found_by": "estate", "match": "fuzzy", "name": "海棠湾花园", "lead": "pm-lvting"},
    "H-0177": {"found_by": "text", "type": "楼道", "name": "云阶国际2号楼1单元", "lead": "pm-bojin"},
    "H-0178": {"found_by": "estate", "name": "星桥铭著", "lead": "kf-xingqiao", "rule": "D010105-w"},
    "H-0179": {"found_by": "none", "outcome": "needs_human", "reason": "no_place", "address": "沈家浜路218号3栋"},
}


TRACE = {"traceparent": b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": b"hotline=7"}


def publish_traced(brokers):
    """One complaint of a publisher who traces."""
    producer = Producer({"bootstrap.servers": brokers})
    producer.produce("complaint.intake.v1", key="traced", headers=list(TRACE.items()), value=json.dumps({
        "id": "traced", "channel": "phone", "reported_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "text": "楼道里的灯坏了几天"}))
    assert producer.flush(10) == 0


def message_of(topic, key=b""):
    """Which contract a record's value obeys; None: the original bytes of something that had a fault. Whistles, points
    accounts and recurring orders share the topics of the cases; their keys tell them apart."""
    if topic.endswith(".dlt") or topic.startswith("complaint.intake"):
        return None
    if topic.startswith("unit."):
        return "unit.action" if ".actions." in topic else "unit.order"
    name = "case.event" if topic.startswith("sla.event") else topic.removesuffix(".v1")
    if name in ("case.command", "case.event", "case.state"):
        whose = "whistle" if key.startswith(b"w") else "ledger" if b":" in key else "case"
        name = name.replace("case", whose)
    return name


class Everything:
    """All committed messages of all topics, read once and kept."""

    def __init__(self, brokers):
        self.consumer = Consumer({"bootstrap.servers": brokers, "group.id": "everything",
                                  "isolation.level": "read_committed"})
        topics = self.consumer.list_topics(timeout=10).topics
        self.consumer.assign([TopicPartition(name, p, 0) for name, topic in topics.items()
                              if not name.startswith("__") for p in topic.partitions])
        self.messages = []

    def until(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < end, f"it did not happen in time; {len(self.messages)} messages came"
            self.messages += [m for m in self.consumer.consume(2000, 0.2) if not m.error()]

    def of(self, topic, **fields):
        """The values on topics that begin so, with these fields."""
        found = (json.loads(m.value()) for m in self.messages if m.topic().startswith(topic) and m.value()
                 and message_of(m.topic()))
        return [value for value in found if all(value.get(k) == v for k, v in fields.items())]

    def dead(self):
        return [m for m in self.messages if m.topic().endswith(".dlt")]


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    with Stack("test-messages", run_dir=str(tmp_path_factory.mktemp("messages")), keep=False, schedules=True) as stack:
        published = sum(1 for line in open(DAY, "rb") if line.strip()) + 1
        stack.run("publish", "--raw", "--in", DAY)
        publish_traced(stack.kafka)
        seen = Everything(stack.kafka)
        try:
            seen.until(lambda s: len(s.of("case.event", kind="opened")) + len(s.of("audit", kind="repeat"))
                       + len(s.dead()) == published)
            seen.until(lambda s: len(s.of("unit.", kind="dispatch")) >= 2 * len(s.of("case.event", kind="dispatched")))
            resolve_one(stack, seen)
            whistle_once(stack, seen)
            yield seen
        finally:
            seen.consumer.close()


def act(stack, order, action, *fields):
    stack.run("act", "--unit", order["unit"], "--case", order["case"], "--order", order["order"], "--action", action,
              "--by", "s-1", *(word for field in fields for word in ("--field", field)))


def resolve_one(stack, seen):
    """An order that one unit finishes alone: without steps and without a mandatory assist."""
    with_steps = {name for name, c in SLA.items() if c.get("steps")}
    plain = {e["case"] for e in seen.of("case.event", kind="dispatched") if e["new"]["sla"] not in with_steps}
    order = next(o for o in seen.of("unit.orders", kind="dispatch") if o["case"] in plain)
    own = {"case": order["case"]}
    act(stack, order, "sign")
    act(stack, order, "submit", "result=好")
    seen.until(lambda s: s.of("unit.orders", kind="refused", **own))
    act(stack, order, "contact", "note=已约定上门时间")
    act(stack, order, "submit", "result=已派人到场处理完毕，并当面告知诉求人。", "contact_record=电话联系",
        "photos=https://files.example.org/1.jpg")
    seen.until(lambda s: s.of(f"unit.{DESK}.orders", kind="review", **own))
    act(stack, seen.of(f"unit.{DESK}.orders", kind="review", **own)[0], "follow_up", "valid=true", "solved=true",
        "rating=satisfied", "note=回访满意")
    seen.until(lambda s: s.of("case.resolution", **own))


def whistle_once(stack, seen):
    """A street summons a unit to a case, which checks in; the points of both come of it."""
    case = next(e["case"] for e in seen.of("case.event", kind="dispatched"))
    stack.run("act", "--unit", "street-lugang", "--action", "whistle", "--field", "type=enforcement", "--field", f"cases={case}",
              "--field", "text=请到场会商处置", "--field", 'summon=[{"unit": "chengguan", "must": true}]')
    seen.until(lambda s: s.of("unit.chengguan.orders", kind="whistle"))
    act(stack, seen.of("unit.chengguan.orders", kind="whistle")[0], "check_in", "where=现场")
    seen.until(lambda s: s.of("case.event", kind="points_given"))


def test_every_message_obeys_its_schema(everything):
    faults, kinds = [], set()
    for message in everything.messages:
        kind = message_of(message.topic(), message.key() or b"")
        if kind is None or message.value() is None:
            continue
        kinds.add(kind)
        faults += [(message.topic(), message.offset(), error) for error in errors_of(kind, json.loads(message.value()))]
    assert not faults, faults[:10]
    assert kinds == set(MESSAGES) - {"complaint.intake"}


def test_the_sample_day_shows_what_its_page_says(everything):
    opened = {c["complaint"]["id"]: {**c.get("place", {}), **c["route"]} for c in everything.of("case.command", command="open")
              if "complaint" in c and "route" in c}
    assert {line: {name: opened[line].get(name) for name in what} for line, what in SHOWN.items()} == SHOWN
    (again,) = [opened[line] for line in ("H-0175", "H-0180") if opened[line]["outcome"] == "merge"]
    policy = json.load(open(os.path.join(ROOT, "policy", "policy.json"), encoding="utf-8"))
    assert again["evidence"] == "same_person" and again["name"] == "桐花苑"
    assert policy["merge_similarity_same_person"] <= round(100 * again["similarity"]) < policy["merge_similarity"]


def test_every_message_is_a_cloud_event(everything):
    for message in everything.messages:
        if message_of(message.topic()) in (None, "case.state", "router.state", "delivery.state"):
            continue
        headers = dict(message.headers() or [])
        for name in ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"):
            assert headers.get(name), (message.topic(), message.offset(), name)


def test_a_trace_is_passed_on_from_stage_to_stage(everything):
    for topic in ("complaint.accepted", "complaint.classified", "case.command", "case.event", "unit.orders"):
        assert any(TRACE.items() <= dict(m.headers() or ()).items() for m in everything.messages if m.topic().startswith(topic)), topic


def test_a_cases_events_count_from_one_without_a_gap(everything):
    numbers = {}
    for event in everything.of("case.event"):
        numbers.setdefault(event["case"], []).append(event["seq"])
    assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in numbers.values())


def test_every_dead_letter_says_why(everything):
    assert everything.dead()
    for message in everything.dead():
        headers = dict(message.headers() or [])
        for name in ("x-error-code", "x-error-stage", "x-error-text", "x-original-topic", "x-original-partition",
                     "x-original-offset", "x-first-failed-at"):
            assert headers.get(name), (message.topic(), name)


def test_units_learn_what_was_accepted_and_the_desks_order_ends(everything):
    (closed,) = everything.of(f"unit.{DESK}.orders", kind="closed")
    accepted = [o for o in everything.of("unit.", kind="accepted", case=closed["case"]) if o["unit"] != DESK]
    stages = {o["stage"]: {c["clock"]: c.get("paused") for c in o["clocks"]} for o in accepted}
    assert list(stages) == ["SIGNED", "CONTACTED", "SUBMITTED"]
    assert all("sign" not in clocks for clocks in stages.values()) and stages["SUBMITTED"] == {"handle": "submitted"}
    (review,) = everything.of(f"unit.{DESK}.orders", kind="review", case=closed["case"])
    assert closed["order"] == review["order"] and closed["actions"] == ["reopen"]
