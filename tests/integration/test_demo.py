"""What ./run demo promises its caller: the last line, the exit code, and loud words when the system does not come to rest.

The programs are stand-ins here, so that each way things can go wrong is one setting; test_whole_system.py has the real ones."""

import json
import os
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

STAND_IN = r'''
import http.server, json, os, sys
name = os.path.basename(sys.argv[0])
state_path = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "state.json")

def load():
    try:
        with open(state_path) as f:
            return json.load(f)
    except FileNotFoundError:
        return {"cases": [], "repeated": 0, "dead": 0}

def save(state):
    with open(state_path + ".new", "w") as f:
        json.dump(state, f)
    os.replace(state_path + ".new", state_path)

def publish(path):
    state, seen, n = load(), set(), 0
    for line in open(path, "rb"):
        n += 1
        try:
            message = json.loads(line)
        except ValueError:
            state["dead"] += 1
            continue
        if message["id"] in seen:
            state["repeated"] += 1
            continue
        seen.add(message["id"])
        lost = message.get("lost")
        state["cases"].append({"case": "n20260101-" + message["id"], "title": message["text"], "stage": "DISPATCHED",
                               "outcome": None if lost else "dispatched", "unit": "cg", "unit_name": "城管局",
                               "category_name": "占道经营", "urgency": "N", "rule": "r1",
                               "due": "2026-01-02T09:00:00+08:00"})
    save(state)
    print(json.dumps({"published": n}))

def act(path):
    state = load()
    after = {"sign": "SIGNED", "contact": "CONTACTED", "handle": "HANDLING", "submit": "SUBMITTED", "follow_up": "CLOSED"}
    for line in open(path):
        action = json.loads(line)
        for case in state["cases"]:
            if case["case"] == action["case"]:
                case["stage"] = after.get(action["action"], case["stage"])
    save(state)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        state = load()
        routed = sum(1 for c in state["cases"] if c["outcome"])
        body = b"{}"
        if self.path == "/api/summary":
            body = json.dumps({"accepted": len(state["cases"]), "repeated": state["repeated"],
                               "dead_lettered": state["dead"], "dispatched": routed, "needs_human": 0, "transferred": 0,
                               "merged": 0, "lag": 0,
                               "resolved": sum(c["stage"] == "CLOSED" for c in state["cases"])}).encode()
        elif self.path.startswith("/api/cases/"):
            body = b'{"events": [{"kind": "dispatched", "new": {"sla": "N"}}]}'
        elif self.path.startswith("/api/cases"):
            body = json.dumps(state["cases"]).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

if name == "chuishao":
    if sys.argv[1] == "publish":
        publish(sys.argv[sys.argv.index("--in") + 1])
    elif sys.argv[1] == "act":
        act(sys.argv[sys.argv.index("--batch") + 1])
else:
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    path = os.path.join(os.environ["CHUISHAO_RUN_DIR"], os.environ["CHUISHAO_INSTANCE"] + ".http")
    with open(path + ".new", "w") as f:
        f.write("127.0.0.1:%d" % server.server_port)
    os.rename(path + ".new", path)
    server.serve_forever()
'''


@pytest.fixture
def build(tmp_path):
    folder = tmp_path / "build" / "bin"
    folder.mkdir(parents=True)
    for name in ["chuishao"] + ["chuishao-" + s for s in ("intake", "classifier", "router", "casework", "delivery",
                                                           "sla", "board", "vault")]:
        (folder / name).write_text(f"#!{sys.executable}\n" + STAND_IN)
        (folder / name).chmod(0o755)
    return tmp_path / "build"


@pytest.fixture
def policy(tmp_path):
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "policy.json").write_text('{"desk": "desk"}')
    (folder / "sla.json").write_text('{"classes": {"N": {}}}')
    (folder / "catalogue.csv").write_text("category,assists\n")
    return folder


def demo(build, policy, lines, tmp_path, *options, **environment):
    source = tmp_path / "day.jsonl"
    source.write_bytes(b"".join(line + b"\n" for line in lines))
    env = dict(os.environ, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1", REDIS_URL="redis://127.0.0.1:1", **environment)
    return subprocess.run([sys.executable, os.path.join(ROOT, "tools", "stack", "demo.py"), "--once", "--input",
                           str(source), "--build", str(build), "--policy", str(policy), "--keep",
                           str(tmp_path / "kept"), *options], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False)


def message(id, **more):
    return json.dumps(dict({"id": id, "text": "门口有流动摊贩占道"}, **more), ensure_ascii=False).encode()


def test_the_last_line_is_the_summary_and_adds_up(build, policy, tmp_path):
    result = demo(build, policy, [message("a"), message("b"), message("a"), b"{not json"], tmp_path)
    assert result.returncode == 0, result.stderr.decode()
    summary = json.loads(result.stdout.decode().splitlines()[-1])
    seconds = summary.pop("seconds")
    assert seconds > 0
    assert summary == {"published": 4, "accepted": 2, "repeated": 1, "dead_lettered": 1, "dispatched": 2,
                       "needs_human": 0, "transferred": 0, "merged": 0, "resolved": 1}
    assert list(summary) == ["published", "accepted", "repeated", "dead_lettered", "dispatched", "needs_human",
                             "transferred", "merged", "resolved"]


def test_the_table_says_what_went_where_and_by_when(build, policy, tmp_path):
    table = demo(build, policy, [message("a")], tmp_path).stdout.decode()
    row = next(line for line in table.splitlines() if "流动摊贩" in line)
    for word in ("占道经营", "城管局", "派单 r1", "01-02 09:00"):
        assert word in row


def test_a_case_without_an_outcome_fails_with_what_is_missing(build, policy, tmp_path):
    result = demo(build, policy, [message("a"), message("b", lost=True)], tmp_path, "--patience", "2")
    assert result.returncode == 1
    assert "2 accepted, 1 with an outcome" in result.stderr.decode()
    assert str(tmp_path / "kept") in result.stderr.decode()


def test_an_unreadable_input_is_named_before_anything_starts(build, policy, tmp_path):
    result = demo(build, policy, [message("a")], tmp_path, "--input", str(tmp_path / "none.jsonl"))
    assert result.returncode == 69
    assert "none.jsonl" in result.stderr.decode()
    assert not (tmp_path / "kept").exists()


def test_no_service_is_left_when_the_demo_has_ended(build, policy, tmp_path):
    demo(build, policy, [message("a")], tmp_path)
    left = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if str(build).encode() in f.read():
                    left.append(pid)
        except OSError:
            pass
    assert not left
