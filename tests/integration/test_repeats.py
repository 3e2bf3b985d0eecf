"""Who complains again is heard once: the same person in other words, a case that is named; and never by whom it complains about."""

import json
import uuid
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
WAGES = "我在工地做木工，劳务公司拖欠工资三个月一共两万多，老板电话不接，请帮我把工资要回来"
WAGES_AGAIN = "市民反映：劳务公司拖欠其工资三个月，本人在工地做木工，现老板电话不接，希望帮忙要回来"


def say(system, text, phone=None, when=None, **fields):
    number = "repeat-" + uuid.uuid4().hex[:12]
    message = {"id": number, "channel": "phone", "text": text,
               "reported_at": (when or datetime.now(CHINA)).isoformat(timespec="milliseconds"), **fields}
    if phone:
        message["reporter"] = {"phone": phone, "kind": "self"}
    system.publish(message)
    return number


def route_of(system, case):
    record = system.find("case.command.v1", lambda r: r.key.decode() == case and json.loads(r.value)["command"] == "open")
    return json.loads(record.value)["route"]


def test_one_persons_two_calls_without_a_place_meet(system):
    first = system.event("dispatched", say(system, WAGES, "13900007101"))
    asked = system.event("merge_requested", say(system, WAGES_AGAIN, "13900007101", channel="wechat"))
    assert asked["new"]["master"] == first["case"] and asked["why"]["evidence"] == "same_person"
    assert 0.45 <= asked["why"]["similarity"] < 0.60, asked["why"]  # strangers would have to say it more alike
    assert system.event("merged", case=asked["case"])["new"]["master"] == first["case"]
    assert system.event("dispatched", say(system, WAGES_AGAIN, "13900007102"))["case"] != first["case"]


def test_a_case_that_is_named_is_asked_wherever_it_is(system):
    day = datetime.now(CHINA) - timedelta(days=2)
    number = say(system, "织锦一村的香樟树多年没修剪，树枝伸进窗户", when=day)
    case = system.event("dispatched", number)["case"]
    for fields in ({"text": f"还是没人来，工单{case}的事到底管不管"}, {"text": "再催一次", "upper_id": case},
                   {"text": "再催一次", "upper_id": number, "upper_reported_at": day.isoformat(timespec="milliseconds")}):
        asked = system.event("merge_requested", say(system, **fields))
        assert asked["why"]["evidence"] == "cited" and "similarity" not in asked["why"]
        assert system.event("merged", case=asked["case"])["new"]["master"] == case
    asked = system.event("merge_requested", say(system, "再催一次", upper_id="n20200101-7k3mxq9v2ztb4hfw"))
    assert system.event("merge_refused", case=asked["case"])["why"]["reason"] == "no_such_case"
    assert system.event("needs_human", case=asked["case"])["why"]["reason"] == "no_category"  # not no_owner


def test_a_named_case_does_not_take_what_accuses_its_unit(system):
    first = system.event("dispatched", say(system, "听潮名苑5号楼楼道半个月没人打扫，烟头到处都是", place={"estate": "听潮名苑"}))
    assert first["new"]["unit"] == "pm-jiahe"
    asked = system.event("merge_requested", say(system, "嘉禾邻里物业收了钱不打扫楼道，还骂人", place={"estate": "听潮名苑"},
                                                about={"unit": "嘉禾邻里物业"}, upper_id=first["case"]))
    assert system.event("merge_refused", case=asked["case"])["why"]["reason"] == "unit_accused"
    route = route_of(system, asked["case"])
    assert route["accused"] == "pm-jiahe" and route.get("lead") != "pm-jiahe"
    system.find("case.event.v1", lambda r: r.key.decode() == asked["case"] and json.loads(r.value)["kind"] in ("dispatched", "needs_human"))
    assert all(json.loads(r.value)["case"] != asked["case"] for r in system.whole.of("unit.pm-jiahe.orders"))


def test_the_grids_team_is_first(system):
    number = say(system, "染坊弄小区4号楼道堆物严重，旧沙发、纸箱堆到二楼半，老人走路都得侧身", place={"estate": "染坊弄小区"})
    event = system.event("dispatched", number)
    assert (event["new"]["unit"], event["why"]["rule"], event["why"]["runner_up_rule"]) == ("wg-zhijin2", "D020105-g", "D020105-2")
    assert system.order("street-qingtong", event["case"], "dispatch")["unit"] == "wg-zhijin2"
    route = route_of(system, event["case"])
    opened = json.loads(system.find("case.command.v1", lambda r: r.key.decode() == event["case"]).value)
    assert route["as_of"] == opened["complaint"]["reported_at"]
    told = system.stack.run("explain", event["case"]).stdout.decode()
    assert "D020105-g" in told and "归属按" in told
