#!/usr/bin/env python3
"""One burst pipe from the call to the closing: a whistle and a no-show, a return, a ruling, an extension, a redo.

Everything is done through the command line, as units would; each command is printed, then the story as `chuishao case` has it."""

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from infra import ROOT  # noqa: E402
from processes import StackError  # noqa: E402
from stack import Stack, interrupt_on_signals, say  # noqa: E402

STREET, WATER, POLICE, ROADS, DESK, DISTRICT = "street-lugang", "gongshui", "jiaojing", "shizheng", "hotline", "wutong"
CHECK_IN_MINUTES = 1  # the sample policy gives 30; nobody watches a tour for so long
PHOTO = "photos=https://files.example.org/{}.jpg"


class Untold(Exception):
    """The story did not go on; says at what."""


def story_policy(folder):
    """The sample policy with one number changed. Returns the folder of the copy."""
    copy = os.path.join(folder, "policy")
    shutil.copytree(os.path.join(ROOT, "policy"), copy)
    path = os.path.join(copy, "whistle.json")
    with open(path, encoding="utf-8") as f:
        whistle = json.load(f)
    whistle["types"]["emergency"]["check_in"] = {"amount": CHECK_IN_MINUTES, "unit": "minute"}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(whistle, f, ensure_ascii=False)
    return copy


class Teller:
    """Runs the command line against a stack and waits for what each command brings about."""

    def __init__(self, stack, patience, show=say):
        self.stack, self.patience, self.show = stack, patience, show

    def chapter(self, text):
        self.show(f"\n# {text}")

    def run(self, *words):
        self.show("chuishao " + " ".join(map(shlex.quote, words)))
        return self.stack.run(*words).stdout.decode()

    def events(self, of):
        """Of a case or a whistle; none when it is not there yet."""
        found = self.stack.run("case", of, "--output", "json", check=False).stdout.decode()
        return [json.loads(line) for line in found.splitlines()]

    def wait(self, of, kind, times=1, seconds=None):
        """Until there are so many events of that kind; returns the last of them."""
        end = time.monotonic() + (seconds or self.patience)
        while True:
            found = [e for e in self.events(of) if e["kind"] == kind]
            if len(found) >= times:
                return found[times - 1]
            if time.monotonic() > end:
                raise Untold(f"{of} has {len(found)} events {kind!r}, {times} were awaited")
            time.sleep(0.1)

    def act(self, unit, order, action, *fields, tells, by="s-1"):
        """One action, and the event it has to bring about: how often the subject told that kind rises by one."""
        of = order.rpartition(".")[0]
        before = sum(1 for e in self.events(of) if e["kind"] == tells)
        words = [word for field in fields for word in ("--field", field)]
        self.run("act", "--unit", unit, "--order", order, "--action", action, "--by", by, *words)
        return self.wait(of, tells, before + 1)


def burst(teller):
    teller.chapter("A resident calls: a water main has burst before the gate. Three units get it; the police's part is mandatory.")
    said = teller.run("publish", "--channel", "phone", "--name", "周明远", "--phone", "13800000000", "--estate", "听潮名苑",
                      "--text", "听潮名苑北门外自来水管道爆管，路面大量冒水，车辆无法通行，请尽快抢修", "--output", "json")
    case = json.loads(said)["case"]
    teller.wait(case, "dispatched")
    return case


def attend(teller, case):
    water = case + ".1"
    teller.chapter("The water company signs, calls, comes and fences the place off: the first of three steps.")
    teller.act(WATER, water, "sign", tells="signed")
    teller.act(WATER, water, "contact", "note=已致电来电人，抢修队出发", tells="contacted")
    teller.act(WATER, water, "check_in", "note=抢修队到场，正在关阀", tells="checked_in")
    teller.act(WATER, water, "complete_step", "step=enclose", PHOTO.format("fence"), tells="step_done")


def whistle(teller, case):
    teller.chapter(f"The street whistles: three units have {CHECK_IN_MINUTES} minute to check in (30 in the sample policy).")
    summon = json.dumps([{"unit": WATER, "must": True}, {"unit": POLICE, "must": True}, {"unit": ROADS, "must": True}])
    teller.run("act", "--unit", STREET, "--action", "whistle", "--by", "s-9", "--field", "type=emergency", "--field",
               f"cases={case}", "--field", f"summon={summon}", "--field", "text=听潮名苑北门外爆管，请到场会商抢修、交通疏导和路面修复")
    whistle_id = teller.wait(case, "whistle_linked")["new"]["whistle"]
    teller.act(WATER, whistle_id + ".2", "check_in", "where=听潮名苑北门外抢修现场", tells="whistle_checked_in")
    teller.act(POLICE, whistle_id + ".3", "check_in", "where=听潮名苑北门路口", tells="whistle_checked_in")
    return whistle_id


def no_show(teller, whistle_id):
    teller.chapter("The road maintenance does not come. The absence is told in the same minute; it explains itself and comes late.")
    teller.wait(whistle_id, "whistle_absent", seconds=CHECK_IN_MINUTES * 60 + teller.patience)
    teller.act(ROADS, whistle_id + ".4", "absent_reason", "reason_code=other_emergency", "reason=值守队伍正在江湾路处置塌陷，随后赶到",
               tells="whistle_absence_explained")
    teller.act(ROADS, whistle_id + ".4", "check_in", "where=听潮名苑北门外", tells="whistle_checked_in")


def quarrel(teller, case):
    water = case + ".1"
    teller.chapter("The water company returns the order, is refused, and returns it again: once too often, the district rules.")
    fields = ("reason_code=unclear_ownership", "reason=爆管段位于小区红线内，产权属全体业主", "proposed_unit=pm-jiahe",
              "evidence=https://files.example.org/drawing.pdf")
    teller.act(WATER, water, "request_return", *fields, tells="return_requested")
    teller.act(DESK, water, "refuse", "note=总表以外为供水公司管养范围，请继续抢修", by="h-12", tells="return_refused")
    teller.act(WATER, water, "request_return", *fields, tells="disputed")
    teller.act(DISTRICT, water, "rule", f"to={WATER}", "attendees=区督查室", "attendees=区水务局", "attendees=鹭港街道",
               "basis=供水设施产权分界以总表为界，爆管段在总表之前", "note=由供水公司负责到底，不得再退", by="d-1", tells="ruled")


def mend(teller, case):
    water, police = case + ".1", case + ".2"
    teller.chapter("The pipe is repaired; the road needs longer, and the desk extends the promise by two working days.")
    teller.act(POLICE, police, "submit", "result=交通疏导完毕，半幅路面恢复通行", tells="assist_done")
    teller.act(WATER, water, "complete_step", "step=repair", "result=更换DN300主管六米，恢复供水", PHOTO.format("pipe"), tells="step_done")
    teller.act(WATER, water, "request_extension", "amount=2", "reason_code=weather", "reason=连续降雨，沥青路面无法摊铺",
               tells="extension_requested")
    teller.act(DESK, water, "grant", "note=同意延期两个工作日，请告知诉求人", by="h-12", tells="extended")
    teller.act(WATER, water, "complete_step", "step=restore", "result=路面已回填并摊铺沥青", PHOTO.format("road"), tells="step_done")


def close(teller, case, whistle_id):
    water = case + ".1"
    teller.chapter("Submitted; but the resident is not content: redo, this time signed by the head of the company. Then it is closed.")
    record, photo = "contact_record=已回电来电人，告知供水已恢复", PHOTO.format("after")
    teller.act(WATER, water, "submit", "result=主管已更换，供水恢复，路面已摊铺", record, photo, tells="submitted")
    teller.act(DESK, water, "follow_up", "valid=true", "solved=false", "rating=unsatisfied", "note=北门外仍有一处塌陷", by="h-12", tells="redo")
    teller.act(WATER, water, "submit", "result=塌陷处已重新夯实回填，路面平整", record, photo, "head=陆建国", tells="submitted")
    teller.act(STREET, whistle_id + ".1", "finish", "note=各方处置完毕", by="s-9", tells="whistle_finished")
    teller.act(STREET, whistle_id + ".1", "score", f"to={ROADS}", "score=3", "reason=未按时到场，到场后处置及时", by="s-9",
               tells="whistle_scored")
    teller.act(POLICE, whistle_id + ".3", "score", f"to={STREET}", "score=5", "reason=组织有序", tells="whistle_scored")
    teller.act(DESK, water, "follow_up", "valid=true", "solved=true", "rating=satisfied", "note=回访满意", by="h-12", tells="closed")


def tell(teller):
    """Plays everything; returns the ids of the case and of the whistle."""
    case = burst(teller)
    attend(teller, case)
    whistle_id = whistle(teller, case)
    no_show(teller, whistle_id)
    quarrel(teller, case)
    mend(teller, case)
    close(teller, case, whistle_id)
    return case, whistle_id


def run(options):
    folder = tempfile.mkdtemp(prefix="chuishao-story-")
    try:
        with Stack(f"story-{os.getpid()}", run_dir=os.path.join(folder, "run"), build_dir=options.build,
                   policy=story_policy(folder), say=say) as stack:
            teller = Teller(stack, options.patience)
            case, whistle_id = tell(teller)
            for of in (case, whistle_id):
                print(f"\nchuishao case {of}\n" + stack.run("case", of).stdout.decode(), end="", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def main():
    parser = argparse.ArgumentParser(prog="./run story", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patience", metavar="SECONDS", type=float, default=20.0,
                        help="how long to wait for what a command brings about (default %(default).0f)")
    parser.add_argument("--build", metavar="DIR", help="another build folder than build/release")
    options = parser.parse_args()
    interrupt_on_signals()
    try:
        return run(options)
    except Untold as e:
        say(f"story: {e}")
        return 1
    except StackError as e:
        say(f"story: {e}")
        return 69
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
