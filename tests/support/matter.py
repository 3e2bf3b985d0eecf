"""One complaint on its way through the whole system, and what its units do about it, as plain Kafka clients."""

import csv
import itertools
import json
import os
from datetime import datetime, timedelta, timezone

from kafka_log import wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLE = os.path.join(ROOT, "schemas", "case.command", "valid", "open_dispatch.json")
CHINA = timezone(timedelta(hours=8))
DESK, DISTRICT = "hotline", "wutong"
PHOTO = ["https://files.example.org/1.jpg"]
SUBMIT = {"result": "已到现场处置完毕，恢复正常。", "contact_record": "已回电告知诉求人。", "photos": PHOTO}
FOLLOWED = {"valid": True, "solved": True, "rating": "satisfied"}
_numbers = itertools.count(1)


def time_of(seconds=0.0):
    """So many seconds from now, RFC 3339."""
    return (datetime.now(CHINA) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def queues_of(policy):
    """{unit: the unit whose queue it uses}"""
    with open(os.path.join(policy, "units.csv"), encoding="utf-8-sig", newline="") as f:
        return {row["code"]: row["queue"] or row["code"] for row in csv.DictReader(f)}


def complain(system, text, phone=None, **fields):
    """Publishes it; the matter is there once it was opened."""
    number = f"matter-{os.getpid()}-{next(_numbers)}"
    message = {"id": number, "channel": "phone", "reported_at": time_of(), "text": text, **fields}
    if phone:
        message["reporter"] = {"phone": phone, "kind": "self"}
    system.publish(message)
    return Matter(system, system.event("opened", number)["case"])


def opened_before(system, seconds, outcome="dispatch", then=(), **route):
    """A case that was opened so long ago, straight on case.command: a lift at 听潮名苑, with the property firm. then: what
    was done, (seconds ago, unit, action, fields), before time tells anything of it."""
    with open(EXAMPLE, encoding="utf-8") as f:
        command = json.load(f)
    case = f"n{datetime.now(CHINA):%Y%m%d}-{os.getpid():08d}{next(_numbers):08d}"
    command.update(case=case, id=case + ".open", at=time_of(-seconds))
    command["route"] = {"outcome": outcome, "lead": "pm-jiahe", "sla": "E2", "rule": "t", "policy": "t", **route}
    command["class"].update(category="010104", category_name="电梯故障停用", urgency="E2")
    command["place"] = {"code": "329901001001e02", "type": "estate", "name": "听潮名苑", "found_by": "text"}
    command["complaint"].update(case=case, id=case, text="3号楼电梯停运")
    found = Matter(system, case)
    found.command(command, *(found.action_before(*done) for done in then))
    found.event("opened")
    return found


class Matter:
    """A case, seen from outside."""

    def __init__(self, system, case):
        self.system, self.case = system, case
        self.queues = queues_of(system.stack.policy)

    # -- what there is

    def _of(self, topic):
        return [json.loads(r.value) for r in self.system.whole.follower.records[topic] if self.case.encode() in r.value]

    def events(self, kind=None):
        return [e for e in self._of("case.event.v1") if e["case"] == self.case and kind in (None, e["kind"])]

    def orders(self, unit, kind=None):
        return [o for o in self._of(f"unit.{self.queues[unit]}.orders.v1")
                if o["case"] == self.case and o["unit"] == unit and kind in (None, o["kind"])]

    def resolutions(self):
        return [r for r in self._of("case.resolution.v1") if r["case"] == self.case]

    def stage(self):
        return [e["new"]["stage"] for e in self.events() if "stage" in e["new"]][-1]

    # -- waiting for it

    def _wait(self, look, what, seconds=30):
        found = []

        def there():
            self.system.whole.follower.poll(0.05)
            found[:] = look()
            return bool(found)
        wait_until(there, seconds, lambda: f"{what} of {self.case}; there is {[e['kind'] for e in self.events()]}")
        return found

    def event(self, kind, times=1, seconds=30):
        return self._wait(lambda: self.events(kind)[times - 1:], f"event {kind} {times}", seconds)[0]

    def order(self, unit, kind, times=1, seconds=30):
        return self._wait(lambda: self.orders(unit, kind)[times - 1:], f"order {kind} for {unit}", seconds)[0]

    def resolution(self, times=1, seconds=30):
        return self._wait(lambda: self.resolutions()[times - 1:], f"resolution {times}", seconds)[0]

    # -- doing something

    def command(self, *commands):
        """Straight to casework, past intake: the only way to do something at another time than now."""
        for command in commands:
            self.system.producer.produce("case.command.v1", key=self.case, value=json.dumps(command).encode())
        self.system.producer.flush(20)

    def action_before(self, seconds, unit, action, fields):
        by = f"s-{next(_numbers)}"
        return {"command": "action", "case": self.case, "id": f"{unit}:{by}", "at": time_of(-seconds), "unit": unit,
                "queue": self.queues[unit], "by": by, "action": action, "order": self.case + ".1", **fields}

    def acted_before(self, seconds, unit, action, **fields):
        """The unit did that so long ago; returns the first event that says so."""
        command = self.action_before(seconds, unit, action, fields)
        self.command(command)
        return self._wait(lambda: [e for e in self.events() if e["actor"].get("by") == command["by"]],
                          f"effect of {unit} {action}")[0]

    def _send(self, unit, action, task, fields):
        number = next(_numbers)
        message = {"id": f"a-{os.getpid()}-{number}", "case": self.case, "order": f"{self.case}.{task}", "action": action,
                   "at": time_of(), "by": f"s-{number}", "unit": unit, **fields}
        self.system.act(self.queues[unit], message)
        return message

    def act(self, unit, action, task=1, **fields):
        """The unit does that, and it takes effect: returns the first event that says so."""
        sent = self._send(unit, action, task, fields)

        def answered():
            refused = [o for o in self.orders(unit, "refused") if o["action_id"] == sent["id"]]
            assert not refused, f"{unit} {action}: {refused[0]['rule']}"
            return [e for e in self.events() if e["actor"].get("by") == sent["by"]]
        return self._wait(answered, f"effect of {unit} {action}")[0]

    def refused(self, unit, action, task=1, **fields):
        """The unit tries that and is refused: returns the rule."""
        sent = self._send(unit, action, task, fields)
        return self._wait(lambda: [o for o in self.orders(unit, "refused") if o["action_id"] == sent["id"]],
                          f"refusal of {unit} {action}")[0]["rule"]

    def finish(self, unit, task=1, **fields):
        """Submitted, and the desk finds everything well."""
        self.act(unit, "submit", task, **{**SUBMIT, **fields})
        self.act(DESK, "follow_up", task, **FOLLOWED)
        self.event("closed")
