"""What returns and rulings teach: the worst pairs, and a model from the system's own closed cases."""

import json
import os

import pytest

from kafka_log import producer
from stack import Stack


def event(case, seq, kind, why=None, new=None):
    return {"case": case, "seq": seq, "kind": kind, "at": f"2026-11-21T09:{seq:02}:00+08:00", "actor": {"service": "casework"},
            "why": why or {}, "new": new or {}}


@pytest.fixture
def stack(tmp_path):
    """Kafka and its topics; the events are this test's own."""
    with Stack(f"history-{os.getpid()}", services=(), run_dir=str(tmp_path / "run")) as found:
        yield found


def test_history_names_pairs_and_train_learns_from_closed_cases(stack, tmp_path):
    stack.run("topics", "apply")
    events = producer(stack.kafka)
    topic = "case.event.v1"
    words = {"chengguan": "路边摆摊占道经营", "paishui": "下水道堵了污水外溢"}
    for i in range(40):
        unit = list(words)[i % 2]
        case = f"n20261101-{i:016d}"
        found = [event(case, 1, "opened", new={"source": "web", "id": f"history-{i}", "channel": "web", "text": f"{words[unit]}第{i}处"}),
                 event(case, 2, "dispatched", new={"unit": "shizheng", "category": "050102"}),
                 event(case, 3, "dispatched", {"reason": "return_accepted"}, {"unit": unit, "category": "040101"}),
                 event(case, 4, "closed", new={"outcome": "resolved"})]
        for e in found:
            events.produce(topic, key=case, value=json.dumps(e, ensure_ascii=False))
    events.flush(20)
    done = stack.run("history", "--out", str(tmp_path / "examples.jsonl"), "--output", "json")
    pairs = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert {"from": "shizheng", "to": "paishui", "n": 20} in pairs and {"from": "shizheng", "to": "chengguan", "n": 20} in pairs
    lines = [json.loads(line) for line in (tmp_path / "examples.jsonl").read_text(encoding="utf-8").splitlines()]
    own = [x for x in lines if x["id"].startswith("n20261101-")]
    assert len(own) == 40 and all(x["unit"] in words and x["from"] == "shizheng" for x in own)
    model = tmp_path / "model.bin"
    stack.run("train", "--from-history", "--target", "unit", "--out", str(model))
    (tmp_path / "new.jsonl").write_text('{"id": 1, "text": "污水从下水道冒出来堵住了"}\n', encoding="utf-8")
    told = stack.run("classify", "--model", str(model), "--in", str(tmp_path / "new.jsonl"), "--top", "1").stdout
    assert json.loads(told)["top"][0]["label"] == "paishui"
