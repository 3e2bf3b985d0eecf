"""The board as a browser meets it: the page needs nothing from elsewhere, shows text as text, and its JSON holds what the page reads."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "stack"))
from stack import Stack  # noqa: E402

PAGE = os.path.join(ROOT, "services", "board", "page.html")


def page_text():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def script():
    return re.search(r"<script>(.*)</script>", page_text(), re.S).group(1)


def test_the_page_loads_nothing_from_elsewhere():
    text = page_text()
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", text)
    assert "default-src 'none'" in text


def test_the_page_never_makes_markup_from_data():
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|setAttribute\(['\"]on", script())


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_script_is_valid(tmp_path):
    file = tmp_path / "page.js"
    file.write_text(script(), encoding="utf-8")
    subprocess.run(["node", "--check", str(file)], check=True)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with Stack("web", services=("board",), run_dir=str(tmp_path_factory.mktemp("web"))) as running:
        yield running


def get(stack, path):
    status, body = stack.get("board", path)
    return status, body.decode() if isinstance(body, bytes) else body


def test_the_board_serves_its_page(stack):
    status, body = get(stack, "/")
    assert status == 200
    assert body == page_text()


def test_an_empty_board_answers_every_question_of_the_page(stack):
    summary = json.loads(get(stack, "/api/summary")[1])
    for name in ("published", "accepted", "repeated", "dead_lettered", "dispatched", "needs_human", "transferred", "merged",
                 "resolved", "open", "overdue", "refused", "waiting_human", "gaps"):
        assert summary[name] == 0, name
    assert summary["lag"] in (-1, 0)
    assert summary["dead_letters"] == []
    assert json.loads(get(stack, "/api/units")[1]) == []
    assert json.loads(get(stack, "/api/cases?stage=NEEDS_HUMAN&limit=50")[1]) == []
    assert len(json.loads(get(stack, "/api/names")[1])) > 10


def test_an_unknown_case_is_a_problem_document(stack):
    status, body = get(stack, "/api/cases/n20261121-0000000000000000")
    assert status == 404
    assert json.loads(body)["status"] == 404
