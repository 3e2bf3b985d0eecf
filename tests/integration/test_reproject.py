"""A changed calendar and a changed SLA class: casework is restarted with them, and every open clock is derived again."""

import json
import os
import shutil

import pytest

from conftest import System
from infra import ROOT
from matter import complain, opened_before
from stack import Stack


@pytest.fixture
def system(tmp_path):
    policy = tmp_path / "policy"
    shutil.copytree(os.path.join(ROOT, "policy"), policy)
    with Stack(f"reproject-{os.getpid()}", run_dir=str(tmp_path / "run"), policy=str(policy)) as stack:
        found = System(stack)
        yield found
        found.whole.close()


def change(path, edit):
    with open(path, encoding="utf-8") as f:
        document = json.load(f)
    edit(document)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(document, f, ensure_ascii=False)


def reproject(system):
    system.stack.stop_one("casework-0")
    system.stack.release("casework-0")
    system.stack.wait_ready(60)
    return json.loads(system.stack.run("reproject", "--output", "json").stdout)["cases"]


def due(message, clock):
    return next(c["due"] for c in message["clocks"] if c["clock"] == clock)


def make_holiday(policy, day):
    """day: YYYY-MM-DD, from now on a holiday."""
    def edit(calendar):
        calendar["days"] = [d for d in calendar["days"] if d["date"] != day] + [{"name": "临时放假", "date": day, "isOffDay": True}]
        calendar["days"].sort(key=lambda d: d["date"])
    change(os.path.join(policy, "calendar", day[:4] + ".json"), edit)


def test_every_open_clock_is_derived_again_and_twice_changes_nothing(system):
    hours = complain(system, "3号楼电梯停运两天，老人上下楼困难", place={"estate": "听潮名苑"})
    days = complain(system, "生活垃圾没人清，垃圾成堆", place={"estate": "柳塘北苑"})
    over = opened_before(system, 60)
    over.acted_before(50, "pm-jiahe", "submit", result="曳引机轴承已更换", contact_record="已回电", photos=["https://files.example.org/1.jpg"])
    over.acted_before(40, "hotline", "follow_up", valid=True, solved=True, rating="satisfied")
    over.event("closed")
    hours_due = due(hours.event("dispatched")["new"], "handle")
    days_due = due(days.event("dispatched")["new"], "handle")

    change(os.path.join(system.stack.policy, "sla.json"),
           lambda d: d["classes"]["E2"].update(handle={"amount": 30, "unit": "hour"}))
    make_holiday(system.stack.policy, days_due[:10])
    assert reproject(system) == 2  # what is closed has no clock

    moved = hours.event("reprojected")
    assert moved["new"]["clock"] == "handle" and moved["new"]["old_due"] == hours_due < moved["new"]["due"]
    assert moved["why"]["old_policy"] != moved["why"]["policy"] and moved["actor"] == {"service": "casework"}
    told = hours.order("pm-jiahe", "due_changed")
    assert told["why"]["due"] == moved["new"]["due"] == due(told, "handle")
    days.event("reprojected")
    system.whole.wait_level()
    later = {e["new"]["clock"]: e["new"] for e in days.events("reprojected")}
    assert later["handle"]["old_due"] == days_due and later["handle"]["due"][:10] > days_due[:10]
    assert not over.events("reprojected")

    before = len(system.whole.of("case.event"))
    assert reproject(system) == 2
    system.whole.wait_level()
    assert sum(b'"reproject"' in r.value for r in system.whole.of("case.command")) == 4
    assert len(system.whole.of("case.event")) == before
