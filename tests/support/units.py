"""Units and the desk that work on whatever comes, for tests under load: each order is answered by what its hash says, so
that a seed repeats a run. Every action has an id of its own, and exactly one answer."""

import json
import threading
import time
import zlib
from collections import Counter

from kafka_log import Follower, producer
from matter import PHOTO, queues_of, time_of

RETURN = {"reason_code": "not_our_duty", "reason": "不属于我单位职责范围", "evidence": ["https://files.example.org/duty.pdf"]}
SUBMIT = {"result": "已到现场处置完毕，恢复正常。", "contact_record": "已回电告知诉求人。", "photos": PHOTO, "head": "李主任"}
RULING = {"to": "chengguan", "attendees": ["区督查室", "主办单位"], "basis": "部门职责清单", "category": "040102"}
GRANT = {"result": "经与诉求人沟通，同意终止办理。"}


def choices(kind):
    """What may be answered to an order of that kind: lists of (action, fields)."""
    lead = [("sign", {}), ("contact", {}), ("submit", SUBMIT)]
    return {
        "dispatch": [lead, lead, lead[:1], [("request_return", RETURN)], [("sign", {}), ("sign", {})],
                     [("request_extension", {"reason_code": "weather", "reason": "连续降雨无法施工", "amount": 1})],
                     [("request_suspension", {"reason_code": "awaiting_funds", "reason": "维修资金尚未到位", "until": time_of(86400)})]],
        "assist": [[("submit", SUBMIT)], [("sign", {})], [("request_return", RETURN)], []],
        "redo": [[("submit", SUBMIT)]],
        "review": [[("follow_up", {"valid": True, "solved": True, "rating": "satisfied"})], [("approve", {})], [("redo", {})],
                   [("follow_up", {"valid": True, "solved": False, "rating": "unsatisfied"})]],
        "follow_up": [[("follow_up", {"valid": False, "reason": "三次回拨无人接听"})]],
        "needs_human": [[("close", {"note": "已向来电人说明政策依据。"})], [("dispatch", {"to": "chengguan", "category": "040102"})], []],
        "return_request": [[("refuse", {"note": "属于你单位职责"})], [("dispatch", {"to": "chengguan", "category": "040102"})]],
        "extension_request": [[("grant", GRANT)], [("refuse", {"note": "请按期办结"})]],
        "suspension_request": [[("grant", GRANT)], [("refuse", {"note": "请继续办理"})]],
        "adjudicate": [[("rule", RULING)]],
        "transfer": [[("acknowledge", {})], []],
    }.get(kind, [[]])


class Units(threading.Thread):
    """Follows every unit's orders and answers them until stopped."""

    def __init__(self, kafka, policy, seed):
        super().__init__(name="units", daemon=True)
        self.queues, self.seed = queues_of(policy), seed
        self.follower = Follower(kafka, [f"unit.{q}.orders.v1" for q in sorted(set(self.queues.values()))])
        self.producer = producer(kafka)
        self.sent = {}  # action id: (case, unit)
        self._ended, self._problem = threading.Event(), None

    def _answer(self, order):
        options = choices(order["kind"])
        pick = options[zlib.crc32(f"{self.seed} {order['id']}".encode()) % len(options)]
        for action, fields in pick:
            number = f"u-{len(self.sent)}"
            self.sent[number] = (order["case"], order["unit"])
            message = {"id": number, "case": order["case"], "order": order["order"], "action": action, "at": time_of(), "by": number,
                       "unit": order["unit"], **fields}
            self.producer.produce(f"unit.{self.queues[order['unit']]}.actions.v1", key=order["case"],
                                  value=json.dumps(message, ensure_ascii=False).encode())

    def run(self):
        try:
            while not self._ended.is_set():
                for record in self.follower.poll(0.1):
                    order = json.loads(record.value)
                    if order["case"][0] in "nx" and order["unit"] in self.queues:
                        self._answer(order)
                self.producer.poll(0)
        except Exception as e:  # told by finish()
            self._problem = e

    def finish(self, still_seconds=4.0, seconds=120.0):
        """Until no order has come for a while; returns the actions that were sent."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and time.monotonic() - self.follower.arrived < still_seconds and self.is_alive():
            time.sleep(0.1)
        self._ended.set()
        self.join()
        self.producer.flush(60)
        self.producer = None  # which ends its connections
        self.follower.close()
        if self._problem:
            raise self._problem
        return self.sent


def answers(sent, events, orders):
    """{action id: how often it took effect or was refused}. What one action brings about has the same actor."""
    took_effect = {(e["actor"].get("by"), e["case"]) for e in events}
    found = Counter({number: 1 for number, (case, _) in sent.items() if (number, case) in took_effect})
    found.update(o["action_id"] for o in orders if o["kind"] == "refused" and o["action_id"] in sent)
    return {number: found[number] for number in sent}


def check_answers(sent, events, orders, problems):
    """Exactly one answer each: an action that was taken twice is refused the second time, one that was lost has none."""
    for number, n in answers(sent, events, orders).items():
        if n != 1:
            problems.add("action lost" if n == 0 else "action answered twice", f"{number} of {sent[number]}: {n} answers")

