#!/usr/bin/env python3
"""A sample day through the whole system: what was complained about, who got it, why, and by when."""

import argparse
import csv
import json
import os
import shutil
import sys
import tempfile
import time
import unicodedata

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from infra import ROOT  # noqa: E402
from processes import StackError  # noqa: E402
from stack import Stack, interrupt_on_signals, say  # noqa: E402

COUNTS = ("accepted", "repeated", "dead_lettered", "dispatched", "needs_human", "transferred", "merged", "resolved")
INTAKE = ("accepted", "repeated", "dead_lettered")
OUTCOMES = ("dispatched", "needs_human", "transferred", "merged")


class Unsettled(Exception):
    """The system did not come to rest in time; says what is missing."""


class Progress:
    """One line that is rewritten on a terminal, a line per change elsewhere."""

    def __init__(self):
        self.last = None
        self.last_at = 0.0
        self.terminal = sys.stderr.isatty()

    def show(self, text, force=False):
        now = time.monotonic()
        if text == self.last or (not force and not self.terminal and now - self.last_at < 1.0):
            return
        self.last, self.last_at = text, now
        print(("\r\033[K" + text) if self.terminal else text, end="" if self.terminal else "\n",
              file=sys.stderr, flush=True)

    def done(self):
        if self.terminal and self.last:
            print(file=sys.stderr, flush=True)
        self.last = None


class Board:
    """What the board says; the counts are those since the demo began."""

    def __init__(self, stack, patience):
        self.stack = stack
        self.patience = patience
        self.base = dict.fromkeys(COUNTS, 0)

    def _json(self, path):
        status, body = self.stack.get("board", path)
        if status != 200:
            raise OSError(f"the board answers {status} on {path}")
        return json.loads(body)

    def counts(self):
        now = self._json("/api/summary")
        return {k: int(now[k]) - self.base[k] for k in COUNTS}

    def begin(self, seconds=15.0):
        """Takes what a used cluster holds already as the starting point, once the board has read it all."""
        end = time.monotonic() + seconds
        before = None
        while time.monotonic() < end:
            try:
                now = self._json("/api/summary")
                if int(now.get("lag") or 0) == 0 and (now == before or not any(now[k] for k in COUNTS)):
                    self.base = {k: int(now[k]) for k in COUNTS}
                    return
                before = now
            except OSError:
                pass
            time.sleep(0.3)
        raise Unsettled("the board does not come to rest before the demo begins; its log: "
                        + self.stack.child("board").log_path)

    def cases(self, limit=200):
        return self._json(f"/api/cases?limit={limit}")

    def event(self, case, kind):
        """What the last event of that kind says is new."""
        events = self._json("/api/cases/" + case["case"])["events"]
        return [e["new"] for e in events if e["kind"] == kind][-1]

    def words(self, case):
        """What was complained about, masked as it travels."""
        if case.get("title"):
            return case["title"]
        try:
            return self.event(case, "opened").get("text") or ""
        except (OSError, ValueError, KeyError, IndexError):
            return case["case"]

    def wait(self, done, missing, progress, published):
        """Polls until done(counts); a board that restarts meanwhile is asked again."""
        end = time.monotonic() + self.patience
        counts = dict.fromkeys(COUNTS, 0)
        while True:
            try:
                counts = self.counts()
            except (OSError, ValueError, KeyError) as e:
                problem = str(e)
            else:
                problem = None
                progress.show(progress_line(published, counts))
                if done(counts):
                    progress.show(progress_line(published, counts), force=True)
                    return counts
            if time.monotonic() > end:
                progress.done()
                raise Unsettled(f"after {self.patience:.0f} s still open: {missing(counts)}"
                                + (f"; {problem}" if problem else ""))
            time.sleep(0.1)


def steady():
    """True once the counts stay as they are: a closed case closes those merged into it a moment later."""
    last = {"counts": None, "since": 0.0}

    def check(counts):
        now = time.monotonic()
        if counts != last["counts"]:
            last.update(counts=counts, since=now)
        return now - last["since"] >= 0.7
    return check


def progress_line(published, c):
    return (f"published {published} | accepted {c['accepted']} repeated {c['repeated']} refused {c['dead_lettered']} | "
            f"dispatched {c['dispatched']} desk {c['needs_human']} transferred {c['transferred']} "
            f"merged {c['merged']} | resolved {c['resolved']}")


def settled(published):
    return lambda c: (sum(c[k] for k in INTAKE) == published and sum(c[k] for k in OUTCOMES) == c["accepted"])


def what_is_missing(published):
    def describe(c):
        taken, routed = sum(c[k] for k in INTAKE), sum(c[k] for k in OUTCOMES)
        return (f"{published} published, {taken} answered for ({', '.join(f'{k} {c[k]}' for k in INTAKE)}); "
                f"{c['accepted']} accepted, {routed} with an outcome ({', '.join(f'{k} {c[k]}' for k in OUTCOMES)})")
    return describe


# -- what units do ----------------------------------------------------------------------------------------------------

RESULTS = ("已到现场处置完毕，并向诉求人当面说明。", "已安排人员整改到位，现场照片附后。", "已联系责任方修复，复查合格。")


def act(stack, actions):
    """Sends unit actions in one batch through the command line."""
    if not actions:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", dir=stack.run_dir, encoding="utf-8", delete=False) as f:
        f.writelines(json.dumps(a, ensure_ascii=False) + "\n" for a in actions)
    stack.run("act", "--batch", f.name)
    os.unlink(f.name)


def order_of(case):
    return case.get("order") or case["case"] + ".1"


def steps_of(policy):
    """The names of the steps of each SLA class that has any."""
    with open(os.path.join(policy, "sla.json"), encoding="utf-8") as f:
        classes = json.load(f)["classes"]
    return {name: [step["name"] for step in c.get("steps", ())] for name, c in classes.items()}


def with_mandatory_assists(policy):
    """The categories that nobody finishes alone."""
    with open(os.path.join(policy, "catalogue.csv"), encoding="utf-8", newline="") as f:
        return {row["category"] for row in csv.DictReader(f) if "!" in row["assists"]}


def work_of_units(cases, steps, joint):
    """Of what was dispatched, two thirds are signed and one third is worked on to the end, but for joint work."""
    soon = time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(time.time() + (8 + 72) * 3600))
    signed, resolved = [], []
    open_cases = sorted((c for c in cases if c.get("outcome") == "dispatched" and c.get("stage") == "DISPATCHED"),
                        key=lambda c: c["case"])
    for i, c in enumerate(open_cases):
        common = {"unit": c["unit"], "case": c["case"], "order": order_of(c), "by": "demo"}
        if i % 3 == 2:
            continue
        signed.append(dict(common, action="sign"))
        if i % 3 == 0 and c.get("category") not in joint:
            result = RESULTS[i // 3 % len(RESULTS)]
            resolved.append(c["case"])
            signed += [dict(common, action="contact", note="已电话联系诉求人，约定处置时间。"),
                       dict(common, action="check_in", note="已派员到场。"),
                       dict(common, action="handle", note="正在处置。"),
                       *(dict(common, action="complete_step", step=step, result=result, plan="按方案分步处置。",
                              attendees=["主办单位", "居民代表"], until=soon,
                              photos=["https://example.com/demo/step.jpg"]) for step in steps(c)),
                       dict(common, action="submit", result=result, contact_record="已回电告知处理结果，诉求人表示认可。",
                            photos=["https://example.com/demo/after.jpg"])]
    return signed, resolved


def close_by_desk(cases, resolved, desk):
    wanted = set(resolved)
    return [{"unit": desk, "case": c["case"], "order": order_of(c), "action": "follow_up", "by": "demo",
             "valid": True, "solved": True, "rating": "satisfied", "note": "审核通过，回访满意。"}
            for c in cases if c["case"] in wanted and c.get("stage") == "SUBMITTED"]


def desk_of(policy):
    with open(os.path.join(policy, "policy.json"), encoding="utf-8") as f:
        return json.load(f)["desk"]


def let_units_work(stack, board, published, progress):
    steps = steps_of(stack.policy)
    actions, resolved = work_of_units(board.cases(), lambda c: steps[board.event(c, "dispatched")["sla"]],
                                      with_mandatory_assists(stack.policy))
    if not resolved:
        return
    act(stack, actions)
    wanted = set(resolved)
    end = time.monotonic() + board.patience
    while True:
        cases = board.cases()
        open_still = [c for c in cases if c["case"] in wanted and c.get("stage") != "SUBMITTED"]
        progress.show(progress_line(published, board.counts()))
        if not open_still:
            break
        if time.monotonic() > end:
            progress.done()
            stages = sorted({c.get("stage", "?") for c in open_still})
            raise Unsettled(f"after {board.patience:.0f} s {len(open_still)} of {len(wanted)} cases are not submitted; "
                            f"they stand at {', '.join(stages)}, the first is {open_still[0]['case']}")
        time.sleep(0.1)
    act(stack, close_by_desk(cases, resolved, desk_of(stack.policy)))
    board.wait(lambda c: c["resolved"] >= len(wanted),
               lambda c: f"{len(wanted)} cases were closed by the desk, {c['resolved']} are resolved", progress, published)


# -- what the user sees -----------------------------------------------------------------------------------------------

def width(text):
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def fit(text, columns):
    """The text in exactly that many columns, Chinese characters counting two."""
    text = " ".join(str(text or "").split())
    if width(text) > columns:
        short, used = "", 0
        for ch in text:
            if used + width(ch) > columns - 1:
                break
            short, used = short + ch, used + width(ch)
        text = short + "…"
    return text + " " * (columns - width(text))


REASONS = {
    "no_category": "类别不明", "low_confidence": "把握不足", "no_place": "地点不明", "place_conflict": "地点冲突",
    "no_owner": "无责任单位", "unit_accused": "涉及被诉单位", "owner_not_valid": "责任单位失效",
}
OUTCOME_WORDS = {"dispatched": "派单", "needs_human": "转人工", "transferred": "转专线", "merged": "并单"}


def due_text(due):
    return due[5:16].replace("T", " ") if isinstance(due, str) and len(due) >= 16 else "-"


def why_text(case):
    words = [OUTCOME_WORDS.get(case.get("outcome"), str(case.get("outcome") or ""))]
    reason = case.get("reason")
    if reason:
        words.append(REASONS.get(reason, reason))
    for more in ("line", "rule", "master"):
        if case.get(more):
            words.append(str(case[more]))
    return " ".join(words)


def print_table(cases, words_of):
    columns = (("诉求", 34), ("类别", 20), ("急", 3), ("单位", 20), ("为什么", 28), ("到期", 11))
    print()
    print(" ".join(fit(name, n) for name, n in columns).rstrip())
    print(" ".join("-" * n for _, n in columns))
    for c in sorted(cases, key=lambda c: (c.get("outcome") or "", c.get("category") or "", c["case"])):
        cells = (words_of(c), c.get("category_name") or c.get("category") or "-", c.get("urgency") or "",
                 c.get("unit_name") or c.get("unit") or "-", why_text(c), due_text(c.get("due")))
        print(" ".join(fit(cell, n) for cell, (_, n) in zip(cells, columns)).rstrip())
    print(flush=True)


def count_lines(path):
    """The lines that `chuishao publish` sends: all but empty ones."""
    with open(path, "rb") as f:
        return sum(1 for line in f if line.rstrip(b"\n"))


def run_demo(options, began):
    source = os.path.abspath(options.input or os.path.join(ROOT, "demo", "sample_day.jsonl"))
    try:
        published = count_lines(source)
    except OSError as e:
        raise StackError(f"cannot read {source}: {e.strerror}") from None
    if published == 0:
        raise StackError(f"{source} has no line to publish")

    progress = Progress()
    stack = Stack(f"demo-{os.getpid()}", run_dir=options.keep, build_dir=options.build, policy=options.policy,
                  kafka=os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), redis=os.environ.get("REDIS_URL"), schedules=True, say=say)
    ended_well = False
    try:
        say("starting Kafka, Redis and the services")
        stack.start()
        say(f"up after {time.time() - began:.1f} s: kafka {stack.kafka}, redis {stack.redis}")
        board = Board(stack, options.patience)
        board.begin()
        report = json.loads(stack.run("publish", "--raw", "--output", "json", "--in", source).stdout)
        if report["published"] != published:
            raise StackError(f"{source} has {published} lines, but {report['published']} were published")
        counts = board.wait(settled(published), what_is_missing(published), progress, published)
        let_units_work(stack, board, published, progress)
        at_rest, unchanged = settled(published), steady()
        counts = board.wait(lambda c: unchanged(c) and at_rest(c), what_is_missing(published), progress, published)
        progress.done()
        print_table(board.cases(), board.words)
        if stack.total_restarts():
            say(f"services restarted {stack.total_restarts()} times; their logs are in {stack.run_dir}/logs")
        summary = dict({"published": published}, **{k: counts[k] for k in COUNTS})
        if options.once:
            ended_well = True
        else:
            print(json.dumps(summary))
            print(f"board: http://{stack.http('board')}/   kafka: {stack.kafka}   redis: {stack.redis}\n"
                  "Ctrl-C ends everything.", flush=True)
            ended_well = True
            while True:
                time.sleep(3600)
    finally:
        progress.done()
        stack.stop(remove=False)
        if ended_well and not options.keep:
            shutil.rmtree(stack.run_dir, ignore_errors=True)
        else:
            say(f"data and logs: {stack.run_dir}")
    print(json.dumps(dict(summary, seconds=round(time.time() - began, 1))), flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the summary; the last line is one JSON object")
    parser.add_argument("--input", metavar="FILE", help="publish this JSON-lines file instead of the sample day")
    parser.add_argument("--keep", metavar="DIR", help="keep data and logs in DIR")
    parser.add_argument("--patience", metavar="SECONDS", type=float, default=60.0,
                        help="how long to wait for the system to come to rest (default %(default).0f)")
    parser.add_argument("--policy", metavar="DIR", help="another policy than policy/")
    parser.add_argument("--build", metavar="DIR", help="another build folder than build/release")
    options = parser.parse_args()
    began = float(os.environ.get("DEMO_STARTED_AT") or time.time())
    interrupt_on_signals()
    try:
        return run_demo(options, began)
    except Unsettled as e:
        say(f"demo: {e}")
        return 1
    except StackError as e:
        say(f"demo: {e}")
        return 69
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
