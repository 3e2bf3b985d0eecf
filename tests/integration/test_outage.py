"""Five hundred people call about one outage: one case is worked on, all five hundred get its answer."""

import json
from datetime import datetime, timedelta, timezone

from kafka_log import wait_until

CHINA = timezone(timedelta(hours=8))
N = 500
WORDS = ("", "，请尽快处理", "，家里有老人", "，什么时候能来电", "，已经一个小时了")


def now():
    return datetime.now(CHINA).isoformat(timespec="milliseconds")


def test_five_hundred_calls_are_one_case_and_five_hundred_answers(system):
    for i in range(N):
        text = f"汐月府二期整个小区突然停电了，家家户户都没电{WORDS[i % len(WORDS)]}"
        message = {"id": f"outage-{i}", "channel": "phone", "reported_at": now(), "text": text,
                   "reporter": {"phone": f"139{i:08d}", "kind": "self"}}
        system.producer.produce("complaint.intake.v1", key="outage", value=json.dumps(message, ensure_ascii=False))
    system.producer.flush(30)
    cases = {}

    def settled():
        system.whole.follower.poll(0.05)
        for r in system.whole.of("case.event"):
            event = json.loads(r.value)
            if event["kind"] == "opened" and event["new"]["id"].startswith("outage-"):
                cases.setdefault(event["case"], set())
            if event["case"] in cases:
                cases[event["case"]].add(event["kind"])
        return len(cases) == N and all(kinds & {"merged", "dispatched", "needs_human"} for kinds in cases.values())
    wait_until(settled, 180, lambda: f"{N} settled; {len(cases)} are opened")
    leads = [c for c, kinds in cases.items() if "merged" not in kinds]
    assert len(leads) == 1 and "dispatched" in cases[leads[0]]
    assert "cluster_alarm" in cases[leads[0]]
    order = system.find("unit.orders.v1", lambda r: json.loads(r.value)["case"] == leads[0]
                        and json.loads(r.value)["kind"] == "dispatch")
    order = json.loads(order.value)
    common = {"case": leads[0], "order": leads[0] + ".1", "by": "s-1", "at": now()}
    system.act(order["queue"], {**common, "id": "outage-s", "action": "submit", "unit": order["unit"],
                                "result": "配电房跳闸，14:20 已恢复供电", "contact_record": "已群发短信告知",
                                "photos": ["https://files.example.org/1.jpg"]})
    system.event("submitted", case=leads[0])
    system.act("hotline", {**common, "id": "outage-f", "action": "follow_up", "valid": True, "solved": True, "rating": "satisfied"})
    answers = {}

    def answered():
        system.whole.follower.poll(0.05)
        answers.clear()
        for r in system.whole.of("case.resolution"):
            message = json.loads(r.value)
            if message["complaint_id"].startswith("outage-"):
                answers.setdefault(message["complaint_id"], []).append(message)
        return len(answers) == N
    wait_until(answered, 120, lambda: f"{N} answers; there are {len(answers)}")
    wrong = [found for found in answers.values()
             if len(found) != 1 or "恢复供电" not in found[0]["result"] or not found[0]["final"]]
    assert not wrong, wrong[0]
    assert sum(found[0]["outcome"] == "merged_resolved" for found in answers.values()) == N - 1
