"""The contract checked by an independent validator: every schema is a JSON Schema 2020-12, every valid
example passes, every invalid one fails and names the code its reader gives."""

import json
import pathlib
import re

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "schemas"
SUFFIX = ".schema.json"
# What the readers say; schemas/README.md explains each.
CODES = {"bad_json", "duplicate_key", "missing_field", "empty_text", "wrong_type", "too_long", "bad_time", "naive_time",
         "unknown_value", "unknown_channel", "unknown_action", "bad_value", "unexpected_field"}
MESSAGES = ["complaint.intake", "complaint.accepted", "complaint.identity", "complaint.classified", "case.command",
            "case.state", "case.event", "case.resolution", "unit.order", "unit.action", "audit", "router.state",
            "delivery.state", "ledger.command", "ledger.event", "ledger.state", "whistle.command",
            "whistle.event", "whistle.state"]


class Refused(ValueError):
    """Not JSON as RFC 8259 and our own rules have it."""


def no_repeated_key(pairs):
    seen = {}
    for key, value in pairs:
        if key in seen:
            raise Refused(f"{key!r} is there twice")
        seen[key] = value
    return seen


def load(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=no_repeated_key)
    except json.JSONDecodeError as error:
        raise Refused(str(error)) from error


SCHEMAS = {path.name[: -len(SUFFIX)]: load(path) for path in sorted(FOLDER.glob("*" + SUFFIX))}
REGISTRY = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in SCHEMAS.values())


def errors_of(message, document):
    validator = Draft202012Validator(SCHEMAS[message], registry=REGISTRY,
                                     format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(document)]


def examples(kind):
    return [pytest.param(path.parent.parent.name, path, id=f"{path.parent.parent.name}/{path.stem}")
            for path in sorted(FOLDER.glob(f"*/{kind}/*.json"))]


def test_every_message_has_a_schema():
    assert sorted(SCHEMAS) == sorted(MESSAGES)


def test_the_format_checker_knows_times():
    assert "date-time" in Draft202012Validator.FORMAT_CHECKER.checkers, "pip install 'jsonschema[format]'"


@pytest.mark.parametrize("message", MESSAGES)
def test_a_schema_is_valid_2020_12_and_named_as_its_file(message):
    schema = SCHEMAS[message]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith("/" + message + SUFFIX)
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("kind", ["valid", "invalid"])
def test_a_message_has_at_least_three_examples_of_each_kind(message, kind):
    assert len(list((FOLDER / message / kind).glob("*.json"))) >= 3


@pytest.mark.parametrize("message, path", examples("valid"))
def test_a_valid_example_passes(message, path):
    assert errors_of(message, load(path)) == []


@pytest.mark.parametrize("message, path", examples("invalid"))
def test_an_invalid_example_fails(message, path):
    try:
        document = load(path)
    except Refused:
        return
    assert errors_of(message, document)


@pytest.mark.parametrize("message, path", examples("invalid"))
def test_an_invalid_example_names_its_error_code(message, path):
    code = path.with_suffix(".error").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"[a-z_]{3,39}", code)
    assert code in CODES


def test_every_error_file_has_its_example():
    for path in FOLDER.glob("*/invalid/*.error"):
        assert path.with_suffix(".json").exists(), path
