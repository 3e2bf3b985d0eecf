"""docs/asyncapi.yaml says the same as the code that creates the topics, the table of interfaces.md, and the schemas."""

import json
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "asyncapi.yaml"
CODE = (ROOT / "libcommon" / "topics.c").read_text(encoding="utf-8")
NAMES = dict(re.findall(r'#define (TOPIC_\w+) "([\w.]+)"', (ROOT / "libcommon" / "topics.h").read_text(encoding="utf-8")))


class Strict(yaml.SafeLoader):
    """A key that is there twice is a mistake, which plain YAML readers overlook."""


def mapping(loader, node):
    keys = [key.value for key, _ in node.value]
    assert len(keys) == len(set(keys)), f"a key stands twice in {node.start_mark}"
    return loader.construct_mapping(node, deep=True)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


@pytest.fixture(scope="module")
def page():
    return yaml.load(PAGE.read_text(encoding="utf-8"), Strict)


def refs(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from refs(value)


def target(page, ref):
    path, _, inner = ref.partition("#")
    found = json.loads((PAGE.parent / path).resolve().read_text(encoding="utf-8")) if path else page
    for part in inner.strip("/").split("/") if inner else []:
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def code_topics():
    """Every topic that topics.c creates: (kind, retention in ms, has dead letters)."""
    rows = re.findall(r'\{(TOPIC_\w+), KIND_(\w+), (?:"(\d+)"|NULL), (true|false)\}', CODE)
    topics = {NAMES[name] + ".v1": (kind, keep and int(keep), dead == "true") for name, kind, keep, dead in rows}
    keep = int(re.search(r'UNIT_KEEP_MS\[\] = "(\d+)"', CODE)[1])
    return topics | {"unit.{code}.orders.v1": ("LOG", keep, False), "unit.{code}.actions.v1": ("INPUT", keep, True)}


def test_it_is_asyncapi_3_and_every_reference_leads_somewhere(page):
    assert page["asyncapi"].startswith("3.")
    found = list(refs(page))
    assert len(found) > 40
    for ref in found:
        assert target(page, ref) is not None, ref


def test_every_topic_is_there_and_kept_as_the_code_keeps_it(page):
    topics = code_topics()
    assert len(topics) == len(NAMES) + 2
    channels = {channel["address"]: channel for channel in page["channels"].values()}
    assert set(channels) == set(topics) | {"{topic}.dlt"}
    for topic, (kind, keep, _) in topics.items():
        settings = channels[topic]["bindings"]["kafka"]["topicConfiguration"]
        assert settings["cleanup.policy"] == (["compact"] if kind == "STATE" else ["delete"]), topic
        assert settings.get("retention.ms") == (keep or None), topic
    dead = channels["{topic}.dlt"]
    assert dead["bindings"]["kafka"]["topicConfiguration"]["retention.ms"] == int(re.search(r'DEAD_KEEP_MS\[\] = "(\d+)"', CODE)[1])
    for topic, (_, _, letters) in topics.items():
        assert bool(re.search(r"(?<![\w.])" + re.escape(topic) + r"(?![\w])", dead["description"])) == letters, topic


def test_the_table_of_interfaces_has_the_same_topics_and_messages(page):
    table = (ROOT / "docs" / "interfaces.md").read_text(encoding="utf-8").split("## Topics")[1].split("## Ids")[0]
    rows = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].endswith((".v1", "(compacted)")):
            rows[cells[0].replace("\\<", "{").replace("\\>", "}").split()[0]] = cells
    channels = {channel["address"]: channel for channel in page["channels"].values()}
    assert set(rows) == set(channels) - {"{topic}.dlt"}
    for topic, cells in rows.items():
        assert ("(compacted)" in cells[0]) == (code_topics()[topic][0] == "STATE"), topic
        messages = [target(page, ref)["name"] for ref in refs(channels[topic]["messages"])]
        assert cells[3].split(" (")[0].split(", ") == messages, topic


def test_every_message_has_the_payload_of_its_name(page):
    named = set()
    for message in page["components"]["messages"].values():
        if "payload" in message:
            assert message["payload"]["schema"]["$ref"] == f"../schemas/{message['name']}.schema.json"
            named.add(message["name"])
    assert named == {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.schema.json")}
