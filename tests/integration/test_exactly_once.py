"""The whole system while its services are killed: the short version of ./run soak, and the control that must fail."""

import importlib.util
import os

from checker import Problems
from stack import ROOT
from units import check_answers

specification = importlib.util.spec_from_file_location("chaos", os.path.join(ROOT, "tests", "fault", "chaos.py"))
chaos = importlib.util.module_from_spec(specification)
specification.loader.exec_module(chaos)


def options(*arguments):
    found = chaos.parse(["--seed", os.environ.get("CHUISHAO_SEED") or "311", *arguments])
    found.build_dir = os.environ.get("BUILD_DIR") or found.build_dir
    return found


def test_every_complaint_has_exactly_one_effect_while_services_are_killed_and_redis_is_emptied():
    report, problems = chaos.run(options("--messages", "300", "--seconds", "10", "--flushall"))
    print(report)
    assert not problems, str(problems)
    assert report["kills"] >= 5 and report["repeated"] > 0 and report["dispatched"] > 0 and report["actions"] > 0


def test_the_checker_sees_what_offsets_outside_the_transaction_lose():
    report, problems = chaos.run(options("--messages", "300", "--seconds", "10", "--control"))
    print(report, problems)
    assert "lost" in problems.kinds()


def test_the_checker_sees_an_action_that_is_lost_or_taken_twice():
    sent = {"u-0": ("c-1", "a"), "u-1": ("c-1", "a"), "u-2": ("c-2", "b"), "u-3": ("c-2", "b")}
    events = [{"case": sent[by][0], "actor": {"by": by}} for by in ("u-0", "u-0", "u-2")]  # one action may tell two events
    refused = [{"kind": "refused", "action_id": number} for number in ("u-2", "u-3")]
    problems = Problems()
    check_answers(sent, events, refused, problems)
    assert problems.kinds() == {"action lost": 1, "action answered twice": 1}
    assert "u-1" in str(problems) and "u-2" in str(problems)
