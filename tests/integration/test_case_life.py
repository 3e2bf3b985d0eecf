"""The life of a case on the real stack: JSON in, orders, events and resolutions out, as publishers and units see them."""

import csv
import itertools
import json
import os
import shutil

import pytest

from case_checks import check_cases
from checker import Problems
from conftest import System
from infra import ROOT
from matter import DESK, DISTRICT, PHOTO, SUBMIT, complain, opened_before, time_of
from stack import Stack

LIFT = "3号楼电梯停运两天，老人上下楼困难"
RETURN = {"reason_code": "unclear_ownership", "reason": "设施产权不属于我单位", "evidence": ["https://files.example.org/deed.pdf"]}
EXTENSION = {"reason_code": "third_party", "reason": "须等待厂家供货，配件尚在途中"}


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """A system of its own: its policy gives publishers a link to call back."""
    folder = tmp_path_factory.mktemp("life")
    policy = os.path.join(folder, "policy")
    shutil.copytree(os.path.join(ROOT, "policy"), policy)
    path = os.path.join(policy, "handling.json")
    with open(path, encoding="utf-8") as f:
        handling = json.load(f)
    handling["callback"] = "https://hotline.example.org/cases/{case}/answer"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(handling, f)
    with Stack(f"life-{os.getpid()}", run_dir=os.path.join(folder, "run"), policy=policy) as stack:
        system = System(stack)
        yield system
        system.whole.close()
    for name in os.listdir(os.path.join(folder, "run", "logs")):
        with open(os.path.join(folder, "run", "logs", name), encoding="utf-8", errors="replace") as f:
            text = f.read()
        assert "Sanitizer" not in text and "runtime error" not in text, f"{name}: {text[-2000:]}"


def estates(policy):
    """The estates with a property firm: (name, firm, code of the street's place)."""
    with open(os.path.join(policy, "places.csv"), encoding="utf-8-sig", newline="") as f:
        return [(row["name"], row["property"], row["code"][:9]) for row in csv.DictReader(f)
                if row["type"] == "estate" and row["property"] not in ("", "none")]


STREETS = {"329901001": "street-lugang", "329901002": "street-qingtong", "329901003": "street-liutang", "329901004": "town-dongbu"}
places = iter(estates(os.path.join(ROOT, "policy")))
phones = (f"139{n:08}" for n in itertools.count(1))


@pytest.fixture
def place():
    """(estate, firm, street) that no other test uses: what is complained about there is a matter of its own."""
    name, firm, code = next(places)
    return name, firm, STREETS[code]


@pytest.fixture
def lift(life, place):
    """A lift that does not run: with the estate's property firm, which is matter.lead."""
    name, firm, street = place
    matter = complain(life, LIFT, phone=next(phones), place={"estate": name})
    matter.lead, matter.street = firm, street
    matter.order(firm, "dispatch")
    return matter


def clock_of(message, name):
    return next((c for c in message["clocks"] if c["clock"] == name), None)


def proved(matter, clock):
    """The due time that `chuishao calendar why` ends with for the lead's clock."""
    lines = matter.system.stack.run("calendar", "why", "--case", matter.case, "--output", "json").stdout.decode().splitlines()
    return next(c for c in map(json.loads, lines) if (c["clock"], c["task"]) == (clock, 1))["due"]


def proof(matter):
    """The same in words."""
    return matter.system.stack.run("calendar", "why", "--case", matter.case).stdout.decode()


# -- requests ----------------------------------------------------------------------------------------------------------

def test_an_extension_moves_the_due_time_once_and_the_publisher_hears_of_it(lift):
    due = clock_of(lift.order(lift.lead, "dispatch"), "handle")["due"]
    assert lift.refused(lift.lead, "request_extension", amount=40, **EXTENSION) == "bad_amount"
    assert lift.refused(lift.lead, "request_extension", amount=20, **dict(EXTENSION, reason_code="lazy")) == "unknown_reason"
    lift.act(lift.lead, "request_extension", amount=20, **EXTENSION)
    assert lift.refused(lift.lead, "request_suspension", reason_code="awaiting_funds", reason=EXTENSION["reason"],
                        until=time_of(86400)) == "request_pending"
    # More than half of the budget is too much for the desk.
    asked = lift.order(DISTRICT, "extension_request")
    assert asked["role"] == "supervisor" and asked["why"]["amount"] == 20 and asked["why"]["unit"] == lift.lead
    assert lift.refused(DESK, "grant") == "not_the_approver"
    extended = lift.act(DISTRICT, "grant", note="同意延期，请告知诉求人")
    assert extended["kind"] == "extended" and extended["new"]["old_due"] == due < extended["new"]["due"]
    assert lift.order(lift.lead, "granted")["why"]["until"] == extended["new"]["due"]
    assert proved(lift, "handle") == extended["new"]["due"] and "其中同意延期 20 小时" in proof(lift)
    told = lift.resolution()
    assert (told["outcome"], told["final"], told["until"]) == ("extended", False, extended["new"]["due"])
    assert told["result"] == "同意延期，请告知诉求人" and "callback" not in told
    assert lift.refused(lift.lead, "request_extension", amount=1, **EXTENSION) == "extended_already"


def test_a_suspended_case_stands_until_somebody_resumes_it(lift):
    lift.act(lift.lead, "sign")
    why = {"reason_code": "awaiting_funds", "reason": "维修资金尚在业主表决，暂无法更换主机"}
    assert lift.refused(lift.lead, "request_suspension", until=time_of(31 * 86400), **why) == "bad_date"
    until = time_of(20 * 86400)
    lift.act(lift.lead, "request_suspension", until=until, **why)
    suspended = lift.act(DESK, "grant", note="同意挂账")
    assert suspended["new"]["stage"] == "SUSPENDED" and suspended["new"]["until"] == until
    assert {c["clock"]: c.get("paused") for c in suspended["new"]["clocks"]}["handle"] == "suspended"
    told = lift.resolution()
    assert (told["outcome"], told["final"], told["until"]) == ("suspended", False, until)
    assert lift.refused(lift.lead, "submit", **SUBMIT) == "wrong_stage"
    resumed = lift.act(DESK, "resume", note="资金已到位")
    assert resumed["new"]["stage"] == "SIGNED" and clock_of(resumed["new"], "handle")["due"] == proved(lift, "handle")
    assert "(挂账中),不计\n顺延至 " in proof(lift)
    lift.finish(lift.lead)
    closed = lift.resolution(2)
    assert closed["final"] and closed["paused_seconds"]["suspended"] >= 0


def test_at_its_review_date_a_suspended_case_is_worked_on_again(life):
    matter = opened_before(life, 90)
    why = {"reason_code": "awaiting_funds", "reason": "维修资金尚在业主表决"}
    matter.acted_before(63, "pm-jiahe", "request_suspension", until=time_of(4), **why)
    matter.acted_before(62, DESK, "grant")
    resumed = matter.event("resumed")
    assert resumed["actor"] == {"service": "sla"} and resumed["why"]["reason"] == "review_date"
    assert matter.order("pm-jiahe", "resumed")["why"]["reason"] == "review_date"


def test_a_request_that_nobody_decides_is_refused(life):
    matter = opened_before(life, 9 * 86400, then=[(9 * 86400 - 60, "pm-jiahe", "request_return", RETURN)])
    refused = matter.event("return_refused")
    assert refused["actor"] == {"service": "sla"} and refused["why"]["reason"] == "no_decision"
    assert matter.order("pm-jiahe", "request_refused")["why"]["reason"] == "no_decision"
    assert matter.refused("pm-jiahe", "request_return", **RETURN) == "return_late"


# -- whose matter it is ------------------------------------------------------------------------------------------------

def test_the_second_return_is_ruled_on_and_the_ruling_is_final(lift):
    assert lift.refused(lift.lead, "request_return", **dict(RETURN, evidence=[])) == "needs_evidence"
    lift.act(lift.lead, "request_return", proposed_unit="zhujian", **RETURN)
    lift.act(lift.lead, "sign")  # until the desk decides the first unit stays owner
    assert lift.refused(lift.lead, "submit", **SUBMIT) == "wrong_stage"
    asked = lift.order(DESK, "return_request")
    assert asked["why"]["proposed_unit"] == "zhujian" and asked["why"]["reason_code"] == RETURN["reason_code"]
    assert lift.act(DESK, "refuse", note="电梯属物业维护范围")["new"]["stage"] == "SIGNED"
    assert lift.act(lift.lead, "request_return", **RETURN)["kind"] == "disputed"
    assert lift.stage() == "DISPUTED" and lift.order(DESK, "adjudicate")["why"]["unit"] == lift.lead
    assert lift.refused(DESK, "dispatch", to="zhujian") == "wrong_stage"
    assert lift.refused(DISTRICT, "rule", to="shijian", basis="特种设备安全法") == "needs_attendees"
    ruled = lift.act(DISTRICT, "rule", to="shijian", attendees=["区督查室", "区市监局"], basis="特种设备安全法第四十五条")
    assert ruled["kind"] == "ruled" and ruled["why"]["basis"] == "特种设备安全法第四十五条"
    assert lift.order("shijian", "dispatch")["order"] == lift.case + ".3"
    assert lift.order("shijian", "withdraw")["why"]["reason"] == "leads_now"
    assert lift.order(lift.lead, "withdraw")["order"] == lift.case + ".1"
    assert lift.refused("shijian", "request_return", 3, **RETURN) == "no_return"
    assert lift.refused(lift.lead, "submit", **SUBMIT) in ("not_your_case", "old_order")


def test_a_meeting_names_the_owner_and_binds(lift):
    tomorrow = time_of(86400)
    called = lift.act(lift.street, "convene", agenda="电梯停运的责任划分与维修资金", parties=[lift.lead, "zhujian"], until=tomorrow)
    assert called["kind"] == "convened" and called["new"]["parties"] == [lift.lead, "zhujian"]
    assert lift.order("zhujian", "meeting")["why"]["agenda"] == called["new"]["agenda"]
    decision = {"to": "zhujian", "decision": "由住建局牵头应急维修，资金从维修基金列支", "attendees": ["街道办", "住建局"], "basis": "联席会议纪要第3号"}
    assert lift.refused("zhujian", "decide", **decision) in ("not_the_convener", "not_the_desk", "not_your_case")
    assert lift.refused(DESK, "convene", agenda="再议一次", parties=["zhujian"], until=tomorrow) == "meeting_open"
    decided = lift.act(lift.street, "decide", **decision)
    assert decided["kind"] == "decided" and decided["why"]["decision"] == decision["decision"]
    for unit in (lift.lead, "zhujian"):
        assert lift.order(unit, "decided")["why"]["basis"] == decision["basis"]
    task = int(lift.order("zhujian", "dispatch")["order"].rpartition(".")[2])
    assert lift.refused("zhujian", "request_return", task, **RETURN) == "no_return"


# -- proof, redo, reopening --------------------------------------------------------------------------------------------

def test_steps_and_the_mandatory_assist_come_before_the_result(life, place):
    burst = complain(life, f"{place[0]}北门外自来水管道爆管，路面大量冒水", place={"estate": place[0]}, phone=next(phones))
    dispatched = burst.event("dispatched")
    assert dispatched["new"]["sla"] == "water-burst" and burst.order("jiaojing", "assist")["order"] == burst.case + ".2"
    assert clock_of(burst.order("jiaojing", "assist"), "handle")["due"]
    step = clock_of(burst.order("gongshui", "dispatch"), "step")
    assert (step["step"], step["title"]) == ("enclose", "围护")
    assert burst.refused("gongshui", "submit", **SUBMIT) == "assist_open"
    assert burst.refused("gongshui", "complete_step", step="repair", photos=PHOTO, result="已换管") == "not_this_step"
    assert burst.refused("gongshui", "complete_step", step="enclose") == "needs_photo"
    burst.act("gongshui", "complete_step", step="enclose", photos=PHOTO)
    burst.act("jiaojing", "submit", 2, result="交通疏导完毕，恢复通行")
    assert burst.order("gongshui", "assist_done")["why"]["unit"] == "jiaojing"
    assert burst.refused("gongshui", "submit", **SUBMIT) == "step_open"
    for step in ("repair", "restore"):
        done = burst.act("gongshui", "complete_step", step=step, photos=PHOTO, result="更换DN300主管六米")
        assert done["new"]["step"] == step
        running = clock_of(done["new"], "step")
        assert running is None if step == "restore" else running["step"] == "restore"
    burst.finish("gongshui")
    assert [o["kind"] for o in burst.orders("jiaojing")][-1] == "closed"


def test_who_is_not_content_gets_it_done_again_signed_by_the_head(lift):
    lift.act(lift.lead, "submit", **SUBMIT)
    assert lift.order(DESK, "review")["actions"] == ["approve", "redo", "follow_up"]
    assert lift.refused(DESK, "follow_up", valid=True, solved=False) == "needs_rating"
    lift.act(DESK, "follow_up", valid=True, solved=False, rating="unsatisfied", note="仍然停运")
    redo = lift.event("redo")
    assert redo["new"]["redo"] == 1 and clock_of(redo["new"], "handle")["due"]
    assert "redo" in [o["kind"] for o in lift.orders(lift.lead)] and not lift.resolutions()
    assert lift.refused(lift.lead, "submit", **SUBMIT) == "needs_head"
    lift.finish(lift.lead, head="王经理")
    told = lift.resolution()
    assert (told["outcome"], told["final"], told["unit"]) == ("resolved", True, lift.lead)
    assert told["unit_name"].endswith("有限公司") and set(told["used"]) == {"sign", "contact", "handle"}
    assert told["callback"] == f"https://hotline.example.org/cases/{lift.case}/answer"
    assert told["result"] == SUBMIT["result"]


def test_a_repeat_complaint_reopens_what_was_closed(life, lift, place):
    lift.finish(lift.lead)
    again = complain(life, LIFT, phone=next(phones), place={"estate": place[0]})
    assert again.event("merged")["new"]["master"] == lift.case
    reopened = lift.event("reopened")
    assert reopened["new"]["reopened"] == 1 and reopened["new"]["stage"] == "HANDLING"
    assert lift.event("member_added")["new"]["member"] == again.case
    assert lift.order(lift.street, "escalate")  # the firm's superior knows
    lift.finish(lift.lead, head="王经理")
    assert [r["final"] for r in (lift.resolution(1), lift.resolution(2))] == [True, True]
    told = again.resolution()
    assert (told["outcome"], told["master"]) == ("merged_resolved", lift.case) and told["callback"].endswith(f"{again.case}/answer")


# -- several complaints about one matter -------------------------------------------------------------------------------

def test_five_reporters_are_an_alarm_and_each_gets_the_result_but_who_was_unmerged(life, lift, place):
    others = []
    for _ in range(4):
        others.append(complain(life, LIFT, phone=next(phones), place={"estate": place[0]}))
        others[-1].event("merged")
    alarm = lift.event("cluster_alarm")
    assert alarm["new"]["members"] == 4 and lift.order(DESK, "cluster")["kind"] == "cluster"
    apart = others.pop()
    apart.act(DESK, "unmerge", note="是另一部电梯")
    assert lift.event("member_removed")["new"]["member"] == apart.case
    assert apart.order(lift.lead, "dispatch")["order"] == apart.case + ".1"
    lift.finish(lift.lead)
    for other in others:
        assert other.resolution()["outcome"] == "merged_resolved"
    assert len(lift.events("cluster_alarm")) == 1 and not apart.resolutions() and apart.stage() == "DISPATCHED"


# -- emergency lines ---------------------------------------------------------------------------------------------------

def test_a_transfer_waits_for_the_lines_word(life, place):
    fire = complain(life, f"{place[0]}车棚着火了，浓烟滚滚", place={"estate": place[0]}, phone=next(phones))
    order = fire.order(DESK, "transfer")
    assert order["why"]["line"] == "119" and order["actions"] == ["acknowledge"] and clock_of(order, "transfer_ack")["due"]
    told = fire.resolution()
    assert (told["outcome"], told["line"], told["final"]) == ("transferred", "119", True)
    fire.act(DESK, "acknowledge", note="119指挥中心已接警")
    assert fire.order(DESK, "closed")["order"] == order["order"] and not fire.events("alarm")


def test_a_line_that_says_nothing_for_a_minute_is_an_alarm(life):
    fire = opened_before(life, 58, "transfer", line="119", reason="emergency_line")
    alarm = fire.event("alarm")
    assert alarm["actor"] == {"service": "sla"} and alarm["new"]["clock"] == "transfer_ack"
    assert fire.order(DESK, "alarm") and fire.order(DISTRICT, "alarm")
    fire.act(DESK, "acknowledge")
    assert fire.order(DESK, "closed")


def test_after_all_that_nothing_is_left_over_or_told_twice(life):
    life.whole.wait_level()
    problems = Problems()
    life.whole.check_lives(problems)
    assert not problems, str(problems)


@pytest.mark.parametrize("kind, spoil", [
    ("resolutions", lambda e, o, r: r.pop()),
    ("resolutions", lambda e, o, r: r.append(r[-1])),
    ("begun twice", lambda e, o, r: o.append(next(x for x in o if x["kind"] == "dispatch"))),
    ("ended what is not open", lambda e, o, r: o.append(next(x for x in o if x["kind"] == "withdraw"))),
    ("order without end", lambda e, o, r: o.remove(next(x for x in o if x["kind"] == "closed" and x["role"] == "assist"))),
    ("member", lambda e, o, r: e.remove(next(x for x in e if x["kind"] == "member_added"))),
])
def test_the_checker_sees_what_is_lost_or_doubled(life, kind, spoil):
    """Runs after the others of this file: their cases are what is spoilt."""
    events, orders, resolutions = life.whole.events(), life.whole.orders(), life.whole.resolutions()
    spoil(events, orders, resolutions)
    problems = Problems()
    check_cases(events, orders, resolutions, problems)
    assert kind in problems.kinds()
