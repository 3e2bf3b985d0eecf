"""Points accounts and recurring orders on the real stack: a redo costs the firm points, an appeal gives them back, and a
schedule opens its order at its minute, once."""

import json
import os
import shutil
import sqlite3
import subprocess
import uuid
from datetime import datetime, timedelta, timezone

import pytest

from conftest import System
from kafka_log import wait_until
from stack import ROOT, Stack

CHINA = timezone(timedelta(hours=8))
HEADER = "id,title,text,category,lead,assists,place,rule,workdays_only,catch_up,valid_from,valid_to\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A stack of its own whose policy has a patrol two minutes from now."""
    folder = tmp_path_factory.mktemp("town")
    policy = folder / "policy"
    shutil.copytree(os.path.join(ROOT, "policy"), policy)
    soon = datetime.now(CHINA) + timedelta(minutes=2)
    (policy / "schedules.csv").write_text(
        HEADER + f"patrol,联合巡查,逐项巡查并记录。,020105,street-lugang,xiaofang,329901001,daily@{soon:%H:%M},no,1,,\n",
        encoding="utf-8")
    with Stack(f"ledger-{os.getpid()}", run_dir=str(folder / "run"), policy=str(policy), schedules=True, keep=False) as stack:
        found = System(stack)
        yield found, soon
        found.whole.close()


def chuishao(stack, *words):
    return subprocess.run([os.path.join(stack.build_dir, "bin", "chuishao"), *words, "--brokers", stack.kafka, "--policy",
                           stack.policy], capture_output=True, text=True, timeout=60, check=False)


def act(system, order, action, **fields):
    at = datetime.now(CHINA).isoformat(timespec="seconds")
    system.act(order["queue"], {"id": uuid.uuid4().hex, "case": order["case"], "order": order["order"], "action": action,
                                "at": at, "by": "s-1", "unit": order["unit"], **fields})


def ledger_event(system, key, kind, seconds=30):
    record = system.find("case.event.v1", lambda r: r.key.decode() == key and json.loads(r.value)["kind"] == kind, seconds)
    return json.loads(record.value)


def test_a_redo_costs_points_and_an_appeal_gives_them_back(town):
    system, _ = town
    number = "redo-" + uuid.uuid4().hex[:12]
    system.publish({"id": number, "channel": "phone", "reported_at": datetime.now(CHINA).isoformat(timespec="seconds"),
                    "place": {"estate": "听潮名苑"}, "text": "3号楼的楼道堆满杂物，物业一直没有清理。"})
    sent = system.event("dispatched", number)
    firm, case = sent["new"]["unit"], sent["case"]
    assert firm.startswith("pm-"), sent
    order = system.order(firm, case, "dispatch")
    act(system, order, "submit", result="已清运楼道杂物两车，并张贴告示。", contact_record="电话联系",
        photos=["https://files.example.org/1.jpg"])
    review = system.order("hotline", case, "review")
    act(system, review, "redo", note="楼道仍有杂物")
    key = "account:" + firm
    given = ledger_event(system, key, "points_given")
    assert given["why"]["rule"] == "wy-redo" and given["why"]["case"] == case
    assert given["why"]["event"].startswith(case) and given["new"]["balance"] == 88
    told = system.order(firm, key, "points")
    assert told["actions"] == ["appeal"]
    act(system, told, "appeal", reason="杂物系当日新堆", evidence=["https://files.example.org/2.jpg"])
    asked = system.order("hotline", key, "appeal")
    assert asked["why"]["reason"] == "杂物系当日新堆"
    act(system, dict(asked, unit=firm, queue=firm), "uphold_appeal", note="属实")
    refused = system.order(firm, key, "refused")
    assert refused["rule"] == "own_account"
    act(system, asked, "uphold_appeal", note="属实")
    assert ledger_event(system, key, "appeal_upheld")["new"]["balance"] == 90
    shown = chuishao(system.stack, "account", firm)
    assert shown.returncode == 0, shown.stderr
    assert "余额 90" in shown.stdout and "申诉成立" in shown.stdout and given["why"]["event"] in shown.stdout
    assert chuishao(system.stack, "account", "pm-puhui").returncode == 1

    def on_the_board():
        rows = json.loads(system.stack.get("board-0", "/api/accounts")[1])
        return [r for r in rows if r["code"] == firm and r["balance"] == 90 and r["ledger"] == "property_credit"]
    wait_until(on_the_board, 30, lambda: "the account on the board")


def test_a_schedule_opens_its_order_once(town):
    system, soon = town
    key = "schedule:patrol"
    started = ledger_event(system, key, "schedule_started")
    assert started["new"]["next"].startswith(f"{soon:%Y-%m-%dT%H:%M}:00")
    again = chuishao(system.stack, "schedules", "apply")
    assert again.returncode == 0 and "1 schedules" in again.stdout, again.stderr
    opened = ledger_event(system, key, "schedule_opened", seconds=180)
    case = opened["new"]["opens"]
    assert opened["seq"] == 2 and opened["new"]["occurrence"].startswith(f"{soon:%Y-%m-%dT%H:%M}:00")
    first = system.event("opened", case=case)
    assert first["new"]["source"] == "chuishao/schedule" and first["new"]["channel"] == "schedule"
    assert first["new"]["id"] == f"patrol/{soon:%Y-%m-%d}"
    sent = system.event("dispatched", case=case)
    assert sent["new"]["unit"] == "street-lugang" and sent["why"]["rule"] == key
    assert system.order("street-lugang", case, "dispatch")["title"] == "联合巡查"
    assert system.order("xiaofang", case, "assist")["unit"] == "xiaofang"
    events = [json.loads(r.value) for r in system.whole.follower.records["case.event.v1"] if r.key.decode() == key]
    assert [e["kind"] for e in events] == ["schedule_started", "schedule_opened"]
    assert system.stack.get("casework-0", "/readyz")[0] == 200


def test_the_digest_is_the_same_on_the_board_and_on_the_command_line(town):
    system, _ = town
    board = os.path.join(system.stack.run_dir, "board.sqlite")
    path = board if os.path.exists(board) else next(
        os.path.join(folder, "board.sqlite") for folder, _, files in os.walk(system.stack.run_dir) if "board.sqlite" in files)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM cases WHERE case_id LIKE '%:%'").fetchone() == (0,)
    told = json.loads(system.stack.get("board-0", "/api/digest?week=2026-11-18")[1])
    shown = chuishao(system.stack, "digest", "--week", "2026-11-18", "--db", path, "--output", "json")
    assert shown.returncode == 0, shown.stderr
    mine = json.loads(shown.stdout)
    for digest in (told, mine):
        assert (digest.pop("from"), digest.pop("to")) == ("2026-11-16", "2026-11-22")
        digest.pop("at")
    assert told == mine and set(told) == {"cases", "left_out", "units", "streets"}
    assert "每周调度" in chuishao(system.stack, "digest", "--db", path).stdout
