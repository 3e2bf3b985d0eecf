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


CASE = "n20261121-0123456789abcdef"
ANSWERS = {
    "/api/names": {"heping": "和平社区居民委员会"},
    "/api/summary": {"accepted": 1, "lag": 0, "waiting_human": 0, "dead_letters": []},
    "/api/units": [{"unit": "rexian", "name": "热线受理中心", "short_name": "受理台", "open": 2, "overdue": 0, "due_today": 0},
                   {"unit": "heping", "name": "和平社区居民委员会", "short_name": "和平社区", "open": 1, "unsigned": 1, "overdue": 0,
                    "due_today": 0, "oldest_unsigned": "2026-11-21T20:05:00+08:00"}],
    "/api/cases": [{"case": CASE, "brief": "楼道里<b>堆了</b>沙发…", "place_name": "春晓苑", "unit": "heping", "unit_name": "和平社区居民委员会",
                    "unit_short": "和平社区", "stage": "DISPATCHED", "opened_at": "2026-11-21T20:05:00+08:00"}],
    "/api/whistles": {
        "month": "2026-11", "recent": [],
        "units": [{"unit": "zhujian", "unit_name": "区住房和城乡建设局", "unit_short": "区住建局", "role": "must", "on_time": {"n": 2, "of": 3},
                   "late": {"n": 1, "of": 3}, "no_show": {"n": 0, "of": 3}, "minutes": {"n": 61, "of": 3}},
                  {"unit": "gongan", "unit_name": "公安分局", "role": "assist", "on_time": {"n": 0, "of": 0},
                   "late": {"n": 0, "of": 0}, "no_show": {"n": 0, "of": 0}, "minutes": {"n": 0, "of": 0}}],
        "streets": [{"unit": "street-taihu", "unit_short": "太湖街道", "type": "emergency", "whistles": 4, "low": 0, "high": 3,
                     "warning": "high", "closed": {"n": 3, "of": 4}},
                    {"unit": "street-yunhe", "unit_short": "运河街道", "type": "emergency", "whistles": 0, "low": 0, "high": 3,
                     "closed": {"n": 0, "of": 0}}]},
}


def shown(zone, now_ms):
    """What the script writes into the page, by element, in a browser of that zone at that time."""
    run = subprocess.run(["node", os.path.join(ROOT, "tests", "web", "page_run.js"), PAGE, str(now_ms)], check=True, text=True,
                         input=json.dumps(ANSWERS), capture_output=True, env={**os.environ, "TZ": zone}, timeout=30)
    return json.loads(run.stdout)


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_times_are_those_of_china_in_every_zone(zone):
    page = shown(zone, 1795263906000)  # 2026-11-21T20:25:06+08:00
    assert "20:25:06" in page["state"]
    assert "20:05" in page["cases"] and "11月21日" not in page["cases"]
    assert "11月21日 20:05" in shown(zone, 1795277100000)["cases"]  # 2026-11-22T00:05:00+08:00


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_a_row_shows_the_words_then_the_place_and_short_names():
    page = shown("UTC", 1795263906000)
    assert page["cases"].index("楼道里<b>堆了</b>沙发…") < page["cases"].index("春晓苑") < page["cases"].index("和平社区")
    assert "居民委员会" not in page["cases"] and "居民委员会" not in page["units"]
    assert "受理台|2|—" in page["units"]
    assert "和平社区|1|1|" in page["units"]


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_a_whistles_figures_say_what_they_are_of():
    page = shown("UTC", 1795263906000)
    assert "区住建局|2/3|1/3|0/3|20 分（3 次）|" in page["whistles"]
    assert "公安分局 协助|—|—|—|—|" in page["whistles"]
    assert page["whistle-count"] == "吹哨 4 次，事毕 3 次"
    assert page["whistle-warnings"] == "太湖街道 应急哨 4 次，高于 3"


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
    whistles = json.loads(get(stack, "/api/whistles")[1])
    assert whistles["units"] == [] and whistles["recent"] == []
    assert {s["whistles"] for s in whistles["streets"]} == {0} and not any("warning" in s for s in whistles["streets"])


def test_an_unknown_case_is_a_problem_document(stack):
    status, body = get(stack, "/api/cases/n20261121-0000000000000000")
    assert status == 404
    assert json.loads(body)["status"] == 404
