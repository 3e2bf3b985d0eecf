"""chuishao classify --policy: what the sample policy's rules make of texts. The program is in $BUILD_DIR/bin; real texts come from the folder
$CHUISHAO_DATA names (default: shared/data beside the repository), and what needs them says so when it is not there."""

import csv
import importlib.util
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD_DIR") or ROOT / "build" / "sanitizer")
DATA = pathlib.Path(os.environ.get("CHUISHAO_DATA") or ROOT.parent / "shared" / "data")
LABELS = ROOT / "tests" / "classify"
SPEC = importlib.util.spec_from_file_location("bench_rules", ROOT / "bench" / "rules.py")  # bench/ has names that tests have, too
rules = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(rules)


def classify(tmp_path, rows, *options, policy=ROOT / "policy"):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    done = subprocess.run([BUILD / "bin" / "chuishao", "classify", "--policy", policy, "--in", path, *options],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_is_answered_with_all_it_says(tmp_path):
    rows = [{"id": "c-1", "words": "梧桐区听潮路听潮名苑3号楼电梯坏了三天，老人上不了楼"},
            {"id": 2, "words": "持刀砍人了，快来"},
            {"words": "。"}]
    lift, knife, nothing = classify(tmp_path, rows, "--text", "words")
    assert (lift["id"], lift["category"], lift["urgency"], lift["nature"], lift["exit"]) == ("c-1", "010104", "E2", "help", None)
    assert lift["sure"] and lift["confidence"] > 0.55
    assert lift["place"] in rows[0]["words"] and lift["place_code"]
    assert {"rule": "C-010104-10", "words": ["电梯…坏"]} in lift["why"]
    assert knife["id"] == 2 and knife["exit"] == "110" and any(why["rule"].startswith("X-110") for why in knife["why"])
    assert (nothing["id"], nothing["category"], nothing["sure"], nothing["alternatives"], nothing["place"], nothing["why"]) == \
        (None, None, False, [], None, [])


def test_an_address_that_no_table_knows_is_still_said(tmp_path):
    answer, = classify(tmp_path, [{"text": "其是清溪区桤木路12号泉水苑的业主，路灯不亮"}])
    assert answer["place"] == "清溪区桤木路12号泉水苑" and answer["place_code"] is None


def test_the_same_texts_are_answered_the_same(tmp_path):
    rows = [{"id": i, "text": text} for i, text in enumerate(("夜里工地还在施工，噪音很大", "夜里，工地", "噪音", "夜里工地还在施工，噪音很大"))]
    answers = classify(tmp_path, rows)
    assert {**answers[0], "id": 3} == answers[3]


@pytest.mark.parametrize("words, code, said", [
    (["--policy", "policy"], 64, "--in is missing"),
    (["--in", "x.jsonl"], 64, "--model or --policy is missing"),
    (["--policy", "policy", "--model", "m", "--in", "x.jsonl"], 64, "one at a time"),
    (["--policy", "no-such-folder", "--in", "CMakeLists.txt"], 65, "no-such-folder"),
    (["--policy", "policy", "--in", "no-such-file"], 66, "cannot be opened"),
    (["--policy", "policy", "--in", "CMakeLists.txt"], 65, "CMakeLists.txt line 1"),
])
def test_what_is_asked_wrongly_is_said(words, code, said):
    done = subprocess.run([BUILD / "bin" / "chuishao", "classify", *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (code, "") and said in done.stderr


def test_emergencies_leave_for_their_line_and_nothing_else_does(tmp_path):
    """Texts written for this; a miss or a false alarm here is a fault of the sample rules."""
    with open(LABELS / "exits.csv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    answers = classify(tmp_path, [{"id": i, "text": row["text"]} for i, row in enumerate(rows)])
    assert [row["text"] for row, answer in zip(rows, answers) if (row["exit"] or None) != answer["exit"]] == []
    assert sum(bool(row["exit"]) for row in rows) >= 25 and sum(not row["exit"] for row in rows) >= 20


def test_what_it_is_about_by_the_sample_rules(tmp_path):
    """Texts written for this, one for each kind of rule; None: the desk decides."""
    about = [
        ("在广场边的鞋店购买的皮鞋穿了两天就开裂，要求退换被拒", "090102"),
        ("装修公司收了钱就联系不上，合同没有履行", "090102"),
        ("早教机构关门跑路，剩下的课程费不退", "090102"),
        ("楼下仓库半夜卸货声音太大，影响休息", "070103"),
        ("小区门口的变压器冒火花", "030201"),
        ("自来水里有黑色颗粒，沉淀很多", "030103"),
        ("楼下业主把承重墙打掉了", "020107"),
        ("面馆后厨苍蝇乱飞，卫生差", "090101"),
        ("车停在划线的位置却被贴罚单，觉得不合理", "120104"),
        ("城管执法时推倒了我母亲", "120104"),
        ("捡到一张身份证，请联系失主", "110104"),
        ("初中周末强制学生补课，每人收三百元", "100303"),
        ("请问民政局的电话号码", "120101"),
        ("人才引进需要哪些材料的问题", "120101"),
        ("如何申请经济适用房的问题", "100405"),
        ("出租车堵路，请通知车主移车", "060101"),
        ("窗口的工作人员服务态度很好，特来电表扬", "120103"),
        ("汽车东站的班车经常晚点，发车不准时", "060109"),
        ("喝了早餐店的豆浆后腹泻，碗里还有铁丝", "090101"),
        ("楼道的电线有烧焦的味道，线路短路", "030201"),
        ("小区没有消防通道，很担心", "020101"),
        ("巷口一到晚上就有站街女", "110104"),
        ("人行道的消防栓漏水好几天了", "050109"),
        ("工地的车子把泥带出来，污染路面", "040105"),
        ("有人骗取国家补贴，虚报人数", None),
    ]
    answers = classify(tmp_path, [{"text": text} for text, _ in about])
    assert [(text, answer["category"] if answer["sure"] else None) for (text, _), answer in zip(about, answers)] == about


def test_labels_name_categories_and_urgencies_of_the_sample_policy():
    with open(ROOT / "policy" / "categories.csv", encoding="utf-8") as f:
        codes = {row["code"] for row in csv.DictReader(f)}
    labels = rules.read_labels(rules.PARTS)
    assert len(labels) >= 2000 and len({row["id"] for row in labels}) == len(labels)
    assert {row["part"] for row in labels} == set(rules.PARTS)
    for row in labels:
        assert {row["leaf"], *filter(None, row["also"].split(";"))} <= codes, row["id"]
        assert row["urgency"] in ("E1", "E2", "N", "C", "Q") and row["exit"] in ("", "110", "119", "120", "122")


@pytest.mark.parametrize("part, floors", [
    ("held", {"leaf": 0.74, "routed alone": 0.8, "of these the leaf": 0.83, "of these accepted": 0.92, "E1, E2 recall": 0.85}),
    ("blind", {"leaf": 0.75, "routed alone": 0.74, "of these the leaf": 0.84, "of these accepted": 0.91, "E1, E2 recall": 0.84, "place inside the other": 0.9}),
    ("blind2", {"leaf": 0.75, "routed alone": 0.76, "of these the leaf": 0.82, "of these accepted": 0.91, "E1, E2 recall": 0.72, "place inside the other": 0.87}),
])
def test_rules_on_real_texts_are_no_worse_than_they_were(tmp_path, part, floors):
    """Floors a little under the figures in tests/classify/README.md, for the parts the rules were not improved on."""
    if not (DATA / "haikou-12345" / "dev.jsonl").exists():
        pytest.skip(f"SKIPPED: no real texts in {DATA}; CHUISHAO_DATA names their folder")
    labels = rules.read_labels([part])
    texts = rules.read_texts(str(DATA), {row["id"] for row in labels})
    answers = {answer["id"]: answer for answer in classify(tmp_path, [{"id": row["id"], "text": texts[row["id"]]} for row in labels])}
    got = dict(rules.figures(labels, answers, texts))
    for name, floor in floors.items():
        assert float(got[name].split()[1]) >= floor, (name, got[name])
