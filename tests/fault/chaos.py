#!/usr/bin/env python3
"""Publishes complaints while services are killed at random, then checks that everything had exactly one effect."""

import argparse
import contextlib
import json
import os
import random
import sys
import time
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), os.path.join(ROOT, "tools", "stack")]
from complaints import estates, texts  # noqa: E402
from stack import SERVICES, Stack, StackError, build_folder, interrupt_on_signals, say  # noqa: E402

STAGES = ("intake", "classifier", "router", "casework", "delivery")
CHINA = timezone(timedelta(hours=8))


def messages(n, policy, rng):
    """(source, id, value) of n complaints. Most name an estate of the policy, some tell what another one told, so that
    all outcomes occur."""
    places, said, now = estates(policy), texts(say), datetime.now(CHINA).isoformat(timespec="seconds")
    told = []
    for i in range(n):
        text = said[i % len(said)]
        message = {"id": f"soak-{i}", "channel": "phone", "reported_at": now, "text": text}
        if told and rng.random() < 0.2:
            message.update(rng.choice(told[-50:]))
        elif rng.random() < 0.8:
            message["place"] = {"estate": rng.choice(places)}
            told.append({"text": text, "place": message["place"]})
        yield "phone", message["id"], json.dumps(message, ensure_ascii=False).encode()


def with_repeats(first, share, rng):
    """Each complaint once, and a share of all publications is one that was sent before."""
    sent = []
    for message in first:
        sent.append(message)
        yield message
        while rng.random() < share:
            yield rng.choice(sent)


def chaos(stack, options, rng, kill_every=1.0):
    """Publishes and kills. Returns what was published and how often what happened."""
    import redis as redis_client
    from kafka_log import producer
    out, published = producer(stack.kafka), []
    everything = list(with_repeats(messages(options.messages, stack.policy, rng), options.repeats, rng))
    began = time.monotonic()
    done = {"kills": 0, "flushes": 0, "kafka_kills": 0, "redis_kills": 0}
    victims = list(stack.services)
    next_kill, next_flush = kill_every, rng.uniform(0.5, 2.5)
    redis = redis_client.from_url(stack.redis)
    for i, (source, number, value) in enumerate(everything):
        due = i * options.seconds / len(everything)
        while (now := time.monotonic() - began) < due or now >= min(next_kill, next_flush if options.flushall else 1e9):
            if kill_every and now >= next_kill:
                if options.infra and rng.random() < 0.1:
                    node = rng.choice(("kafka", "redis"))
                    stack.kill(node)
                    done[node + "_kills"] += 1
                else:
                    stack.kill(rng.choice(victims))
                    done["kills"] += 1
                next_kill = now + rng.uniform(0.5, 1.5) * kill_every
            if options.flushall and now >= next_flush:
                with contextlib.suppress(redis_client.ConnectionError):  # it may be dead just now
                    redis.flushall()
                    done["flushes"] += 1
                next_flush = now + rng.uniform(0.5, 3.5)
            out.poll(max(0.0, min(due - (time.monotonic() - began), 0.02)))
        out.produce("complaint.intake.v1", key=number, value=value)
        out.poll(0)
        published.append((source, number))
    out.flush(60)
    redis.close()
    return published, done


def run(options):
    """Everything; returns (report, problems)."""
    from checker import Whole
    from units import Units, check_answers
    rng = random.Random(options.seed)
    env = {"KAFKA_SESSION_TIMEOUT_MS": "6000", "KAFKA_HEARTBEAT_INTERVAL_MS": "1000"}
    service_env = {}
    if options.control:
        service_env = {s: {"CHUISHAO_CONTROL": "offsets_outside", "CHUISHAO_KILL": f"outside:{rng.randrange(5, 30)}"}
                       for s in STAGES}
    services = [(s, options.instances if s in STAGES + ("sla",) else 1) for s in SERVICES]
    with Stack(options.name, services=services, build_dir=options.build_dir, env=env, service_env=service_env, fresh=True,
               keep=options.keep, say=(say if options.verbose else None)) as stack:
        units = Units(stack.kafka, stack.policy, options.seed) if options.units else None
        if units:
            units.start()
        published, done = chaos(stack, options, rng)
        published_at = time.monotonic()
        with Whole(stack.kafka, stack.redis, stack.policy) as whole:
            through = whole.wait(len(published), 10 if options.control else 45)
            took = time.monotonic() - published_at
            stack.wait_ready(60)
            sent = units.finish() if units else {}
            if through:
                whole.wait(len(published), 10)
                whole.wait_level()
            problems = whole.check(published, acted=bool(units))
            check_answers(sent, whole.events(), whole.orders(), problems)
            board = board_counts(stack, whole.figures()) if not problems else {}
            for name, (is_, should) in board.items():
                problems.add("board", f"{name}: the board says {is_}, the topics say {should}")
            report = {"seed": options.seed, "messages": options.messages, **whole.figures(), **done, "actions": len(sent),
                      "restarts": stack.total_restarts(), "through": through,
                      "seconds_after_the_last": round(took, 1)}
    return report, problems


def board_counts(stack, figures, seconds=20.0):
    """What the board counts differently from the topics, once it has had time."""
    end = time.monotonic() + seconds
    names = {"accepted": "opened", "repeated": "repeated", "dead_lettered": "dead_lettered", "dispatched": "dispatched",
             "needs_human": "needs_human", "transferred": "transferred", "merged": "merged"}
    while True:
        status, body = stack.get("board", "/api/summary")
        says = json.loads(body) if status == 200 else {}
        differ = {k: (says.get(k), figures[v]) for k, v in names.items() if says.get(k) != figures[v]}
        if not differ or time.monotonic() > end:
            return differ
        time.sleep(0.1)


def parse(arguments=None):
    parser = argparse.ArgumentParser(prog="./run soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long to publish (default %(default).0f)")
    parser.add_argument("--messages", type=int, default=10000, help="complaints (default %(default)d)")
    parser.add_argument("--repeats", type=float, default=0.05, help="share that is sent again (default %(default)s)")
    parser.add_argument("--build", default="release", help="release, sanitizer or a build folder")
    parser.add_argument("--no-units", dest="units", action="store_false", help="nobody works on the cases")
    parser.add_argument("--control", action="store_true", help="commit offsets outside the transaction: must fail")
    parser.add_argument("--flushall", action="store_true", help="empty Redis at random moments")
    parser.add_argument("--infra", action="store_true", help="kill Kafka and Redis, too, one time in ten")
    parser.add_argument("--instances", type=int, default=1, help="of each stage and of sla (default %(default)d)")
    parser.add_argument("--seed", type=int, help="repeat a run")
    parser.add_argument("--keep", action="store_true", help="keep data and logs in .run/")
    parser.add_argument("--verbose", action="store_true", help="say which process ends")
    options = parser.parse_args(arguments)
    options.name = f"soak-{os.getpid()}"
    options.units = options.units and not options.control
    if options.control and options.build == "release":
        options.build = "sanitizer"  # only that build has the control
    options.build_dir = options.build if os.path.isdir(options.build) else build_folder(options.build)
    if options.seed is None:
        options.seed = time.time_ns() % 1000000
    return options


def main():
    options = parse()
    from testing import use_packages
    use_packages()
    interrupt_on_signals()
    say(f"chaos: seed {options.seed}, {options.messages} complaints in {options.seconds:.0f} s, {options.build_dir}")
    try:
        report, problems = run(options)
    except StackError as e:
        say(f"chaos: {e}")
        return 69
    except KeyboardInterrupt:
        return 130
    print(json.dumps(report, ensure_ascii=False))
    print(f"problems: {problems}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
