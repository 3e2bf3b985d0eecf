"""Planted faults: each is named at its line with a sentence, alone and all at once, and nothing else is named."""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BUILD_DIR") or ROOT / "build" / "sanitizer") / "bin"
PROBLEM = re.compile(r"^(?P<file>[\w/.]+):(?P<line>\d+): (?P<said>.+)$")


class Folder:
    """A copy of the sample policy. What changes a file returns the number of the changed line."""

    def __init__(self, path):
        self.path = path
        self.categories = 0
        shutil.copytree(ROOT / "policy", path)

    def lines(self, file):
        return (self.path / file).read_text(encoding="utf-8").splitlines()

    def write(self, file, lines):
        (self.path / file).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def add(self, file, **cells):
        lines = self.lines(file)
        row = io.StringIO()
        columns = next(csv.reader(lines))
        assert set(cells) <= set(columns), f"{file}: {set(cells) - set(columns)}"
        csv.DictWriter(row, columns, restval="", lineterminator="").writerow(cells)
        self.write(file, lines + [row.getvalue()])
        return len(lines) + 1

    def insert(self, file, before, line):
        lines = self.lines(file)
        n = next(i for i, text in enumerate(lines) if before in text)
        self.write(file, lines[:n] + [line] + lines[n:])
        return n + 1

    def swap(self, file, old, new):
        lines = self.lines(file)
        found = [i for i, text in enumerate(lines) if old in text]
        assert len(found) == 1, f"{file}: {old} stands in {len(found)} lines"
        lines[found[0]] = lines[found[0]].replace(old, new)
        self.write(file, lines)
        return found[0] + 1

    def category(self, **rows):
        """A sound category of its own with a rule; with an owner, or with these rows of the catalogue."""
        self.categories += 1
        code = f"9901{self.categories:02}"
        self.add("categories.csv", code=code, level1="试", name=f"试{code}", urgency="N", nature="help", sla="N", physical="no", grass_roots="no")
        self.add("rules.csv", id=f"T-{code}", kind="category", target=code, any=f"试词{code}", weight="80")
        for row in rows.get("owners", [{}]):
            self.row(code, **row)
        return code

    def row(self, category, **cells):
        return self.add("catalogue.csv", **{"id": f"T-{len(self.lines('catalogue.csv'))}", "category": category, "needs_place": "no", "lead": "chengguan",
                                            "precedence": "900", "valid_from": "2017-01-01", **cells})

    def unit(self, code, **cells):
        return self.add("units.csv", **{"code": code, "name": f"试{code}", "type": "department", "parent": "wutong", "valid_from": "2017-01-01", **cells})

    def chuishao(self, *words):
        return subprocess.run([BIN / "chuishao", *words], capture_output=True, text=True, timeout=60, check=False)


FAULTS = {}


def fault(said, file):
    """A fault: the sentence that names it, the file that it is in; the function plants it and returns its line."""
    def add(plant):
        FAULTS[plant.__name__] = (plant, file, re.compile(said))
        return plant
    return add


# ---- who owns what ----

@fault(r"nobody leads '\d+ .*' at '\w+' and \d+ other places", "categories.csv")
def a_category_without_owner_somewhere(f):
    code = f.category(owners=[{"place_type": "estate", "needs_place": "yes"}])
    return next(i for i, line in enumerate(f.lines("categories.csv"), 1) if line.startswith(code))


@fault(r"has no row in catalogue.csv", "categories.csv")
def a_category_that_no_row_names(f):
    code = f.category(owners=[])
    return next(i for i, line in enumerate(f.lines("categories.csv"), 1) if line.startswith(code))


@fault(r"has no rule in rules.csv", "categories.csv")
def a_category_without_a_rule(f):
    f.row("990199")
    return f.add("categories.csv", code="990199", level1="试", name="试无规则", urgency="N", nature="help", sla="N", physical="no", grass_roots="no")


@fault(r"with the same precedence 900 and different leads", "catalogue.csv")
def two_owners_and_no_precedence(f):
    return f.row(f.category(), lead="zhujian")


@fault(r"not valid today and there is no other row", "catalogue.csv")
def an_expired_row_and_no_other(f):
    return f.row(f.category(owners=[]), valid_to="2018-01-01")


@fault(r"gives '\d+ .*' to the grass roots", "catalogue.csv")
def a_departments_matter_for_the_grass_roots(f):
    return f.row(f.category(), place_type="estate", needs_place="yes", lead="community", precedence="100")


@fault(r"leads and cannot assist itself", "catalogue.csv")
def an_assisting_unit_that_leads(f):
    return f.row(f.category(owners=[]), assists="zhujian;chengguan")


@fault(r"the leading unit 'no-such-unit' is not in units.csv", "catalogue.csv")
def an_unknown_lead(f):
    return f.row(f.category(), lead="no-such-unit", precedence="800")


@fault(r"the SLA class 'no-such-class' is not in sla.json", "catalogue.csv")
def an_unknown_class(f):
    return f.row(f.category(owners=[]), sla="no-such-class")


# ---- units, places, people ----

@fault(r"is its own superior, by way of", "units.csv")
def a_cycle_of_units(f):
    f_line = f.unit("t-ring-1", parent="t-ring-2")
    f.unit("t-ring-2", parent="t-ring-1")
    return f_line


@fault(r"lies in itself, by way of", "places.csv")
def a_cycle_of_places(f):
    line = f.add("places.csv", code="t-in-1", name="试甲", type="road", parent="t-in-2", valid_from="2017-01-01")
    f.add("places.csv", code="t-in-2", name="试乙", type="road", parent="t-in-1", valid_from="2017-01-01")
    return line


@fault(r"has no queue: 't-q-2', whose queue it uses, has none of its own", "units.csv")
def a_unit_without_a_queue(f):
    line = f.unit("t-q-1", queue="t-q-2")
    f.unit("t-q-2", queue="chengguan")
    return line


@fault(r"'t-old', which is not valid today, so nobody reads its orders", "units.csv")
def an_order_that_its_lead_cannot_read(f):
    f.unit("t-old", valid_to="2020-01-01")
    return f.unit("t-blind", queue="t-old")


@fault(r"the code 'chengguan' stands already in line \d+", "units.csv")
def a_code_that_stands_twice(f):
    return f.unit("chengguan")


@fault(r"is no date; write it like", "units.csv")
def a_day_that_is_none(f):
    return f.unit("t-day", valid_from="2026-13-01")


@fault(r"which is not after", "units.csv")
def a_period_that_ends_before_it_begins(f):
    return f.unit("t-back", valid_from="2026-05-01", valid_to="2026-04-01")


@fault(r"'bureau' is no type of unit", "units.csv")
def an_unknown_type_of_unit(f):
    return f.unit("t-type", type="bureau")


@fault(r"the place above it, 'no-such-place', is not in places.csv", "places.csv")
def an_unknown_place(f):
    return f.add("places.csv", code="t-lost", name="试丙", type="road", parent="no-such-place", valid_from="2017-01-01")


@fault(r"names no property firm", "places.csv")
def an_estate_that_does_not_say_who_manages_it(f):
    return f.add("places.csv", code="t-estate", name="试丁苑", type="estate", parent="329901", valid_from="2017-01-01")


@fault(r"the field 'name' is empty", "contacts.csv")
def a_duty_without_a_person(f):
    return f.add("contacts.csv", unit="chengguan", duty="head", staff="t-1", valid_from="2026-01-01")


@fault(r"'t-nobody'", "contacts.csv")
def a_cover_whom_nobody_knows(f):
    return f.add("contacts.csv", unit="chengguan", duty="duty", staff="t-2", name="试某", cover="t-nobody", valid_from="2026-01-01")


# ---- rules ----

@fault(r"can never hold: the term '试井盖' of 'all'", "rules.csv")
def a_rule_that_cannot_hold(f):
    return f.add("rules.csv", id="T-never", kind="category", target=f.category(), all="试井盖", none="井盖", weight="80")


@fault(r"can never decide: where it holds, 'T-first' \(line \d+\) holds too", "rules.csv")
def a_rule_in_the_shadow_of_another(f):
    f.add("rules.csv", id="T-first", kind="category", target=f.category(), priority="9", any="试阴影", weight="80")
    return f.add("rules.csv", id="T-shadow", kind="category", target=f.category(), any="试阴影处", weight="80")


@fault(r"'试灯\{99\}坏'", "rules.csv")
def a_term_that_is_none(f):
    return f.add("rules.csv", id="T-term", kind="category", target=f.category(), any="试灯{99}坏", weight="80")


@fault(r"'999999'", "rules.csv")
def a_rule_for_an_unknown_category(f):
    return f.add("rules.csv", id="T-target", kind="category", target="999999", any="试无类", weight="80")


# ---- clocks ----

SIGN, RUNGS = '"sign": {"amount": 1, "unit": "hour"}', '"rungs": [50, 80, 100]'
HANDLE = '"handle": {"amount": 5, "unit": "work_day"}'


def sla(f, name, *parts):
    return f.insert("sla.json", '"praise": {', f'"{name}": {{{", ".join(parts)}}},')


@fault(r"amount", "sla.json")
def a_budget_that_is_none(f):
    return sla(f, "T-budget", '"sign": {"amount": -4, "unit": "hour"}', HANDLE, RUNGS)


@fault(r"unit", "sla.json")
def a_unit_of_time_that_is_none(f):
    return sla(f, "T-unit", '"sign": {"amount": 4, "unit": "fortnight"}', HANDLE, RUNGS)


@fault(r"'T-handle' has no clock 'handle'", "sla.json")
def a_class_without_time_to_handle(f):
    return sla(f, "T-handle", SIGN, RUNGS)


@fault(r"rung 2 of 'T-ladder' must come after rung 1", "sla.json")
def a_ladder_out_of_order(f):
    return sla(f, "T-ladder", SIGN, HANDLE, '"rungs": [80, 50, 100]')


@fault(r"'T-end' has no rung at 100 percent", "sla.json")
def a_breach_that_nobody_hears_of(f):
    return sla(f, "T-end", SIGN, HANDLE, '"rungs": [50, 80]')


@fault(r"the steps of 'T-steps' take longer than its clock 'handle'", "sla.json")
def steps_that_do_not_fit(f):
    step = '{"name": "all", "title": "全部", "amount": 9, "unit": "work_day", "needs": ["result"]}'
    return sla(f, "T-steps", SIGN, HANDLE, RUNGS, f'"steps": [{step}]')


@fault(r"'request_review' is longer than 'return_window'", "handling.json")
def a_review_longer_than_its_window(f):
    return f.swap("handling.json", '"request_review": {"amount": 4, "unit": "work_hour"}', '"request_review": {"amount": 9, "unit": "work_day"}')


# ---- pools, schedules, whistles, points ----

@fault(r"has no members, so nobody can claim", "pools.csv")
def a_pool_without_members(f):
    return f.add("pools.csv", code="t-pool", name="试队")


@fault(r"the place 't-gone' is not valid when the order comes next", "schedules.csv")
def a_schedule_whose_place_has_ended(f):
    f.add("places.csv", code="t-gone", name="试旧路", type="road", parent="329901", valid_from="2017-01-01", valid_to="2020-01-01")
    return f.add("schedules.csv", id="t-late", title="试巡查", text="试", category=f.category(), lead="chengguan", place="t-gone", rule="daily@20:00",
                 workdays_only="no", catch_up="1", valid_from="2026-01-01")


@fault(r"leads and cannot assist itself", "schedules.csv")
def a_schedule_whose_lead_assists(f):
    return f.add("schedules.csv", id="t-self", title="试巡查", text="试", category=f.category(), lead="chengguan", assists="chengguan", rule="daily@20:00",
                 workdays_only="no", catch_up="1", valid_from="2026-01-01")


@fault(r"'hourly@20:00' is no rule", "schedules.csv")
def a_recurrence_that_is_none(f):
    return f.add("schedules.csv", id="t-hourly", title="试巡查", text="试", category=f.category(), lead="chengguan", rule="hourly@20:00",
                 workdays_only="no", catch_up="1", valid_from="2026-01-01")


@fault(r"check_in", "whistle.json")
def a_whistle_without_a_deadline(f):
    return f.swap("whistle.json", '"check_in": {"amount": 24, "unit": "hour"}, ', "")


def points(f, name, when='{"clock": "sign"}', more=""):
    return f.insert("ledger.json", '"id": "dw-absent"', f'{{"id": "{name}", "title": "试", "ledger": "party", "event": "breach", "when": {when}, "points": -5{more}}},')


@fault(r"cannot ask for 'clocks'", "ledger.json")
def points_that_ask_for_what_no_event_has(f):
    return points(f, "t-ask", '{"clocks": "sign"}')


@fault(r"has a 'min' above its 'max'", "ledger.json")
def a_range_that_is_empty(f):
    return points(f, "t-range", '{"percent": {"min": 100, "max": 50}}')


@fault(r"has a cap below its points", "ledger.json")
def a_cap_below_the_points(f):
    return points(f, "t-cap", more=', "daily_max": 3')


@fault(r"the unit 'no-such-desk' is not in units.csv|no-such-desk", "policy.json")
def a_desk_that_is_no_unit(f):
    return f.swap("policy.json", '"desk": "hotline"', '"desk": "no-such-desk"')


# ---- the tests ----

def named(done):
    """Every problem that was said; warnings are none."""
    said = [line for line in done.stdout.splitlines() if ": warning: " not in line]
    found = [PROBLEM.match(line) for line in said]
    assert all(found), [line for line, match in zip(said, found) if not match]
    return [(m["file"], int(m["line"]), m["said"]) for m in found]


def assert_named(folder, planted, problems):
    missed = [name for name, line in planted.items()
              if not any(file == FAULTS[name][1] and at == line and FAULTS[name][2].search(said) for file, at, said in problems)]
    places = {(FAULTS[name][1], line) for name, line in planted.items()}
    more = [problem for problem in problems if problem[:2] not in places]
    print(f"{len(planted) - len(missed)} of {len(planted)} named")
    assert not missed and not more, f"{folder.path}: missed {missed}; also named {more}; planted {planted}"


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_at_its_line_and_nothing_else(tmp_path, name):
    folder = Folder(tmp_path / "policy")
    planted = {name: FAULTS[name][0](folder)}
    done = folder.chuishao("lint", folder.path)
    assert done.returncode == 65, done.stdout + done.stderr
    assert_named(folder, planted, named(done))


def plant_all(folder):
    """Lines that are inserted move those planted before: a line is looked up again by its text."""
    texts = {}
    for name, (plant, file, _) in FAULTS.items():
        line = plant(folder)
        texts[name] = folder.lines(file)[line - 1]
    return {name: folder.lines(FAULTS[name][1]).index(text) + 1 for name, text in texts.items()}


def test_all_faults_at_once_are_all_named_and_nothing_else(tmp_path):
    folder = Folder(tmp_path / "policy")
    planted = plant_all(folder)
    assert len(planted) >= 20
    done = folder.chuishao("lint", folder.path)
    assert done.returncode == 65
    assert_named(folder, planted, named(done))


def test_a_policy_with_faults_is_not_pushed_and_the_whole_list_is_said(tmp_path):
    folder = Folder(tmp_path / "policy")
    planted = plant_all(folder)
    live = tmp_path / "live"
    shutil.copytree(ROOT / "policy", live)
    before = (live.stat().st_ino, sorted(path.name for path in tmp_path.iterdir()))
    done = folder.chuishao("policy", "push", folder.path, "--policy", live)
    assert done.returncode == 65 and "was not pushed" in done.stderr
    assert_named(folder, planted, named(done))
    assert done.stdout == folder.chuishao("lint", folder.path).stdout
    assert (live.stat().st_ino, sorted(path.name for path in tmp_path.iterdir())) == before


# ---- faults that touch many lines, or keep a file from being read ----

def test_working_time_without_office_hours_is_named_at_whatever_counts_it(tmp_path):
    folder = Folder(tmp_path / "policy")
    (folder.path / "calendar" / "office.json").write_text('{"spans": []}', encoding="utf-8")
    done = folder.chuishao("lint", folder.path)
    assert done.returncode == 65

    wanted = {("handling.json", 1), ("calendar/office.json", 1)}
    for file, holder in (("sla.json", "classes"), ("whistle.json", "types")):
        for name, content in json.loads((folder.path / file).read_text(encoding="utf-8"))[holder].items():
            if "work_" in json.dumps(content):
                wanted.add((file, next(n for n, line in enumerate(folder.lines(file), 1) if f'"{name}": {{' in line)))
    assert {problem[:2] for problem in named(done)} == wanted
    assert all("office" in said for _, _, said in named(done))


@pytest.mark.parametrize("file, spoil, line, said", [
    ("sla.json", lambda text: text.replace('"classes": {', '"classes": {,', 1), 1, "is not JSON"),
    ("units.csv", lambda text: text.replace("code,name", "code,title", 1), 1, "name"),
    ("pools.csv", lambda text: text + "t-pool,one,too,many,cells\n", None, "fields"),
    ("rules.csv", lambda text: text + "\udcff", None, "UTF-8"),
])
def test_a_file_that_cannot_be_read_is_named(tmp_path, file, spoil, line, said):
    folder = Folder(tmp_path / "policy")
    path = folder.path / file
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8", errors="surrogateescape")
    done = folder.chuishao("lint", folder.path)
    at = line or len(path.read_bytes().splitlines())
    assert done.returncode == 65
    assert [(f, n) for f, n, text in named(done) if said in text] == [(file, at)], done.stdout
