"""A policy is exchanged while complaints flow: none is lost, each names the version that decided it, a bad one is refused."""

import json
import os
import re
import shutil
import signal
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import System
from kafka_log import wait_until
from stack import Stack

CHINA = timezone(timedelta(hours=8))
RATE, SECONDS = 1000, 5
SERVICES = ("classifier", "router", "casework")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A stack with a policy directory of its own, to be exchanged."""
    folder = tmp_path_factory.mktemp("push")
    policy = folder / "policy"
    source = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "policy")
    shutil.copytree(source, policy)
    with Stack(f"push-{os.getpid()}", run_dir=str(folder / "run"), policy=str(policy)) as stack:
        found = System(stack)
        yield found
        found.whole.close()
    for name in os.listdir(os.path.join(stack.run_dir, "logs")):
        with open(os.path.join(stack.run_dir, "logs", name), encoding="utf-8", errors="replace") as f:
            text = f.read()
        assert "Sanitizer" not in text and "runtime error" not in text, f"{name}: {text[-2000:]}"


def variant(own, tmp_path, change):
    new = tmp_path / "new"
    shutil.copytree(own.stack.policy, new)
    change(new)
    return str(new)


def rename(new):
    path = new / "policy.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"wutong-2026"', '"wutong-2027"'), encoding="utf-8")


def opens(own):
    own.whole.follower.poll(0.05)
    commands = [json.loads(r.value) for r in own.whole.of("case.command")]
    return {c["complaint"]["id"]: c for c in commands if c["command"] == "open"}


def test_a_bad_policy_is_refused_with_its_problems_and_nothing_changes(own, tmp_path):
    def spoil(new):
        rows = (new / "catalogue.csv").read_text(encoding="utf-8")
        (new / "catalogue.csv").write_text(rows.replace(",gongshui,", ",no-such-unit,"), encoding="utf-8")
    before = os.stat(own.stack.policy).st_ino
    done = own.stack.run("policy", "push", variant(own, tmp_path, spoil), check=False)
    assert done.returncode == 65
    assert b"catalogue.csv:" in done.stdout and b"no-such-unit" in done.stdout and b"was not pushed" in done.stderr
    assert os.stat(own.stack.policy).st_ino == before


def test_sighup_takes_what_was_edited_in_place_and_a_bad_edit_leaves_the_last_good(own):
    path = os.path.join(own.stack.policy, "policy.json")
    with open(path, encoding="utf-8") as f:
        good = f.read()

    def decided_by(number):
        message = {"id": number, "channel": "web", "text": f"渔歌新村路灯不亮，{number}",
                   "reported_at": datetime.now(CHINA).isoformat(timespec="milliseconds")}
        own.publish(message)
        wait_until(lambda: number in opens(own), 30, number)
        return opens(own)[number]["route"]["policy"].partition("@")[0]

    def answers(service):
        with open(own.stack.child(service).log_path, encoding="utf-8") as f:
            return len(re.findall("policy_taken|policy_refused", f.read()))

    def edit(text):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        before = {service: answers(service) for service in SERVICES}
        for service in SERVICES:
            os.kill(own.stack.child(service).pid, signal.SIGHUP)
        wait_until(lambda: all(answers(s) > before[s] for s in SERVICES), 20, "an answer of every service to the new policy")
    edit(good.replace("wutong-2026", "wutong-2028"))
    assert decided_by("hup-1") == "wutong-2028"
    edit(good.replace('"desk"', '"no_such_field"'))
    assert decided_by("hup-2") == "wutong-2028"
    edit(good)
    assert decided_by("hup-3") == "wutong-2026"
    with open(own.stack.child("router").log_path, encoding="utf-8") as f:
        assert "policy_refused" in f.read()


def test_a_policy_pushed_under_load_loses_nothing_and_each_decision_names_its_version(own, tmp_path):
    new = variant(own, tmp_path, rename)
    n, pushed, began = 0, False, time.monotonic()
    while n < RATE * SECONDS:
        due = min(int((time.monotonic() - began) * RATE), RATE * SECONDS)
        for i in range(n, due):
            message = {"id": f"push-{i}", "channel": "web", "text": f"渔歌新村{i % 40}幢楼道灯不亮，第{i}次反映",
                       "reported_at": datetime.now(CHINA).isoformat(timespec="milliseconds")}
            own.producer.produce("complaint.intake.v1", key=message["id"], value=json.dumps(message, ensure_ascii=False))
        own.producer.poll(0)
        n = due
        if not pushed and time.monotonic() - began > SECONDS / 2:
            own.stack.run("policy", "push", new)
            pushed = True
        time.sleep(0.01)
    own.producer.flush(30)
    wait_until(lambda: sum(1 for k in opens(own) if k.startswith("push-")) >= n, 90, lambda: f"{n} opened; {len(opens(own))} are")
    found = [c for k, c in opens(own).items() if k.startswith("push-")]
    versions = {}
    for c in found:
        versions.setdefault(c["route"]["policy"].partition("@")[0], []).append(c)
        assert c["class"]["policy"] and c["route"]["policy"]
    assert len(found) == n and set(versions) == {"wutong-2026", "wutong-2027"}
    assert os.path.isdir(own.stack.policy + ".last")
