"""The whole system while its services are killed: the short version of ./run soak, and the control that must fail."""

import importlib.util
import os

from stack import ROOT

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
    assert report["kills"] >= 5 and report["repeated"] > 0 and report["dispatched"] > 0


def test_the_checker_sees_what_offsets_outside_the_transaction_lose():
    report, problems = chaos.run(options("--messages", "300", "--seconds", "10", "--control"))
    print(report, problems)
    assert "lost" in problems.kinds()
