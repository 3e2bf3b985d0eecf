"""The whistle 吹哨报到 on the real stack: a street whistles for a case with the chuishao tool, one unit comes in time, one does not and is
told so within the minute, one disputes; only the street ends it, both sides score, and the board says every rate with what it is of."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from datetime import datetime, timedelta, timezone

import pytest

from conftest import System
from kafka_log import wait_until
from stack import ROOT, Stack

sys.path.insert(0, os.path.join(ROOT, "tests", "schemas"))
from test_schemas import errors_of  # noqa: E402

CHINA = timezone(timedelta(hours=8))
STREET, PLACE = "street-lugang", "329901001001e02"  # 听潮名苑


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A stack of its own whose policy gives an emergency one minute to check in."""
    folder = tmp_path_factory.mktemp("whistle")
    policy = folder / "policy"
    shutil.copytree(os.path.join(ROOT, "policy"), policy)
    rules = json.loads((policy / "whistle.json").read_text(encoding="utf-8"))
    rules["types"]["emergency"].update(check_in={"amount": 1, "unit": "minute"}, rungs=[50, 100], high=1)
    (policy / "whistle.json").write_text(json.dumps(rules), encoding="utf-8")
    with Stack(f"whistle-{os.getpid()}", run_dir=str(folder / "run"), policy=str(policy), keep=False) as stack:
        system = System(stack)
        yield system
        system.whole.close()


def chuishao(stack, *words):
    return subprocess.run([os.path.join(stack.build_dir, "bin", "chuishao"), *words, "--brokers", stack.kafka, "--policy",
                           stack.policy], capture_output=True, text=True, timeout=60, check=False)


def now():
    return datetime.now(CHINA).isoformat(timespec="seconds")


def act(system, order, action, **fields):
    system.act(order["queue"], {"id": uuid.uuid4().hex, "case": order["case"], "order": order["order"], "action": action,
                                "at": fields.pop("at", now()), "by": "s-1", "unit": order["unit"], **fields})


def of_unit(system, whistle, kind, unit, seconds=30):
    record = system.find("case.event.v1", lambda r: r.key.decode() == whistle and json.loads(r.value)["kind"] == kind
                         and json.loads(r.value)["new"].get("unit") == unit, seconds)
    return json.loads(record.value)


def instant(text):
    return datetime.fromisoformat(text)


def obeys_the_schemas(system, w):
    """All that was written about this whistle, by an independent validator."""
    schemas = {"case.event.v1": "whistle.event", "case.command.v1": "whistle.command", "case.state.v1": "whistle.state",
               "audit.v1": "audit"}
    seen = set()
    for topic, records in system.whole.follower.records.items():
        for record in records:
            name = schemas.get(topic) or ("unit.order" if ".orders." in topic else None)
            message = json.loads(record.value) if name and record.value else {}
            if w in (message.get("case"), (record.key or b"").decode()):
                seen.add(name)
                assert errors_of(name, message) == [], f"{topic}: {message}"
    return seen


def open_case(system, **more):
    number = "burst-" + uuid.uuid4().hex[:12]
    system.publish({"id": number, "channel": "phone", "reported_at": now(), "place": {"estate": "听潮名苑"},
                    "text": "3号楼的楼道堆满杂物，物业一直没有清理。", **more})
    return system.event("opened", number)["case"]


def whistle(system, case, number):
    done = chuishao(system.stack, "act", "--unit", STREET, "--action", "whistle", "--id", number, "--at", now(), "--by", "s-9",
                    "--field", "type=emergency", "--field", f"place={PLACE}", "--field", f"cases={case}",
                    "--field", "text=主管爆裂，请到场，联系人电话13912345678",
                    "--field", 'summon=[{"unit":"zhujian","must":true},{"unit":"paishui","must":true},{"unit":"gongan","must":false}]')
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_a_street_whistles_and_every_unit_is_accounted_for(town):
    system = town
    case, number = open_case(system), "w-" + uuid.uuid4().hex[:12]
    w = whistle(system, case, number)
    issued = system.event("whistle_issued", case=w)
    assert issued["seq"] == 1 and issued["actor"] == {"unit": STREET, "by": "s-9"}
    assert "13912345678" not in json.dumps(issued), "intake masks what the street writes"
    assert system.event("whistle_linked", case=case)["new"]["whistle"] == w

    # The same action once more is the same whistle.
    assert whistle(system, case, number) == w
    assert system.order(STREET, w, "refused")["rule"] == "already_done"

    # Who comes says where; the time is ours, not its own.
    summons = system.order("zhujian", w, "whistle")
    assert summons["role"] == "must" and summons["actions"] == ["check_in", "absent_reason"] and summons["cases"] == [case]
    act(system, summons, "dispute", reason="不属市政管网")
    assert system.order("zhujian", w, "refused")["rule"] == "check_in_first"
    act(system, summons, "check_in", where="听潮名苑北门", at="2020-01-01T08:00:00+08:00")
    came = of_unit(system, w, "whistle_checked_in", "zhujian")
    assert came["new"]["late"] is False and came["new"]["claimed_at"].startswith("2020-01-01T08:00:00")
    assert instant(came["at"]) < instant(came["new"]["due"])
    act(system, summons, "dispute", reason="不属市政管网")
    asked = system.order("wutong", w, "dispute")
    act(system, asked, "keep", note="管网在小区红线外")
    assert system.order("zhujian", w, "kept")["why"]["note"] == "管网在小区红线外"

    # Who does not come is absent in the same minute, before three desks.
    missed = system.order("paishui", w, "whistle")
    absent = of_unit(system, w, "whistle_absent", "paishui", seconds=90)
    late = instant(absent["at"]) - instant(absent["new"]["due"])
    assert timedelta(0) <= late < timedelta(seconds=60)
    assert system.order("paishui", w, "absent") and system.order("shuiwu", w, "absent")["role"] == "supervisor"
    assert system.order(STREET, w, "absent")["role"] == "issuer"
    act(system, missed, "check_in", where="听潮名苑东门")
    assert of_unit(system, w, "whistle_checked_in", "paishui")["new"]["late"] is True

    # Only the street ends it; then both sides score.
    act(system, missed, "finish")
    assert system.order("paishui", w, "refused")["rule"] == "not_the_issuer"
    own = system.order(STREET, w, "whistle")
    act(system, own, "finish", note="水已止住")
    system.event("whistle_finished", case=w)
    system.event("whistle_finished", case=case)
    act(system, own, "score", to="zhujian", score=5, reason="到场及时")
    act(system, summons, "score", score=4, reason="组织有序")
    of_unit(system, w, "whistle_scored", "zhujian")
    of_unit(system, w, "whistle_scored", STREET)

    events = [json.loads(r.value) for r in system.whole.follower.records["case.event.v1"] if r.key.decode() == w]
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1)), "no gap, nothing twice"
    story = chuishao(system.stack, "case", w)
    assert story.returncode == 0, story.stderr
    for word in ("吹哨", "报到", "缺席", "异议驳回", "哨单事毕", "互评"):
        assert word in story.stdout, story.stdout

    def on_the_board():
        rows = json.loads(system.stack.get("board-0", "/api/whistles")[1])
        units = {(u["unit"], u["role"]): u for u in rows["units"]}
        streets = {(s["unit"], s["type"]): s for s in rows["streets"]}
        if ("zhujian", "must") not in units or not units["zhujian", "must"]["score"]["of"]:
            return None
        return units, streets
    wait_until(on_the_board, 30, lambda: "the whistle on the board")
    units, streets = on_the_board()
    assert units["zhujian", "must"]["on_time"] == {"n": 1, "of": 1}
    assert units["paishui", "must"]["on_time"] == {"n": 0, "of": 1} and units["paishui", "must"]["late"] == {"n": 1, "of": 1}
    assert units["gongan", "assist"]["no_show"] == {"n": 1, "of": 1}
    assert streets[STREET, "emergency"]["closed"] == {"n": 1, "of": 1} and "warning" not in streets[STREET, "emergency"]
    summary = json.loads(system.stack.get("board-0", "/api/summary")[1])
    assert summary["gaps"] == 0
    assert obeys_the_schemas(system, w) >= {"whistle.event", "whistle.command", "whistle.state", "audit", "unit.order"}


def test_the_accused_of_a_linked_case_never_hears_of_the_whistle(town):
    system = town
    case = open_case(system, about={"unit": "zhujian"})
    w = whistle(system, case, "w-" + uuid.uuid4().hex[:12])
    released = of_unit(system, w, "whistle_released", "zhujian")
    assert released["why"] == {"reason": "unit_accused"} and released["actor"] == {"service": "casework"}
    assert system.order(STREET, w, "withdraw")["why"] == {"unit": "zhujian", "reason": "unit_accused"}
    assert system.order("paishui", w, "whistle")["role"] == "must"
    act(system, system.order(STREET, w, "whistle"), "finish", note="演练结束")
    system.event("whistle_finished", case=w)
    assert system.order("gongan", w, "closed")
    told = [json.loads(r.value) for r in system.whole.follower.records["unit.zhujian.orders.v1"]]
    assert w not in [order["case"] for order in told]
    assert obeys_the_schemas(system, w) >= {"whistle.event", "whistle.command", "whistle.state", "unit.order"}


def test_a_department_may_not_whistle(town):
    system = town
    number = "w-" + uuid.uuid4().hex[:12]
    system.producer.produce("unit.zhujian.actions.v1", value=json.dumps({
        "id": number, "action": "whistle", "at": now(), "by": "s-2", "type": "emergency", "place": PLACE, "text": "爆管",
        "summon": [{"unit": "gongan", "must": True}]}).encode())
    system.producer.flush(20)
    refused = system.find("unit.zhujian.orders.v1", lambda r: json.loads(r.value).get("action_id") == number)
    assert json.loads(refused.value)["rule"] == "not_a_street"
    audit = system.find("audit.v1", lambda r: json.loads(r.value).get("rule") == "not_a_street")
    assert json.loads(audit.value)["case"] == json.loads(refused.value)["case"]
