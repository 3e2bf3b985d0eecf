"""What a publisher and a unit need is a plain Kafka client. With KAFKA the address:

    kcat -P -b "$KAFKA" -t complaint.intake.v1 -k h-1 complaint.json
    kcat -C -b "$KAFKA" -t unit.chengguan.orders.v1 -o beginning -e -q
"""

import json
import os
import subprocess
import uuid
from datetime import datetime, timedelta, timezone


def kcat(*arguments):
    result = subprocess.run(["kcat", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


def test_kcat_publishes_plain_json_and_reads_a_units_orders(system, tmp_path):
    number = "kcat-" + uuid.uuid4().hex[:12]
    path = os.path.join(tmp_path, "complaint.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"id": number, "channel": "app", "text": "路边占道经营的烧烤摊每晚油烟很大，人行道都走不了。",
                   "reported_at": datetime.now(timezone(timedelta(hours=8))).isoformat(timespec="seconds"),
                   "place": {"estate": "泊岸华庭"}}, f, ensure_ascii=False)
    kcat("-P", "-b", system.stack.kafka, "-t", "complaint.intake.v1", "-k", number, path)
    event = system.event("opened", number)
    record = system.find("unit.orders.v1", lambda r: json.loads(r.value)["case"] == event["case"])
    queue = json.loads(record.value)["queue"]
    system.order(queue, event["case"], json.loads(record.value)["kind"])
    out = kcat("-C", "-b", system.stack.kafka, "-t", f"unit.{queue}.orders.v1", "-o", "beginning", "-e", "-q")
    orders = [json.loads(line) for line in out.splitlines()]
    assert [o["case"] for o in orders].count(event["case"]) >= 1
