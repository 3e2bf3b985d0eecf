"""chuishao train and classify, from a history of a few lines to answers. The programs are in $BUILD_DIR/bin."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BUILD_DIR") or ROOT / "build" / "sanitizer") / "bin"
TINY = ROOT / "tests" / "support" / "train_tiny.jsonl"
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
    (["train"], 64, "--in is missing"),
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
