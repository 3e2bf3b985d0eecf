"""explain and simulate show what the services decide: the same texts through the real stack and through the tools."""

import json
import os
import shutil
from datetime import datetime, timedelta, timezone

import pytest

from kafka_log import wait_until

CHINA = timezone(timedelta(hours=8))
TEXTS = ("云阶上院3幢电梯坏了两天没人修，老人上不了楼", "门口路灯不亮已经一周了", "渔歌新村楼道堆满杂物，消防通道走不通",
         "自来水管爆了，水漫到马路上", "咨询一下居住证怎么办理", "工地半夜还在打桩，吵得睡不着", "什么都不说的一句话",
         "楼上着火了，冒浓烟，快派消防车", "泊岸华庭垃圾三天没人清，臭得很", "泊岸华庭垃圾三天没人清，臭气熏天",
         "再催一次工单n20200101-7k3mxq9v2ztb4hfw")


def message(i, text):
    return {"id": f"explain-{i}", "channel": "web", "reported_at": datetime.now(CHINA).isoformat(timespec="seconds"), "text": text}


@pytest.fixture(scope="module")
def decided(system):
    """Each text and the open command that the real stack made of it, in order."""
    messages = [message(i, text) for i, text in enumerate(TEXTS)]
    found = {}

    def opened():
        system.whole.follower.poll(0.05)
        for r in system.whole.of("case.command"):
            command = json.loads(r.value)
            if command["command"] == "open":
                found[command["complaint"]["id"]] = command
        return all(m["id"] in found for m in sent)
    sent = []
    for m in messages:  # one after the other: what is remembered of a place decides on merges
        system.publish(m)
        sent.append(m)
        wait_until(opened, 30, f"the open command of {m['id']}")
    return messages, [found[m["id"]] for m in messages]


def destination(command):
    route = command["route"]
    return route.get("line") or route.get("lead") or route["reason"]


def simulate(system, tmp_path, messages, new, *more):
    path = tmp_path / "recorded.jsonl"
    path.write_text("".join(json.dumps(m, ensure_ascii=False) + "\n" for m in messages), encoding="utf-8")
    done = system.stack.run("simulate", "--new", str(new), "--in", str(path), "--output", "json", *more)
    return [json.loads(line) for line in done.stdout.decode().splitlines() if line.startswith("{")]


def test_simulate_decides_as_the_services_did(system, tmp_path, decided):
    messages, commands = decided
    *each, summary = simulate(system, tmp_path, messages, system.stack.policy, "--each")
    assert summary["complaints"] == len(messages) and summary["moved"] == 0 and summary["refused"] == 0
    assert [e["from"] for e in each] == [destination(c) for c in commands]
    assert [e["category_from"] for e in each] == [c.get("class", {}).get("category", "") for c in commands]
    assert len({e["from"] for e in each}) >= 4


def test_a_new_owner_moves_its_complaints_and_says_so(system, tmp_path, decided):
    messages, commands = decided
    lift = commands[0]["route"]
    new = tmp_path / "policy"
    shutil.copytree(system.stack.policy, new)
    rows = (new / "catalogue.csv").read_text(encoding="utf-8").splitlines()
    changed = [",".join([*row.split(",")[:4], "zhujian", *row.split(",")[5:]]) if row.startswith(lift["rule"] + ",") else row for row in rows]
    (new / "catalogue.csv").write_text("\n".join(changed) + "\n", encoding="utf-8")
    late = dict(messages[0], submitted_at=(datetime.now(CHINA) + timedelta(days=30)).isoformat(timespec="seconds"))
    summary, = simulate(system, tmp_path, [late, *messages[1:]], new)
    assert {"from": lift["lead"], "to": "zhujian", "n": 1} in summary["moves"] and summary["moved"] == 1
    assert summary["late"] == {"of": 1, "now": 1, "new": 1}
    assert summary["policy"] != summary["new"]


def test_what_the_topic_holds_can_be_simulated(system, tmp_path, decided):
    done = system.stack.run("simulate", "--new", system.stack.policy, "--output", "json")
    summary = json.loads(done.stdout)
    assert summary["complaints"] >= len(TEXTS) - 1 and summary["moved"] == 0


def test_explain_gives_the_services_own_words(system, decided):
    messages, commands = decided
    for m, command in list(zip(messages, commands))[:4]:
        told = json.loads(system.stack.run("explain", m["text"], "--output", "json").stdout)
        assert told["class"] == command["class"] and told["place"] == command["place"]
        recorded = json.loads(system.stack.run("explain", command["case"], "--output", "json").stdout)
        assert recorded == command
    assert commands[-1]["route"]["evidence"] == "cited" and commands[-1]["route"]["reason"] == "no_category"
    assert "写明了该工单" in system.stack.run("explain", commands[-1]["case"]).stdout.decode()
    shown = system.stack.run("explain", commands[0]["case"]).stdout.decode()
    assert "电梯" in shown and commands[0]["route"]["rule"] in shown and "置信度" in shown
    assert "confidence" in system.stack.run("explain", TEXTS[0], "--lang", "en").stdout.decode()


@pytest.mark.parametrize("arguments, code, words", [
    (("explain",), 64, "one case id or one text"), (("explain", "  "), 65, "text"),
    (("explain", "电梯坏了", "--lang", "fr"), 64, "zh or en"), (("explain", "n20200101-0123456789abcdef"), 1, "was not opened"),
    (("simulate",), 64, "--new is missing"), (("simulate", "--new", "/nowhere"), 65, "nowhere"),
])
def test_a_mistake_costs_one_line_and_a_code(system, arguments, code, words):
    done = system.stack.run(*arguments, check=False)
    assert done.returncode == code and words in done.stderr.decode(), (done.returncode, done.stderr)
    assert os.path.exists(system.stack.policy)
