#!/usr/bin/env python3
"""Decides whether everything had exactly one effect, from what a foreign client can see in Kafka and Redis.

As a program: checker.py --kafka HOST:PORT --redis URL [--policy DIR] [--published FILE]; FILE has a line
{"source": …, "id": …} for each publication, repeats included. Exit 1 when something is wrong.
"""

import argparse
import csv
import json
import os
import sys
import time
from collections import Counter, defaultdict

import redis as redis_client

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case_checks import check_cases  # noqa: E402
from kafka_log import Follower, open_transactions, unread  # noqa: E402

OUTCOMES = ("dispatched", "needs_human", "transferred", "merged")
SHOWN = 5  # examples of one kind of problem


class Problems:
    """Every kind of problem with its count and the first few of it."""

    def __init__(self):
        self._found = defaultdict(list)

    def add(self, kind, text):
        self._found[kind].append(text)

    def __bool__(self):
        return bool(self._found)

    def kinds(self):
        return {k: len(v) for k, v in self._found.items()}

    def __str__(self):
        lines = []
        for kind, texts in self._found.items():
            lines.append(f"{kind}: {len(texts)}")
            lines += [f"    {t}" for t in texts[:SHOWN]]
        return "\n".join(lines) or "nothing"


# -- a stage's state ---------------------------------------------------------------------------------------------------

def fold(records):
    """{partition: ({key: last snapshot}, offset of the last visible record)}"""
    result = {}
    for r in records:
        states, _ = result.get(r.partition, ({}, None))
        if r.value is None:
            states.pop(r.key, None)
        else:
            states[r.key] = r.value
        result[r.partition] = (states, r.offset)
    return result


def check_index(redis, prefix, records, problems):
    """Redis is equal to the fold of the state topic: states, mark and due times."""
    folded = fold(records)
    keys = {int(k.rpartition(b"{")[2].rstrip(b"}")) for k in redis.scan_iter(f"{prefix}:state:*")}
    for partition in sorted(keys | set(folded)):
        states, last = folded.get(partition, ({}, None))
        held = redis.hgetall(f"{prefix}:state:{{{partition}}}")
        mark = held.pop(b"@", None)
        if mark != (None if last is None else str(last).encode()):
            problems.add("mark", f"{prefix} [{partition}]: Redis says {mark}, the last visible snapshot is at {last}")
        for key in set(held) ^ set(states):
            problems.add("index keys", f"{prefix} [{partition}] {key}: only in {'Redis' if key in held else 'the log'}")
        for key in set(held) & set(states):
            if held[key] != states[key]:
                problems.add("index states", f"{prefix} [{partition}] {key}: Redis and the log differ")
        wanted = {k: float(json.loads(v)["due"]) for k, v in states.items() if json.loads(v)["due"]}
        armed = dict(redis.zrange(f"{prefix}:due:{{{partition}}}", 0, -1, withscores=True))
        if armed != wanted:
            problems.add("due times", f"{prefix} [{partition}]: {len(armed)} armed, {len(wanted)} in the states, "
                                      f"{len(set(armed.items()) ^ set(wanted.items()))} differ")


# -- the counting stage of the fault tests -----------------------------------------------------------------------------

COUNTER_TOPICS = ("test.input.v1", "test.state.v1", "test.output.v1", "test.input.v1.dlt")


def expected_counts(sent):
    """What the counting stage must have put out, per key and in order, for the (key, value) that were sent."""
    n, out = defaultdict(int), defaultdict(list)
    for key, value in sent:
        if value == "drop":
            n[key] = 0
            continue
        n[key] += 1
        out[key].append((value, n[key]))
    return out


def check_counter(kafka, redis_url, sent, refused=()):
    """sent: the (key, value) in the order they were sent; refused: values that must be dead letters instead."""
    problems = Problems()
    with Follower(kafka, COUNTER_TOPICS) as follower:
        records = follower.drain()
    found, times = defaultdict(list), Counter()
    for r in records["test.output.v1"]:
        value = json.loads(r.value)
        found[r.key.decode()].append((value["value"], value["n"]))
        times[value["value"]] += 1
    wanted = expected_counts(sent)
    for key in set(wanted) | set(found):
        if found[key] != wanted[key]:
            at = next((i for i, (a, b) in enumerate(zip(found[key], wanted[key])) if a != b),
                      min(len(found[key]), len(wanted[key])))
            problems.add("sequence", f"{key}: at {at} {found[key][at:at + 2]} instead of {wanted[key][at:at + 2]}")
    values = [v for _, v in sent if v != "drop"]
    for value in values:
        if times[value] != 1:
            problems.add("lost" if times[value] == 0 else "doubled", f"{value}: {times[value]} times")
    letters = Counter(r.value.decode() for r in records["test.input.v1.dlt"])
    if letters != Counter(refused):
        problems.add("dead letters", f"{sum(letters.values())} instead of {len(refused)}")
    left = unread(kafka, "chuishao.counter", records, ["test.input.v1"])
    if left:
        problems.add("lag", f"{left} inputs are not committed")
    for text in open_transactions(kafka, COUNTER_TOPICS):
        problems.add("open transaction", text)
    with redis_client.from_url(redis_url) as redis:
        check_index(redis, "chuishao.counter", records["test.state.v1"], problems)
    return problems


# -- the whole system --------------------------------------------------------------------------------------------------

def queues_of(policy):
    """The units that have a queue of their own, and the desk."""
    with open(os.path.join(policy, "units.csv"), encoding="utf-8-sig", newline="") as f:
        queues = sorted({row["queue"] or row["code"] for row in csv.DictReader(f)})
    with open(os.path.join(policy, "policy.json"), encoding="utf-8") as f:
        return queues, json.load(f)["desk"]


class Whole:
    """The topics of one lane, followed from the beginning."""

    STATES = (("casework", "case.state"), ("router", "router.state"), ("delivery", "delivery.state"))
    READERS = (("intake", "complaint.intake"), ("classifier", "complaint.accepted"), ("router", "complaint.classified"),
               ("casework", "case.command"), ("delivery", "unit.orders"))

    def __init__(self, kafka, redis_url, policy, lane=""):
        self.kafka, self.redis_url, self.lane = kafka, redis_url, "." + lane if lane else ""
        self.queues, self.desk = queues_of(policy)
        names = ["complaint.intake", "complaint.accepted", "complaint.classified", "case.command", "case.state",
                 "case.event", "case.resolution", "unit.orders", "audit", "router.state", "delivery.state"]
        self.topics = [self.topic(n) for n in names]
        self.letters = [self.topic(n) + ".dlt" for _, n in self.READERS]
        self.units = {q: self.topic(f"unit.{q}.orders") for q in self.queues}
        self.follower = Follower(kafka, self.topics + self.letters + list(self.units.values()))

    def topic(self, name):
        return f"{name}{self.lane}.v1"

    def of(self, name):
        return self.follower.records[self.topic(name)]

    def close(self):
        self.follower.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # -- waiting

    def figures(self):
        """Counts of what is visible now."""
        first, kinds = {}, Counter()
        for r in self.of("case.event"):
            event = json.loads(r.value)
            kinds[event["kind"]] += 1
            if event["kind"] in OUTCOMES:
                first.setdefault(event["case"], event["kind"])
        repeated = sum(1 for r in self.of("audit") if json.loads(r.value)["kind"] == "repeat")
        return {"published": len(self.of("complaint.intake")), "opened": kinds["opened"], "repeated": repeated,
                "dead_lettered": len(self.follower.records[self.topic("complaint.intake") + ".dlt"]),
                **{o: sum(1 for v in first.values() if v == o) for o in OUTCOMES},
                "orders": len(self.of("unit.orders")),
                "delivered": sum(len(self.follower.records[t]) for t in self.units.values())}

    def complete(self, published):
        f = self.figures()
        return (f["published"] >= published and f["opened"] + f["repeated"] + f["dead_lettered"] >= published
                and sum(f[o] for o in OUTCOMES) >= f["opened"] and f["delivered"] >= f["orders"])

    def wait(self, published, still_seconds=30.0):
        """Until everything is through, or nothing has come for so long that nothing will. Says which."""
        self.follower.arrived = time.monotonic()
        while True:
            fresh = self.follower.poll(0.2)
            if not fresh:
                if self.complete(published):
                    return True
                if time.monotonic() - self.follower.arrived > still_seconds:
                    return False

    def wait_level(self, seconds=20.0):
        """Until Redis and the groups have caught up; what is left then is for check() to say."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            problems = Problems()
            self.follower.drain()
            self._check_groups(problems)
            self._check_indexes(problems)
            if not problems:
                return
            self.follower.poll(0.1)

    # -- checking

    def check(self, published, refused=0, acted=False):
        """published: (source, id) of each publication that can be understood, repeats included; refused: how many
        cannot; acted: units or the desk have worked on cases, so that one case may have several outcomes."""
        problems = Problems()
        self.follower.drain()
        cases = self._check_opened(published, refused, problems)
        self._check_sequences(problems)
        self._check_orders(cases, acted, problems)
        self.check_lives(problems)
        self._check_groups(problems)
        self._check_indexes(problems)
        for text in open_transactions(self.kafka, list(self.follower.records)):
            problems.add("open transaction", text)
        for topic in self.letters[1:]:
            for r in self.follower.records[topic]:
                code = r.headers.get("x-error-code", b"?").decode()
                problems.add("dead letter of our own", f"{topic} [{r.partition}] {r.offset}: {code}")
        return problems

    def _check_opened(self, published, refused, problems):
        wanted, cases, opened = Counter(published), {}, Counter()
        for r in self.of("case.event"):
            event = json.loads(r.value)
            if event["kind"] == "opened":
                who = (event["new"]["source"], event["new"]["id"])
                opened[who] += 1
                if cases.setdefault(event["case"], who) != who:
                    problems.add("shared case", f"{event['case']} is {cases[event['case']]} and {who}")
        for who in set(wanted) | set(opened):
            if opened[who] != (who in wanted):
                kind = "never published" if who not in wanted else "lost" if opened[who] == 0 else "opened twice"
                problems.add(kind, f"{who}: {opened[who]} opened events")
        letters = len(self.follower.records[self.topic("complaint.intake") + ".dlt"])
        if letters != refused:
            problems.add("dead letters", f"{letters} instead of {refused}")
        repeats = Counter(json.loads(r.value)["case"] for r in self.of("audit")
                          if json.loads(r.value)["kind"] == "repeat")
        for case, who in cases.items():
            if repeats[case] != wanted[who] - 1:
                problems.add("repeats", f"{case}: {repeats[case]} in the audit, sent again {wanted[who] - 1} times")
        if sum(opened.values()) + sum(repeats.values()) + letters != len(published) + refused:
            problems.add("sum", f"{sum(opened.values())} opened + {sum(repeats.values())} repeated + {letters} refused "
                                f"are not {len(published) + refused} published")
        return cases

    def _check_sequences(self, problems):
        seqs = defaultdict(list)
        for r in self.of("case.event"):
            event = json.loads(r.value)
            if r.key.decode() != event["case"]:
                problems.add("key", f"{event['case']}: its event is keyed {r.key}")
            seqs[event["case"]].append(event["seq"])
        for case, found in seqs.items():
            if found != list(range(1, len(found) + 1)):
                problems.add("event sequence", f"{case}: {found}")
        states = {}
        for r in self.of("case.state"):
            states[r.key.decode()] = None if r.value is None else json.loads(r.value)["state"]
        for case, found in seqs.items():
            seq = (states.get(case) or {}).get("seq")
            if seq != len(found):
                problems.add("state behind events", f"{case}: the state's seq is {seq}, there are {len(found)} events")

    def _check_orders(self, cases, acted, problems):
        first, outcomes = {}, Counter()
        for r in self.of("case.event"):
            event = json.loads(r.value)
            if event["kind"] in OUTCOMES:
                first.setdefault(event["case"], event)
                outcomes[event["case"]] += 1
        sent, received, ids = Counter(), Counter(), Counter()
        leads = defaultdict(list)
        for r in self.of("unit.orders"):
            sent[json.loads(r.value)["queue"], r.value] += 1
        for queue, topic in self.units.items():
            for r in self.follower.records[topic]:
                order = json.loads(r.value)
                received[queue, r.value] += 1
                ids[order["id"]] += 1
                if order["queue"] != queue:
                    problems.add("wrong queue", f"{order['id']} for {order['queue']} is on the queue of {queue}")
                if order["kind"] in ("dispatch", "needs_human"):
                    leads[order["case"]].append((int(order["id"].split(".")[1]), order["kind"], queue, order["unit"]))
        for (queue, value), n in ((sent - received) + (received - sent)).items():
            kind = "order lost" if sent[queue, value] > received[queue, value] else "order doubled"
            problems.add(kind, f"{json.loads(value)['id']}: {n}")
        for order, n in ids.items():
            if n != 1:
                problems.add("order id", f"{order}: {n} times")
        for case in cases:
            outcome = first.get(case)
            if outcome is None:
                problems.add("no outcome", case)
                continue
            if not acted and outcomes[case] != 1:
                problems.add("several outcomes", f"{case}: {outcomes[case]}")
            kind = {"dispatched": "dispatch", "needs_human": "needs_human"}.get(outcome["kind"])
            found = [lead for _, *lead in sorted(leads[case])]
            if kind is None and found and not acted:
                problems.add("order without dispatch", f"{case}: {outcome['kind']}, but {found}")
            if kind is None:
                continue
            if not found or (len(found) != 1 and not acted):
                problems.add("lead orders", f"{case}: {outcome['kind']}, and {len(found)} orders that say so")
            elif found[0][0] != kind or found[0][2] != outcome["new"]["unit"]:
                problems.add("lead order differs", f"{case}: {outcome['kind']} to {outcome['new']['unit']}, {found[0]}")
            elif kind == "needs_human" and found[0][1] != self.desk:
                problems.add("not at the desk", f"{case}: on the queue of {found[0][1]}")
        for case in set(leads) - set(cases):
            problems.add("order of nobody", case)

    def _of_cases(self, records):
        """Whistles, points accounts and recurring orders have keys of their own."""
        found = (json.loads(r.value) for r in records)
        return [m for m in found if m["case"][0] in "nx" and ":" not in m["case"]]

    def events(self):
        return self._of_cases(self.of("case.event"))

    def orders(self):
        """Of all units, each queue in its order."""
        return [o for t in self.units.values() for o in self._of_cases(self.follower.records[t])]

    def resolutions(self):
        return self._of_cases(self.of("case.resolution"))

    def check_lives(self, problems):
        check_cases(self.events(), self.orders(), self.resolutions(), problems)

    def _check_groups(self, problems):
        for stage, name in self.READERS:
            group = f"chuishao.{stage}{self.lane}"
            left = unread(self.kafka, group, self.follower.records, [self.topic(name)])
            if left:
                problems.add("lag", f"{group}: {left} records of {self.topic(name)} are not committed")

    def _check_indexes(self, problems):
        with redis_client.from_url(self.redis_url) as redis:
            for stage, name in self.STATES:
                check_index(redis, f"chuishao{self.lane}.{stage}", self.of(name), problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--redis", required=True)
    parser.add_argument("--policy", default=os.path.join(here, "..", "..", "policy"))
    parser.add_argument("--lane", default="")
    parser.add_argument("--published", help="JSON lines with source and id; default: what was opened is taken as it is")
    parser.add_argument("--refused", type=int, help="how many dead letters are right; default: as many as there are")
    parser.add_argument("--acted", action="store_true", help="units or the desk have worked on cases")
    options = parser.parse_args()
    with Whole(options.kafka, options.redis, options.policy, options.lane) as whole:
        whole.follower.drain()
        figures = whole.figures()
        if options.published:
            with open(options.published, encoding="utf-8") as f:
                published = [(m["source"], m["id"]) for m in map(json.loads, f)]
        else:
            events = [json.loads(r.value) for r in whole.of("case.event")]
            cases = {e["case"]: (e["new"]["source"], e["new"]["id"]) for e in events if e["kind"] == "opened"}
            repeats = [json.loads(r.value) for r in whole.of("audit")]
            published = list(cases.values()) + [cases[r["case"]] for r in repeats
                                                if r["kind"] == "repeat" and r["case"] in cases]
        refused = figures["dead_lettered"] if options.refused is None else options.refused
        problems = whole.check(published, refused, options.acted)
    print(json.dumps(figures))
    print(f"problems: {problems}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
