"""The demo and the background stack with the real programs, a real Kafka and a real Redis."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STACK = os.path.join(ROOT, "tools", "stack")
BUILD = os.environ.get("BUILD_DIR", os.path.join(ROOT, "build", "release"))


def own_environment():
    return {k: v for k, v in os.environ.items() if k not in ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL")}


def test_the_sample_day_adds_up(tmp_path):
    result = subprocess.run([sys.executable, os.path.join(STACK, "demo.py"), "--once", "--build", BUILD, "--keep",
                             str(tmp_path / "kept")], env=own_environment(), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=240, check=False)
    assert result.returncode == 0, result.stderr.decode()[-3000:]
    s = json.loads(result.stdout.decode().splitlines()[-1])
    assert s["published"] == s["accepted"] + s["repeated"] + s["dead_lettered"]
    assert s["accepted"] == s["dispatched"] + s["needs_human"] + s["transferred"] + s["merged"]
    for what in ("published", "repeated", "dead_lettered", "dispatched", "needs_human", "transferred", "merged",
                 "resolved"):
        assert s[what] > 0, f"the sample day shows no {what}"
    assert s["published"] >= 120
    logs = tmp_path / "kept" / "logs"
    for name in os.listdir(logs):
        text = (logs / name).read_text(errors="replace")
        assert "Sanitizer" not in text and "runtime error" not in text, name


@pytest.fixture
def background():
    name = f"test-up-{os.getpid()}"

    def command(*arguments, **environment):
        return subprocess.run([sys.executable, os.path.join(STACK, "command.py"), *arguments, "--name", name],
                              env={**own_environment(), **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              check=False)

    yield command
    command("down")
    subprocess.run(["rm", "-rf", os.path.join(ROOT, ".run", name)], check=False)


def test_the_background_stack_restarts_what_dies_and_leaves_nothing_when_it_goes_down(background):
    up = background("up", "--build", BUILD)
    assert up.returncode == 0, up.stderr.decode()[-3000:]
    before = json.loads(background("status", "--json").stdout)
    assert {s["name"] for s in before["services"]} == {f"{n}-0" for n in (
        "intake", "classifier", "router", "casework", "delivery", "sla", "board", "vault")}
    assert before["kafka"].startswith("127.0.0.1:") and before["redis"].startswith("redis://127.0.0.1:")
    for service in before["services"]:
        with urllib.request.urlopen(f"http://{service['http']}/readyz", timeout=5) as reply:
            assert reply.status == 200

    # What `./run env` prints makes a shell find the program and the stack, in any folder.
    lines = background("env").stdout.decode()
    shell = subprocess.run(["sh", "-c", 'eval "$1"; eval "$1"; cd / && chuishao queue hotline --output json && '
                            'printf "%s\\n" "$KAFKA_BOOTSTRAP_SERVERS" "$REDIS_URL" "$CHUISHAO_POLICY" "$PATH"', "sh", lines],
                           env=own_environment(), stdout=subprocess.PIPE, check=True, timeout=60)
    kafka, redis, policy, path = shell.stdout.decode().splitlines()
    assert (kafka, redis, policy) == (before["kafka"], before["redis"], before["policy"])
    assert path.split(":").count(os.path.join(os.path.abspath(BUILD), "bin")) == 1

    def chuishao(*arguments):
        return subprocess.run(["chuishao", *arguments], capture_output=True, text=True, timeout=60, check=False,
                              env={**own_environment(), "PATH": path, "KAFKA_BOOTSTRAP_SERVERS": kafka,
                                   "REDIS_URL": redis, "CHUISHAO_POLICY": policy})

    # The case that publish names is the one that comes to be, with CloudEvents headers and without.
    for source in ((), ("--source", "urn:test:hotline")):
        told = json.loads(chuishao("publish", "--channel", "phone", "--estate", "听潮名苑", "--text", "3号楼电梯停运两天",
                                   "--output", "json", *source).stdout)
        end = time.monotonic() + 30
        while chuishao("case", told["case"]).returncode != 0:
            assert time.monotonic() < end, told
            time.sleep(0.1)
    # A refusal says why where the unit looks.
    order = json.loads(chuishao("queue", "pm-jiahe", "--output", "json").stdout.splitlines()[0])["order"]
    assert chuishao("act", "--unit", "pm-jiahe", "--order", order, "--action", "submit", "--field",
                    "result=曳引机轴承已更换").returncode == 0
    end = time.monotonic() + 30
    while "needs_contact_record" not in (queue := chuishao("queue", "pm-jiahe").stdout):
        assert time.monotonic() < end, queue
        time.sleep(0.1)
    unknown = chuishao("queue", "pm-nobody")
    assert unknown.returncode == 1 and "no unit pm-nobody in the policy" in unknown.stderr

    victim = next(s for s in before["services"] if s["name"] == "router-0")
    os.kill(victim["pid"], signal.SIGKILL)
    end = time.monotonic() + 30
    while True:
        status = background("status", "--json")
        now = next(s for s in json.loads(status.stdout)["services"] if s["name"] == "router-0")
        if status.returncode == 0 and now["restarts"] == 1 and now["ready"]:
            break
        assert time.monotonic() < end, status.stdout.decode()
        time.sleep(0.1)
    assert now["pid"] != victim["pid"]

    assert background("down").returncode == 0
    for service in json.loads(status.stdout)["services"]:
        assert not os.path.exists(f"/proc/{service['pid']}") or service["pid"] == os.getpid()
    assert background("status", "--json").returncode == 3
    # A shell that still has the addresses of the stopped stack can start it again.
    assert f"export CHUISHAO_UP_REDIS_URL={redis}" in lines
    old = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "REDIS_URL": redis}
    again = background("up", "--services", "", **old, **{"CHUISHAO_UP_" + name: value for name, value in old.items()})
    assert again.returncode == 0, again.stderr.decode()
    assert json.loads(background("status", "--json").stdout)["kafka"] != kafka
    assert background("down").returncode == 0
    env = background("env")
    assert env.returncode == 3 and env.stdout == b"" and b"./run up" in env.stderr
