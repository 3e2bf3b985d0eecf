#!/usr/bin/env python3
"""The stack as a program: command.py infra|jars|up|down|status|env (see --help)."""

import argparse
import contextlib
import json
import os
import shlex
import signal
import sys
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from infra import OWN_MARK, ROOT, ensure_jars  # noqa: E402
from processes import StackError, is_alive, send, wait_gone  # noqa: E402
from stack import SERVICES, Stack, interrupt_on_signals, say  # noqa: E402


def from_options(options, services):
    return Stack(options.name, services=services, build_dir=options.build, policy=options.policy,
                 kafka=os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), redis=os.environ.get("REDIS_URL"),
                 fresh=options.fresh, schedules=True, say=say)


def run_jars(options):
    ensure_jars(say)
    return 0


def service_list(text):
    if text is None:
        return SERVICES
    names = [t.strip() for t in text.split(",") if t.strip()]
    unknown = [n for n in names if n not in SERVICES]
    if unknown:
        raise StackError(f"no such service: {', '.join(unknown)}; there are {', '.join(SERVICES)}")
    return tuple(names)


def run_infra(options):
    stack = from_options(options, ())
    try:
        stack.start()
        print(json.dumps({"name": stack.name, "kafka": stack.kafka, "redis": stack.redis,
                          "run_dir": stack.run_dir, "pid": os.getpid()}), flush=True)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return 0
    finally:
        stack.stop()


def read_state(name):
    """The state of a stack and whether its supervisor runs; (None, False) when there is none."""
    path = os.path.join(ROOT, ".run", name, "stack.json")
    try:
        with open(path, encoding="utf-8") as f:
            state = json.load(f)
    except FileNotFoundError:
        return None, False
    supervisor = state["supervisor"]
    return state, is_alive(supervisor["pid"], supervisor["started"])


def run_up(options):
    state, alive = read_state(options.name)
    if alive:
        say("already up")
        return print_status(options.name, state, False)
    services = service_list(options.services)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        code = 70
        try:
            code = supervise_in_background(options, services, write_end)
        finally:
            os._exit(code)
    os.close(write_end)
    with os.fdopen(read_end, encoding="utf-8") as answer:
        text = answer.read()
    if text != "up":
        os.waitpid(child, 0)
        raise StackError(text or "the supervisor ended before everything was up; look into "
                         + os.path.join(ROOT, ".run", options.name, "logs"))
    state, _ = read_state(options.name)
    return print_status(options.name, state, False)


def supervise_in_background(options, services, write_end):
    """The daemon: starts the stack, tells the waiting parent "up" or what went wrong, and stays until SIGTERM."""
    os.setsid()
    logs = os.path.join(ROOT, ".run", options.name, "logs")
    os.makedirs(logs, exist_ok=True)
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(os.path.join(logs, "supervisor.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    stack = from_options(options, services)
    try:
        stack.start()
    except (StackError, OSError) as e:
        os.write(write_end, str(e).encode())
        return 69
    except KeyboardInterrupt:
        return 130
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.write(write_end, b"up")
    os.close(write_end)
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return 0
    finally:
        stack.stop()


def run_down(options):
    state, alive = read_state(options.name)
    if not state:
        say("not running")
        return 0
    if alive:
        pid, started = state["supervisor"]["pid"], state["supervisor"]["started"]
        send(pid, started, signal.SIGTERM)
        if not wait_gone(pid, started, 30):
            send(pid, started, signal.SIGKILL)
            wait_gone(pid, started, 5)
    # Normally nothing is left: children end with their supervisor. Each is known by pid and start time.
    left = [c for c in state["services"] + state["own"] if is_alive(c["pid"], c["started"])]
    for child in left:
        send(child["pid"], child["started"], signal.SIGTERM)
    for child in left:
        if not wait_gone(child["pid"], child["started"], 5):
            send(child["pid"], child["started"], signal.SIGKILL)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(ROOT, ".run", options.name, "stack.json"))
    say("stopped; data and logs stay in .run/" + options.name)
    return 0


def status_of(state):
    """The state as scripts read it: addresses now, and a pid only for what runs."""
    services = []
    for service in state["services"]:
        alive = is_alive(service["pid"], service["started"])
        address = None
        try:
            with open(os.path.join(state["run_dir"], service["name"] + ".http"), encoding="ascii") as f:
                address = f.read().strip() or None
        except OSError:
            pass
        ready = False
        if alive and address:
            try:
                with urllib.request.urlopen(f"http://{address}/readyz", timeout=2) as reply:
                    ready = reply.status == 200
            except OSError:
                ready = False
        services.append({"name": service["name"], "pid": service["pid"] if alive else None,
                         "http": address if alive else None, "ready": ready, "restarts": service["restarts"],
                         "log": service["log"]})
    return {"kafka": state["kafka"], "redis": state["redis"], "policy": state["policy"],
            "run_dir": state["run_dir"], "services": services}


def print_status(name, state, as_json):
    if not state:
        if as_json:
            print(json.dumps({"kafka": None, "redis": None, "policy": None, "services": []}))
        else:
            say(f"not running; ./run up starts it (stack {name!r})")
        return 3
    status = status_of(state)
    if as_json:
        print(json.dumps(status, ensure_ascii=False))
    else:
        print(f"kafka  {status['kafka']}\nredis  {status['redis']}\npolicy {status['policy']}")
        for s in status["services"]:
            word = "ready" if s["ready"] else "not ready" if s["pid"] else "not running"
            print(f"{s['name']:<14} pid {s['pid'] or '-':<8} http {s['http'] or '-':<16} restarts {s['restarts']:<4} {word}")
        for s in status["services"]:
            if s["name"].startswith("board-") and s["ready"]:
                print(f"\nthe board: http://{s['http']}/")
    return 0 if all(s["ready"] for s in status["services"]) else 1


def run_status(options):
    state, alive = read_state(options.name)
    return print_status(options.name, state if alive else None, options.json)


def run_env(options):
    """What a shell needs to use the stack, for eval: the command line on its path and the addresses."""
    state, alive = read_state(options.name)
    if not alive:
        say(f"not running; ./run up starts it (stack {options.name!r})")
        return 3
    programs = shlex.quote(os.path.join(state["build_dir"], "bin"))
    print(f"""case ":$PATH:" in *:{programs}:*) ;; *) export PATH={programs}:"$PATH" ;; esac""")
    for name, value in (("KAFKA_BOOTSTRAP_SERVERS", state["kafka"]), ("REDIS_URL", state["redis"]),
                        ("CHUISHAO_POLICY", state["policy"])):
        print(f"export {name}={shlex.quote(value)}")
    own = {child["name"] for child in state["own"]}
    for name, value, node in (("KAFKA_BOOTSTRAP_SERVERS", state["kafka"], "kafka"), ("REDIS_URL", state["redis"], "redis")):
        print(f"export {OWN_MARK}{name}={shlex.quote(value)}" if node in own else f"unset {OWN_MARK}{name}")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="command.py", description="Kafka, Redis and all services on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function, default, text in (
            ("infra", run_infra, "dev", "only Kafka and Redis, in the foreground; prints one JSON line with addresses"),
            ("jars", run_jars, "dev", "fetch Kafka's jars, once"),
            ("up", run_up, "up", "everything, in the background"),
            ("down", run_down, "up", "stop what `up` started"),
            ("status", run_status, "up", "what runs where"),
            ("env", run_env, "up", "lines for a shell's eval: addresses, and the path of chuishao")):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(function=function)
        command.add_argument("--name", default=default, help="which stack; its data is in .run/NAME (default %(default)s)")
        if name in ("infra", "up"):
            command.add_argument("--fresh", action="store_true", help="begin with empty data")
            command.add_argument("--build", metavar="DIR", help="build folder (default build/release)")
            command.add_argument("--policy", metavar="DIR", help="policy folder (default policy)")
        if name == "up":
            command.add_argument("--services", metavar="LIST", help="comma-separated; default all")
        if name == "status":
            command.add_argument("--json", action="store_true", help="for scripts")
    options = parser.parse_args()
    interrupt_on_signals()
    if options.function in (run_status, run_env):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `./run status | head` ends quietly
    try:
        return options.function(options)
    except StackError as e:
        say(f"stack: {e}")
        return 69
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
