"""./run story on the real stack: it comes out as it is meant to, and the README shows it as it comes out."""

import os
import re

import pytest

import story
from infra import ROOT
from stack import Stack

TOLD = ["opened", "dispatched", "signed", "contacted", "checked_in", "step_done", "whistle_linked", "return_requested", "return_refused",
        "disputed", "ruled", "assist_done", "step_done", "extension_requested", "extended", "step_done", "submitted", "approved",
        "followed_up", "redo", "submitted", "whistle_finished", "approved", "followed_up", "closed"]
WHISTLE = ["whistle_issued", "whistle_checked_in", "whistle_checked_in", "reminder", "reminder", "whistle_absent",
           "whistle_absence_explained", "whistle_checked_in", "whistle_finished", "whistle_scored", "whistle_scored"]
HEAD = re.compile(r"^ *(\d+)  \d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}  (\S+) +(\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    with Stack(f"story-test-{os.getpid()}", run_dir=str(folder / "run"), policy=story.story_policy(str(folder))) as stack:
        teller = story.Teller(stack, 60)
        case, whistle = story.tell(teller)
        yield [(teller.events(of), stack.run("case", of).stdout.decode()) for of in (case, whistle)]


def test_the_story_has_all_that_was_promised(told):
    (case, _), (whistle, _) = told
    assert [e["kind"] for e in case] == TOLD
    assert [e["kind"] for e in whistle] == WHISTLE
    absent = next(e for e in whistle if e["kind"] == "whistle_absent")
    assert (absent["new"]["unit"], absent["actor"]) == ("shizheng", {"service": "sla"})
    assert case[-1]["new"]["outcome"] == "resolved" and case[-1]["new"]["stage"] == "CLOSED"


def test_the_readme_shows_it_as_it_came_out(told):
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        readme = f.read()
    blocks = [HEAD.findall(block) for block in readme.split("```")]
    for _, text in told:
        assert HEAD.findall(text) in blocks, f"no block of README.md has this story:\n{text}"
