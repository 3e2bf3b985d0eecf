"""The whole system on one machine: a Kafka node, a Redis and all services, supervised. command.py is the program.

    with Stack("mytest") as stack: … stack.kafka, stack.redis, stack.kill("router")
"""

import contextlib
import fcntl
import json
import os
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from infra import ROOT, Kafka, Redis, plain_environment  # noqa: E402
from processes import Child, StackError, start_time, tail  # noqa: E402

SERVICES = ("intake", "classifier", "router", "casework", "delivery", "sla", "board", "vault")

# A service that ran at least this long and then died is restarted at once; one that dies sooner waits, longer each time.
SETTLED_S = 1.0
BACKOFF_FIRST_S = 0.1
BACKOFF_MAX_S = 2.0

# A service refuses settings it does not know, so the key file goes only to those that ask for it.
KEY_FILE_SERVICES = ("intake",)

SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=86",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


def interrupt_on_signals():
    """SIGTERM and SIGHUP end the program the way Ctrl-C does: what was started is stopped on the way out."""
    def interrupt(signum, frame):
        raise KeyboardInterrupt
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, interrupt)


def say(text):
    print(text, file=sys.stderr, flush=True)


def build_folder(preset):
    return os.path.join(ROOT, "build", preset)


class Service(Child):
    """One instance of one program."""

    def __init__(self, instance, program, run_dir, env):
        super().__init__(instance, [program], os.path.join(run_dir, "logs", instance + ".log"), env=env,
                         cwd=os.path.join(run_dir, "work"), before_start=self._forget_address)
        self._address_file = os.path.join(run_dir, instance + ".http")

    def _forget_address(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._address_file)

    @property
    def http(self):
        """host:port of its HTTP server, None while it has none."""
        try:
            with open(self._address_file, encoding="ascii") as f:
                return f.read().strip() or None
        except OSError:
            return None

    def get(self, path, timeout=5.0):
        """The status and body of one GET; (0, reason) when nobody answers."""
        address = self.http
        if not address:
            return 0, b"no address yet"
        try:
            with urllib.request.urlopen(f"http://{address}{path}", timeout=timeout) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as e:
            return e.code, e.read()
        except (OSError, ValueError) as e:
            return 0, str(e).encode()

    def ready(self):
        return self.running() and self.get("/readyz")[0] == 200


class Stack:
    """Kafka, Redis and services under one name, with everything they write under one folder.

    services    which to run: "router" is one instance router-0, ("router", 3) three; () for Kafka and Redis only
    build_dir   where bin/chuishao-<service> is; default $BUILD_DIR, else build/release
    kafka,redis addresses to use instead of own processes
    env         settings for all services; service_env {"router": {...}} for one
    fresh       begins with an empty folder; keep=False removes the folder when stopped
    """

    def __init__(self, name="dev", *, services=SERVICES, build_dir=None, policy=None, run_dir=None, kafka=None,
                 redis=None, env=None, service_env=None, kafka_settings=None, redis_settings=None, kafka_jvm=None,
                 lane="", fresh=False, keep=True, topics=None, schedules=False, say=None):
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
            raise StackError(f"the name {name!r} is used as a folder: letters, digits, '.', '_' and '-' only")
        self.name = name
        self.run_dir = os.path.abspath(run_dir or os.path.join(ROOT, ".run", name))
        self.build_dir = os.path.abspath(build_dir or os.environ.get("BUILD_DIR") or build_folder("release"))
        self.policy = os.path.abspath(policy or os.path.join(ROOT, "policy"))
        self.lane = lane
        self._given_kafka, self._given_redis = kafka, redis
        self.kafka, self.redis = kafka, redis
        self.kafka_node = self.redis_node = None
        self.services = {}
        self.key_file = os.path.join(self.run_dir, "identity.key")
        self._wanted = [(s, 1) if isinstance(s, str) else tuple(s) for s in services]
        self._topics = bool(self._wanted) if topics is None else topics
        self._schedules = schedules
        self._env, self._service_env = dict(env or {}), dict(service_env or {})
        self._kafka_settings, self._redis_settings = kafka_settings, redis_settings
        self._kafka_jvm = kafka_jvm
        self._fresh, self._keep = fresh, keep
        self._say = say or (lambda text: None)
        self._lock_file = None
        self._mutex = threading.RLock()
        self._stopping = False
        self._watcher = None
        self._wake_read = self._wake_write = None

    # -- life ---------------------------------------------------------------------------------------------------------

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.stop()

    def start(self, ready_seconds=60.0):
        """Starts everything and waits until every service says it is ready. On failure nothing is left running."""
        self._take_folder()
        try:
            self.start_infra()
            if self._topics:
                self.apply("topics")
                if self._schedules:
                    self.apply("schedules")
            self.start_services(ready_seconds)
        except BaseException:
            self.stop(remove=False)
            raise

    def start_infra(self):
        self._take_folder()
        self._stopping = False
        logs = os.path.join(self.run_dir, "logs")
        nodes = []
        if not self._given_kafka:
            self.kafka_node = Kafka(os.path.join(self.run_dir, "kafka"), os.path.join(logs, "kafka.log"),
                                    self._kafka_settings, self._kafka_jvm)
            nodes.append(self.kafka_node)
        if not self._given_redis:
            self.redis_node = Redis(os.path.join(self.run_dir, "redis"), os.path.join(logs, "redis.log"),
                                    self._redis_settings)
            nodes.append(self.redis_node)
        for node in nodes:
            node.prepare()
            node.child.start()
        for node in nodes:
            node.wait_ready()
        if self.kafka_node:
            self.kafka = self.kafka_node.address
        if self.redis_node:
            self.redis = self.redis_node.address
        self._watch()
        self._write_state()

    def apply(self, what):
        """Creates the topics that are missing, or starts the schedules, with the program an operator would use."""
        command = [self.program("chuishao"), what, "apply", "--policy", self.policy]
        if self.lane:
            command += ["--lane", self.lane]
        result = subprocess.run(command, env=self.client_env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0:
            raise StackError(f"the {what} could not be applied: " + " ".join(command) + " ended with "
                             f"{result.returncode}:\n" + result.stdout.decode("utf-8", "replace")[-2000:])

    def start_services(self, ready_seconds=60.0):
        for service, count in self._wanted:
            program = self.program("chuishao-" + service)
            for i in range(count):
                instance = f"{service}-{i}"
                env = self.service_env(service, instance)
                with self._mutex:
                    child = Service(instance, program, self.run_dir, env)
                    self.services[instance] = child
                    child.start()
        self._wake()
        self._write_state()
        self.wait_ready(ready_seconds)
        self._write_state()

    def stop(self, remove=None):
        """Ends the services, then Redis and Kafka; only what this stack started."""
        with self._mutex:
            self._stopping = True
        self._wake()
        if self._watcher and self._watcher is not threading.current_thread():
            self._watcher.join()
        self._watcher = None
        children = list(self.services.values())
        nodes = [n.child for n in (self.redis_node, self.kafka_node) if n]
        for group in (children, nodes):
            for child in group:
                child.signal(signal.SIGTERM)
            for child in group:
                child.stop(8.0)
        for end in (self._wake_read, self._wake_write):
            if end is not None:
                os.close(end)
        self._wake_read = self._wake_write = None
        if self._lock_file:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.state_path)
            self._lock_file.close()
            self._lock_file = None
        if (not self._keep) if remove is None else remove:
            shutil.rmtree(self.run_dir, ignore_errors=True)

    # -- what tests do to it ------------------------------------------------------------------------------------------

    def child(self, name):
        """The process of that name: "kafka", "redis", "router-1", or "router" for router-0."""
        if name == "kafka" and self.kafka_node:
            return self.kafka_node.child
        if name == "redis" and self.redis_node:
            return self.redis_node.child
        found = self.services.get(name) or self.services.get(name + "-0")
        if not found:
            raise StackError(f"no process {name!r} in the stack {self.name!r}: it has {', '.join(self.names())}")
        return found

    def names(self):
        nodes = [n for n, node in (("kafka", self.kafka_node), ("redis", self.redis_node)) if node]
        return nodes + list(self.services)

    def kill(self, name, signum=signal.SIGKILL):
        """Signals one process; the supervisor restarts it under the same name when it ends, unless held."""
        self.child(name).signal(signum)

    def hold(self, name):
        """From now on the process is not restarted when it ends."""
        self.child(name).held = True

    def release(self, name):
        """Supervises it again, starting it if it does not run."""
        child = self.child(name)
        with self._mutex:
            child.held = False
            if not child.running() and not self._stopping:
                child.start()
        self._wake()
        self._write_state()

    def stop_one(self, name, grace=8.0):
        """Ends one process for good (until release) and returns its exit code."""
        self.hold(name)
        return self.child(name).stop(grace)

    def restarts(self, name):
        return self.child(name).restarts

    def total_restarts(self):
        return sum(c.restarts for c in self.services.values())

    def http(self, name, seconds=10.0):
        """The HTTP address of a service, waiting for it to have one."""
        end = time.monotonic() + seconds
        while True:
            address = self.child(name).http
            if address:
                return address
            if time.monotonic() > end:
                raise StackError(f"{name} wrote no HTTP address within {seconds:.0f} s; the end of its log:\n"
                                 + tail(self.child(name).log_path))
            time.sleep(0.02)

    def get(self, name, path, timeout=5.0):
        return self.child(name).get(path, timeout)

    def wait_ready(self, seconds=60.0):
        """Returns when every service answers /readyz with 200."""
        waiting = dict(self.services)
        end = time.monotonic() + seconds
        while waiting:
            for name in [n for n, c in waiting.items() if c.ready()]:
                del waiting[name]
            failed = [c for c in waiting.values() if c.process.poll() in (64, 65, 78)]
            if failed:
                raise StackError(f"{failed[0].name} refuses to start (exit code {failed[0].process.poll()}); the end "
                                 "of its log:\n" + tail(failed[0].log_path))
            if waiting and time.monotonic() > end:
                first = next(iter(waiting.values()))
                raise StackError(f"not ready after {seconds:.0f} s: {', '.join(waiting)}. The end of the log of "
                                 f"{first.name} ({first.log_path}):\n" + tail(first.log_path))
            if waiting:
                time.sleep(0.03)

    def program(self, name):
        path = os.path.join(self.build_dir, "bin", name)
        if not os.path.exists(path):
            raise StackError(f"{path} does not exist: build it (cmake --build {self.build_dir} --target {name})")
        return path

    def client_env(self):
        """The environment of a client of this stack, such as the command line."""
        env = plain_environment()
        for key, value in SANITIZER_ENV.items():
            env.setdefault(key, value)
        if self._given_kafka:  # a cluster of the user's own may need more than an address (KAFKA_SASL_…)
            env.update({k: v for k, v in os.environ.items() if k.startswith("KAFKA_")})
        env["KAFKA_BOOTSTRAP_SERVERS"] = self.kafka
        env["REDIS_URL"] = self.redis
        env["CHUISHAO_POLICY"] = self.policy
        return env

    def run(self, *arguments, check=True, **options):
        """Runs the command line `chuishao` against this stack and returns the finished process."""
        result = subprocess.run([self.program("chuishao"), *arguments], env=self.client_env(),
                                stdin=options.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, check=False, **options)
        if check and result.returncode != 0:
            raise StackError(f"chuishao {' '.join(arguments)} ended with {result.returncode}: "
                             + result.stderr.decode("utf-8", "replace")[-2000:])
        return result

    def service_env(self, service, instance):
        env = self.client_env()
        env.update({"CHUISHAO_INSTANCE": instance, "CHUISHAO_RUN_DIR": self.run_dir, "HTTP_ADDR": "127.0.0.1:0"})
        if self.lane:
            env["CHUISHAO_LANE"] = self.lane
        if service in KEY_FILE_SERVICES:
            env["CHUISHAO_KEY_FILE"] = self.key_file
        env.update(self._env)
        env.update(self._service_env.get(service, {}))
        env.update(self._service_env.get(instance, {}))
        return env

    # -- state --------------------------------------------------------------------------------------------------------

    @property
    def state_path(self):
        return os.path.join(self.run_dir, "stack.json")

    def state(self):
        def entry(child):
            return {"name": child.name, "pid": child.pid, "started": child.started, "restarts": child.restarts,
                    "log": child.log_path}

        nodes = [n.child for n in (self.kafka_node, self.redis_node) if n]
        return {
            "supervisor": {"pid": os.getpid(), "started": start_time(os.getpid())},
            "kafka": self.kafka, "redis": self.redis, "policy": self.policy, "run_dir": self.run_dir,
            "build_dir": self.build_dir,
            "own": [entry(c) for c in nodes],
            "services": [dict(entry(c), http=c.http) for c in self.services.values()],
        }

    def _write_state(self):
        with self._mutex:
            if not self._lock_file:
                return
            temporary = self.state_path + ".new"
            with open(temporary, "w", encoding="utf-8") as f:
                json.dump(self.state(), f, ensure_ascii=False, indent=1)
            os.replace(temporary, self.state_path)

    def _take_folder(self):
        """One stack per folder: a second one would write into the first one's data."""
        if self._lock_file:
            return
        os.makedirs(self.run_dir, exist_ok=True)
        lock = open(os.path.join(self.run_dir, "lock"), "w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StackError(f"a stack {self.name!r} is running already (its folder {self.run_dir} is locked): "
                             "stop it first or choose another name") from None
        self._lock_file = lock
        if self._fresh:
            for entry in os.listdir(self.run_dir):
                path = os.path.join(self.run_dir, entry)
                if entry == "lock":
                    continue
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.unlink(path)
        os.makedirs(os.path.join(self.run_dir, "logs"), exist_ok=True)
        os.makedirs(os.path.join(self.run_dir, "work"), exist_ok=True)
        if not os.path.exists(self.key_file):
            descriptor = os.open(self.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as f:
                f.write(secrets.token_hex(32) + "\n")

    # -- supervision --------------------------------------------------------------------------------------------------

    def _watch(self):
        if self._watcher:
            return
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        # The kernel ties "ended with its parent" to the thread that started a child, so this thread lives as long as
        # the stack: it returns only when the stack stops.
        self._watcher = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._watcher.start()

    def _wake(self):
        if self._wake_write is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._wake_write, b"!")

    def _children(self):
        return [n.child for n in (self.kafka_node, self.redis_node) if n] + list(self.services.values())

    def _supervise(self):
        try:
            self._supervise_until_stopped()
        except Exception as e:
            # Its children end with this thread; saying why is all that is left to do.
            self._say(f"the supervisor gave up: {type(e).__name__}: {e}")
            raise

    def _supervise_until_stopped(self):
        while True:
            with self._mutex:
                if self._stopping:
                    return
                wait = self._revive()
                watched, missed = self._open_pidfds()
                wait = 0 if missed else wait
            poll = select.poll()
            poll.register(self._wake_read, select.POLLIN)
            for descriptor in watched:
                poll.register(descriptor, select.POLLIN)
            events = poll.poll(None if wait is None else max(1, int(wait * 1000)))
            if any(descriptor == self._wake_read for descriptor, _ in events):
                os.read(self._wake_read, 4096)
            for descriptor in watched:
                os.close(descriptor)

    def _open_pidfds(self):
        """One descriptor per running child, readable when the child ends; and whether one ended since it was looked at."""
        watched, missed = [], False
        for child in self._children():
            if child.process is None or child.held or child.retry_at is not None:
                continue
            try:
                watched.append(os.pidfd_open(child.pid))
            except ProcessLookupError:
                missed = True
            if not child.running():
                missed = True
        return watched, missed

    def _revive(self):
        """Restarts what has ended; returns the seconds until the next restart that must wait, None if none."""
        wait = None
        changed = False
        now = time.monotonic()
        for child in self._children():
            if child.held or child.process is None or child.running():
                continue
            if child.retry_at is None:
                code = child.process.returncode
                settled = now - child.started_at >= SETTLED_S
                child.backoff = 0.0 if settled else min(BACKOFF_MAX_S, max(BACKOFF_FIRST_S, child.backoff * 2))
                child.retry_at = now + child.backoff
                reason = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
                self._say(f"{child.name} {reason}; restarting it")
            if now >= child.retry_at:
                child.start()
                child.restarts += 1  # after it: who sees the count sees the new process
                changed = True
            else:
                left = child.retry_at - now
                wait = left if wait is None else min(wait, left)
        if changed:
            self._write_state()
        return wait
