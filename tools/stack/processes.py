"""Child processes that are ours and stay ours: started with a log file, ended with their parent, known by pid and start time."""

import os
import signal
import socket
import subprocess
import time


class StackError(Exception):
    """What went wrong and what to do about it; shown to the user as it is."""


def free_port():
    """A loopback port that nothing listens on now."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_time(pid):
    """When the process began, in clock ticks since boot, or None if it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as f:
            fields = f.read().rpartition(b")")[2].split()
    except OSError:
        return None
    # A killed JVM's first thread may be a zombie while others still hold its sockets: then it is not gone yet.
    gone = fields[0] in (b"Z", b"X") and int(fields[17]) <= 1
    return None if gone else int(fields[19])


def is_alive(pid, started):
    """Whether the very process that was recorded still runs; a reused pid has another start time."""
    return bool(pid) and started is not None and start_time(pid) == started


def send(pid, started, signum):
    """Signals a recorded process; does nothing when it is gone."""
    if not is_alive(pid, started):
        return False
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        return False
    return True


def wait_gone(pid, started, seconds):
    """True when the recorded process ends within the given time."""
    end = time.monotonic() + seconds
    while is_alive(pid, started):
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)
    return True


def tail(path, lines=12):
    """The end of a log file, for an error message."""
    try:
        with open(path, "rb") as f:
            f.seek(max(0, os.path.getsize(path) - 8192))
            return "\n".join(f.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


class Child:
    """One process under one name. It may be started again after it ended; the name, the log and the environment stay."""

    def __init__(self, name, command, log_path, env=None, cwd=None, before_start=None):
        self.name = name
        self.command = command
        self.log_path = log_path
        self.env = env
        self.cwd = cwd
        self.before_start = before_start
        self.process = None
        self.pid = None
        self.started = None
        self.started_at = 0.0
        self.restarts = 0
        self.held = False
        self.retry_at = None
        self.backoff = 0.0

    def start(self):
        if self.before_start:
            self.before_start()
        with open(self.log_path, "ab") as log:
            # setpriv arranges that the kernel ends the child when we die, however we die.
            # The own session keeps a terminal's Ctrl-C from it: we stop children in order.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--"] + self.command,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.env, cwd=self.cwd, start_new_session=True)
        self.pid = self.process.pid
        self.started = start_time(self.pid)
        self.started_at = time.monotonic()
        self.retry_at = None

    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, signum):
        if self.running():
            self.process.send_signal(signum)

    def wait(self, seconds):
        """Its exit code, or None when it still runs after that time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, grace=8.0):
        """SIGTERM, and SIGKILL when that is not enough. Returns the exit code, None if it never ran."""
        if self.process is None:
            return None
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        code = self.wait(grace)
        if code is None:
            self.process.kill()
            code = self.process.wait()
        return code
