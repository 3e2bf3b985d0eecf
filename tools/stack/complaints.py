"""What soaks and measurements feed the system with: texts, and places of a policy."""

import csv
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(os.path.dirname(ROOT), "shared", "data")
SAMPLE = os.path.join(ROOT, "demo", "sample_day.jsonl")
TEXT_MAX = 5000  # characters that intake takes


def texts(say, data=DATA):
    """Residents' texts: real ones where the folder is at hand, else those of the sample day; `say` is told which."""
    path = os.path.join(data, "haikou-12345", "train.jsonl")
    if os.path.exists(path):
        say(f"texts: real ones, {os.path.basename(path)}")
    else:
        say(f"texts: NO REAL ONES: {path} is not there; going on with {os.path.basename(SAMPLE)}, again and again")
        path = SAMPLE
    found = []
    with open(path, "rb") as f:
        for line in f:
            try:
                text = json.loads(line).get("text")
            except (ValueError, AttributeError):
                continue  # the sample day has lines that are no JSON, or no object, on purpose
            if isinstance(text, str) and text.strip():
                found.append(text[:TEXT_MAX])
    return found


def estates(policy):
    """Names of the estates in places.csv."""
    with open(os.path.join(policy, "places.csv"), encoding="utf-8-sig", newline="") as f:
        return [row["name"] for row in csv.DictReader(f) if row["type"] == "estate"]
