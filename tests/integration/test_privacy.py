"""Names, phones and id numbers of residents are nowhere but in what the publisher sent (and, sealed, in identity)."""

import json
import os
import random
import re
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
import redis as redis_client

from kafka_log import read_all, topic_names, wait_until

N = 200
CHINA = timezone(timedelta(hours=8))
SURNAMES = "欧阳 上官 司徒 诸葛 闻人 南宫 赫连 澹台 尉迟 濮阳 淳于 单于 太叔 申屠 公孙 仲孙 轩辕 令狐 钟离 宇文".split()
GIVEN = "骁霁旻翀彧翯赟旸昉玥瑄璟琤珩玘琰珺琪瑀珣"
MATTERS = ("楼道灯不亮已经一周", "门口垃圾堆了三天没人清", "电梯停在七楼没人修", "半夜工地打桩吵得睡不着", "井盖坏了差点绊倒老人")

# How people write a number; each must be found and hidden.
WRITTEN = (lambda p: p, lambda p: f"{p[:3]} {p[3:7]} {p[7:]}", lambda p: f"{p[:3]}-{p[3:7]}-{p[7:]}",
           lambda p: "".join(chr(ord(c) + 0xFEE0) for c in p))


def people(rng):
    found = {}
    while len(found) < N:
        name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, 2))
        phone = "1" + rng.choice("3578") + "".join(rng.choice("0123456789") for _ in range(9))
        found[name] = (phone, id_number(rng))
    return [(name, *rest) for name, rest in found.items()]


def id_number(rng):
    """Eighteen characters with a right check character, as a real one has."""
    born = f"{rng.randrange(1950, 2005)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
    body = f"{rng.choice(('329901', '329902', '320102'))}{born}{rng.randrange(1, 999):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights)) % 11]


def messages(folk, rng):
    for i, (name, phone, number) in enumerate(folk):
        written = WRITTEN[i % len(WRITTEN)](phone)
        tail = (f"我叫{name}，电话{written}，身份证号{number}。", f"联系人：{name}，{written}。身份证{number}",
                f"请回电{written}，{name}。证件{number}。")[i % 3]
        reporter = {"name": name, "phone": phone, "id_number": number, "kind": "self", "confidential": i % 4 == 0}
        yield {"id": f"privacy-{i}", "channel": "phone", "text": f"{MATTERS[i % len(MATTERS)]}。{tail}",
               "title": f"{name}反映：{MATTERS[i % len(MATTERS)]}", "reporter": reporter,
               "place": {"estate": ("云阶上院", "渔歌新村", "泊岸华庭", "汐月府二期")[i % 4], "address": f"3幢{i}室，{name}家，{phone}"},
               "reported_at": datetime.now(CHINA).isoformat(timespec="seconds")}


class Scan:
    """Looks for every planted word, also when it is written with gaps, dashes or wide digits."""

    def __init__(self, folk):
        self.words = {w for person in folk for w in person}
        self.pattern = re.compile("|".join(re.escape(w) for w in sorted(self.words)))
        self.found = {}

    def look(self, where, data):
        if not data:
            return
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        if "\\u" in text:
            text += re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m.group(1), 16)), text)
        wide = unicodedata.normalize("NFKC", text)
        for form in (text, wide, re.sub(r"[\s-]", "", wide)):
            hit = self.pattern.search(form)
            if hit:
                self.found.setdefault(where, hit.group())


@pytest.fixture
def scan(planted):
    return Scan(planted)


@pytest.fixture(scope="module")
def planted(system):
    rng = random.Random(12345)
    folk = people(rng)
    for message in messages(folk, rng):
        system.producer.produce("complaint.intake.v1", key=message["id"], value=json.dumps(message, ensure_ascii=False))
    system.producer.flush(30)

    def opened():
        system.whole.follower.poll(0.1)
        events = [json.loads(r.value) for r in system.whole.of("case.event")]
        return sum(1 for e in events if e["kind"] == "opened" and e["new"]["id"].startswith("privacy-")) >= N
    wait_until(opened, 60, "opened all cases")
    # Units write residents' names and numbers into their notes, as people do.
    events = [json.loads(r.value) for r in system.whole.of("case.event")]
    numbers = {e["case"]: e["new"]["id"] for e in events if e["kind"] == "opened"}
    chosen = [e for e in events if e["kind"] == "dispatched" and numbers[e["case"]].startswith("privacy-")]
    assert chosen
    for e in chosen:
        case, (name, phone, _) = e["case"], folk[int(numbers[e["case"]].rpartition("-")[2])]
        record = system.find("unit.orders.v1", lambda r, case=case: json.loads(r.value)["case"] == case
                             and json.loads(r.value)["kind"] == "dispatch")
        common = {"case": case, "order": case + ".1", "by": "s-1", "unit": e["new"]["unit"],
                  "at": datetime.now(CHINA).isoformat(timespec="seconds")}
        said = f"已致电诉求人{name}（电话{phone}）。"
        queue = json.loads(record.value)["queue"]
        system.act(queue, {"id": f"privacy-act-{case}", "action": "contact", "note": said, **common})
        # Every text that any action has, on one that takes them all.
        system.act(queue, {"id": f"privacy-all-{case}", "action": "complete_step", "step": "enclose", **common,
                           **dict.fromkeys(("note", "result", "contact_record", "reason", "agenda", "decision", "basis", "plan", "where",
                                            "text", "what"), said), "evidence": [said], "attendees": [said]})
    for e in chosen:
        system.find("case.command.v1", lambda r, case=e["case"]: r.key.decode() == case
                    and json.loads(r.value)["command"] == "action")
    wait_until(lambda: json.loads(system.stack.get("board", "/api/summary")[1]).get("lag") == 0, 20, "a level board")
    return folk


def test_the_scan_itself_finds_what_it_looks_for(system, scan):
    for record in read_all(system.stack.kafka, ["complaint.intake.v1"])["complaint.intake.v1"]:
        scan.look("intake", record.value)
    assert scan.found.pop("intake")


def test_no_topic_but_what_others_write_holds_a_planted_word(system, scan):
    """What comes from outside stays as it came: the publishers' topic and the units' actions."""
    topics = [t for t in topic_names(system.stack.kafka)
              if t != "complaint.intake.v1" and not re.fullmatch(r"unit\..*\.actions\.v1", t)]
    records = read_all(system.stack.kafka, topics)
    assert len(records["complaint.accepted.v1"]) >= N and len(records["complaint.identity.v1"]) >= N
    for topic, found in records.items():
        for r in found:
            if topic == "complaint.intake.v1.dlt":
                continue  # keeps what was refused, byte for byte
            scan.look(topic, r.key)
            scan.look(topic, r.value)
            for name, value in r.headers.items():
                scan.look(topic, name)
                scan.look(topic, value)
    assert not scan.found


def test_redis_holds_no_planted_word(system, scan):
    n = 0
    with redis_client.from_url(system.stack.redis) as redis:
        for key in redis.scan_iter(count=1000):
            scan.look(key.decode(), key)
            if redis.type(key) == b"hash":
                for field, value in redis.hgetall(key).items():
                    n += 1
                    scan.look(key.decode(), field)
                    scan.look(key.decode(), value)
            else:
                for member in redis.zrange(key, 0, -1):
                    scan.look(key.decode(), member)
    assert n >= N
    assert not scan.found


def test_no_log_no_database_and_no_page_holds_a_planted_word(system, scan):
    seen = 0
    for folder, folders, files in os.walk(system.stack.run_dir):
        if folder == system.stack.run_dir:
            folders[:] = [f for f in folders if f not in ("kafka", "redis")]
        for name in files:
            with open(os.path.join(folder, name), "rb") as f:
                scan.look(name, f.read())
            seen += 1
    assert seen >= 10
    for service in system.stack.services:
        scan.look(service, system.stack.get(service, "/metrics")[1])
    scan.look("page", system.stack.get("board", "/api/cases?limit=1000")[1])
    assert not scan.found
