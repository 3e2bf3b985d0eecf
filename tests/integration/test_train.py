"""chuishao train and classify, from a history of a few lines to answers. The programs are in $BUILD_DIR/bin."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BUILD_DIR") or ROOT / "build" / "sanitizer") / "bin"
TINY = ROOT / "tests" / "support" / "train_tiny.jsonl"
FIRST, SECOND = "010101", "020101"
ENDS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "了", "吗", "吧", "呢", "啊", "呀")
DESKS = {"water", "police", "traffic", "cleaning"}


def chuishao(*words):
    return subprocess.run([BIN / "chuishao", *map(str, words)], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "desk.bin"
    done = chuishao("train", "--in", TINY, "--text", "text", "--target", "desk", "--out", path, "--precision", "80", "--output", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["rows"] == 160 and report["classes"] == 4 and report["bytes"] == path.stat().st_size
    assert 0.25 < report["top1"] <= report["top3"] <= 1
    assert report["share"] == 0 or report["precision"] >= 0.8
    return path


def ask(model, folder, texts, *options):
    lines = folder / "in.jsonl"
    lines.write_text("".join(json.dumps({"id": f"q-{i}", "text": text}, ensure_ascii=False) + "\n" for i, text in enumerate(texts)), encoding="utf-8")
    done = chuishao("classify", "--model", model, "--in", lines, "--text", "text", *options)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_answers_come_in_order_with_ids_and_probabilities(model, tmp_path):
    answers = ask(model, tmp_path, ["水管爆裂整条街停水", "楼下餐馆深夜放音响吵得睡不着", "", "垃圾三天没人收，臭味很大"], "--top", "5")
    assert [answer["id"] for answer in answers] == ["q-0", "q-1", "q-2", "q-3"]
    assert [answers[i]["top"][0]["label"] for i in (0, 1, 3)] == ["water", "police", "cleaning"]
    for answer in answers:
        ps = [guess["p"] for guess in answer["top"]]
        assert {guess["label"] for guess in answer["top"]} == DESKS  # there are only four
        assert ps == sorted(ps, reverse=True) and all(0 <= p <= 1 for p in ps) and sum(ps) < 1.01
        assert isinstance(answer["sure"], bool)
    assert not answers[2]["sure"]


def test_top_says_how_many(model, tmp_path):
    assert len(ask(model, tmp_path, ["停水"], "--top", "2")[0]["top"]) == 2


def test_the_same_history_gives_the_same_file(model, tmp_path):
    again = tmp_path / "again.bin"
    assert chuishao("train", "--in", TINY, "--target", "desk", "--out", again, "--precision", "80").returncode == 0
    assert again.read_bytes() == model.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.bin"]  # nothing half-written is left


def test_a_higher_precision_asks_for_more(tmp_path):
    shares = []
    for precision in ("30", "99"):
        done = chuishao("train", "--in", TINY, "--target", "desk", "--out", tmp_path / "m", "--precision", precision, "--output", "json")
        shares.append(json.loads(done.stdout)["share"])
    assert shares[0] > shares[1]


def test_a_damaged_model_is_refused(model, tmp_path):
    damaged, lines = tmp_path / "damaged.bin", tmp_path / "in.jsonl"
    lines.write_text('{"id":"a","text":"停水"}\n', encoding="utf-8")
    whole = model.read_bytes()
    for damage in (whole[:-1], whole[:200] + b"\xff" + whole[201:], b"", b"not a model at all" * 100):
        damaged.write_bytes(damage)
        done = chuishao("classify", "--model", damaged, "--in", lines)
        assert done.returncode == 65 and done.stdout == "" and str(damaged) in done.stderr
    done = chuishao("classify", "--model", tmp_path / "none", "--in", lines)
    assert done.returncode == 65 and "cannot be read" in done.stderr


@pytest.mark.parametrize("words, code, hint", [
    (["train"], 64, "--in or --from-history is missing"),
    (["train", "--in", "x"], 64, "--target is missing"),
    (["train", "--in", "x", "--target", "y"], 64, "--out is missing"),
    (["train", "--in", "x", "--target", "y", "--out", "z", "--precision", "120"], 64, "from 1 to 100"),
    (["train", "--in", "x", "--target", "y", "--out", "z", "w"], 64, "unexpected argument w"),
    (["train", "--in", "/nowhere", "--target", "y", "--out", "z"], 66, "/nowhere"),
    (["train", "--in", TINY, "--target", "nothing", "--out", "z"], 65, "no line has both"),
    (["train", "--in", TINY, "--target", "desk", "--out", "/nowhere/z"], 65, "/nowhere/z"),
    (["classify", "--in", "x"], 64, "--model or --policy is missing"),
    (["classify", "--model", "x", "--in", "y", "--top", "0"], 64, "from 1 to 10"),
])
def test_mistakes_are_one_line(words, code, hint):
    done = chuishao(*words)
    assert done.returncode == code and hint in done.stderr and done.stdout == ""


def test_a_wrong_line_is_named_without_its_words(model, tmp_path):
    lines = tmp_path / "in.jsonl"
    lines.write_text('{"id":"a","text":"停水"}\n{"id":"b","text":"张三家停水\n', encoding="utf-8")
    for words in (["classify", "--model", model], ["train", "--target", "desk", "--out", tmp_path / "m"]):
        done = chuishao(*words, "--in", lines)
        assert done.returncode == 65 and "line 2" in done.stderr and "张三" not in done.stderr


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    """The sample policy with a model that knows words which no rule has: 甲乙丙 and 子丑寅."""
    folder = tmp_path_factory.mktemp("policy") / "policy"
    shutil.copytree(ROOT / "policy", folder)
    lines = [{"text": words + end, "code": code} for words, code in (("甲乙丙", FIRST), ("子丑寅", SECOND)) for end in ENDS]
    history = folder.parent / "history.jsonl"
    history.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    done = chuishao("train", "--in", history, "--target", "code", "--out", folder / "model.bin")
    assert done.returncode == 0, done.stderr
    return folder


def by_policy(policy, folder, text):
    lines = folder / "in.jsonl"
    lines.write_text(json.dumps({"id": "a", "text": text}, ensure_ascii=False) + "\n", encoding="utf-8")
    done = chuishao("classify", "--policy", policy, "--in", lines, "--text", "text")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_policys_model_decides_where_no_rule_holds_and_says_why(policy, tmp_path):
    assert by_policy(ROOT / "policy", tmp_path, "此处甲乙丙")["category"] is None
    answer = by_policy(policy, tmp_path, "此处甲乙丙")
    assert answer["category"] == FIRST
    (why,) = [why for why in answer["why"] if why["rule"] == "model"]
    assert why["words"] and all(word in "甲乙丙" for word in why["words"])


def test_lint_takes_a_model_and_refuses_a_damaged_one(policy, tmp_path):
    version = [json.loads(chuishao("lint", folder, "--output", "json").stdout.splitlines()[-1])["version"] for folder in (policy, ROOT / "policy")]
    assert version[0] != version[1]
    damaged = tmp_path / "policy"
    shutil.copytree(policy, damaged)
    (damaged / "model.bin").write_bytes((policy / "model.bin").read_bytes()[:-8])
    done = chuishao("lint", damaged)
    assert done.returncode == 65 and "model.bin:1: " in done.stdout


def test_a_run_that_fails_leaves_nothing_and_keeps_the_old_model(model, tmp_path):
    kept, lines = tmp_path / "m.bin", tmp_path / "in.jsonl"
    kept.write_bytes(model.read_bytes())
    lines.write_text('{"text":"a","desk":"x"}\n', encoding="utf-8")
    assert chuishao("train", "--in", lines, "--target", "desk", "--out", kept).returncode == 65
    assert kept.read_bytes() == model.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "m.bin"]
