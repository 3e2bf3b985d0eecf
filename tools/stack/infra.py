"""A real Kafka (one KRaft node from its Maven artifacts) and a real Redis, each on a free loopback port."""

import glob
import os
import shutil
import socket
import struct
import subprocess
import time
import xml.etree.ElementTree

from processes import Child, StackError, free_port, tail

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
POM = os.path.join(HERE, "pom.xml")
# Set by `./run env` beside the addresses of a stack's own Kafka and Redis, so that they are known for that when it is gone.
OWN_MARK = "CHUISHAO_UP_"
CLUSTER_ID = "Y2h1aXNoYW8tc3RhY2stMQ"

# One node for development and tests: every internal topic has one replica, and what makes a group or a transaction wait
# for others that cannot come is turned down. Sizes fit a heap of 384 MB.
KAFKA_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "min.insync.replicas": "1",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    # A killed node that comes back is the same broker again as soon as its old session is over.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # A complaint of 2 MiB must reach intake, which refuses it with a dead letter.
    "message.max.bytes": "4194304",
    "log.retention.hours": "168",
    "log.segment.bytes": "67108864",
    "log.cleaner.threads": "1",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
    "controlled.shutdown.enable": "false",
}

JVM = ["-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
       "-XX:-UsePerfData", "-Djava.awt.headless=true"]


def forget_own_addresses():
    """Only an address the user brings is used instead of own processes; one of a stack of ours may be gone by now."""
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL"):
        if os.environ.get(name) and os.environ[name] == os.environ.get(OWN_MARK + name):
            del os.environ[name]


forget_own_addresses()


def kafka_version():
    """The one place that pins it is the pom."""
    ns = {"m": "http://maven.apache.org/POM/4.0.0"}
    return xml.etree.ElementTree.parse(POM).findtext(".//m:kafka.version", namespaces=ns)


def jar_dir():
    return os.path.join(ROOT, ".cache", "kafka", kafka_version())


def ensure_jars(say=lambda text: None):
    """Fetches the jars once; later calls only look at the stamp, which holds the pom it was made from."""
    folder = jar_dir()
    stamp = os.path.join(folder, ".complete")
    with open(POM, encoding="utf-8") as f:
        wanted = f.read()
    try:
        with open(stamp, encoding="utf-8") as f:
            if f.read() == wanted:
                return folder
    except OSError:
        pass
    if not shutil.which("mvn"):
        raise StackError("mvn not found: Kafka's jars come by Maven; install the package maven, "
                         "or set KAFKA_BOOTSTRAP_SERVERS to a cluster you have")
    say(f"fetching Apache Kafka {kafka_version()} by Maven (once, about 45 MB)")
    fresh = folder + ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    command = ["mvn", "-q", "-B", "-ntp", "-f", POM, "dependency:copy-dependencies",
               "-DincludeScope=runtime", "-DoutputDirectory=" + fresh]
    for attempt in (1, 2, 3):
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, check=False)
        if result.returncode == 0:
            break
        if attempt == 3:
            raise StackError("Maven could not fetch Kafka's jars; run it again when the repository is "
                             "reachable:\n  " + " ".join(command) + "\n"
                             + result.stdout.decode("utf-8", "replace")[-2000:])
        time.sleep(2)
    if not glob.glob(os.path.join(fresh, "kafka_*.jar")):
        raise StackError(f"Maven ended well but left no kafka_*.jar in {fresh}: look at {POM}")
    with open(os.path.join(fresh, ".complete"), "w", encoding="utf-8") as f:
        f.write(wanted)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(fresh, folder)
    return folder


def java_command(main, *arguments, jvm=JVM):
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else "java"
    return [java, *jvm, "-Dlog4j2.configurationFile=" + os.path.join(HERE, "log4j2.properties"),
            "-cp", os.path.join(jar_dir(), "*"), main, *arguments]


def plain_environment():
    """The caller's environment without what would change a broker or a service behind our back."""
    return {k: v for k, v in os.environ.items()
            if not k.startswith(("KAFKA_", "CHUISHAO_")) and k not in ("REDIS_URL", "HTTP_ADDR", "JAVA_TOOL_OPTIONS")}


def kafka_answers(host, port):
    """One ApiVersions request: a node that answers it has joined its cluster and takes clients."""
    try:
        with socket.create_connection((host, port), timeout=1) as s:
            s.settimeout(2)
            body = struct.pack(">hhih", 18, 0, 1, -1)
            s.sendall(struct.pack(">i", len(body)) + body)
            return len(s.recv(10)) == 10
    except OSError:
        return False


def redis_answers(host, port):
    try:
        with socket.create_connection((host, port), timeout=1) as s:
            s.settimeout(2)
            s.sendall(b"PING\r\n")
            return s.recv(16).startswith(b"+PONG")
    except OSError:
        return False


class Kafka:
    """One KRaft node. Its data outlives it: start it again on the same folder and everything is there."""

    def __init__(self, folder, log_path, settings=None, jvm=None):
        self.folder = folder
        self.settings = settings or {}
        self.jvm = jvm or []
        self.port = free_port()
        self.controller_port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.child = Child("kafka", [], log_path, env=plain_environment())

    def prepare(self):
        ensure_jars()
        os.makedirs(self.folder, exist_ok=True)
        data = os.path.join(self.folder, "data")
        self.properties = os.path.join(self.folder, "server.properties")
        settings = dict(KAFKA_SETTINGS)
        settings.update({
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "log.dirs": data,
        })
        settings.update(self.settings)
        with open(self.properties, "w", encoding="utf-8") as f:
            f.writelines(f"{k}={v}\n" for k, v in sorted(settings.items()))
        if not os.path.exists(os.path.join(data, "meta.properties")):
            self._format(data)
        self.child.command = java_command("kafka.Kafka", self.properties, jvm=JVM + self.jvm)
        self.child.cwd = self.folder

    def _format(self, data):
        """Formatting costs a Java start; what it writes does not depend on ports or folders, so it is kept and copied."""
        template = os.path.join(jar_dir(), "formatted")
        if not os.path.exists(os.path.join(template, "meta.properties")):
            result = subprocess.run(
                java_command("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self.properties),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=plain_environment(), check=False)
            if result.returncode != 0:
                raise StackError("the Kafka data folder could not be formatted (Java 17 or newer is needed): "
                                 + result.stdout.decode("utf-8", "replace")[-1500:])
            fresh = f"{template}.{os.getpid()}"
            shutil.copytree(data, fresh)
            try:
                os.rename(fresh, template)
            except OSError:
                shutil.rmtree(fresh)
            return
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(template, data)

    def wait_ready(self, seconds=60.0):
        end = time.monotonic() + seconds
        while not kafka_answers("127.0.0.1", self.port):
            if not self.child.running():
                raise StackError("Kafka ended while starting; the end of its log:\n" + tail(self.child.log_path))
            if time.monotonic() > end:
                raise StackError(f"Kafka does not answer on {self.address} after {seconds:.0f} s; the end of its "
                                 "log:\n" + tail(self.child.log_path))
            time.sleep(0.05)


class Redis:
    """One redis-server with the settings the system asks for: append-only file, fsync every second, nothing evicted."""

    def __init__(self, folder, log_path, settings=None):
        self.folder = folder
        self.settings = settings or {}
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}"
        self.child = Child("redis", [], log_path, env=plain_environment(), before_start=self.repair)

    def prepare(self):
        if not shutil.which("redis-server"):
            raise StackError("redis-server not found: install the package redis-server, or set REDIS_URL to a "
                             "Redis of your own")
        os.makedirs(self.folder, exist_ok=True)
        settings = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "daemonize": "no",
                    "appendonly": "yes", "appendfsync": "everysec", "save": "",
                    "maxmemory-policy": "noeviction"}
        settings.update(self.settings)
        self.child.command = ["redis-server"]
        for key, value in settings.items():
            self.child.command += ["--" + key, str(value)]
        self.child.cwd = self.folder

    def repair(self):
        """A torn tail would spoil the state at the second restart, so the file is mended before every start."""
        manifest = os.path.join(self.folder, "appendonlydir", "appendonly.aof.manifest")
        single = os.path.join(self.folder, "appendonly.aof")
        for path in (manifest, single):
            if os.path.exists(path) and shutil.which("redis-check-aof"):
                subprocess.run(["redis-check-aof", "--fix", path], input=b"y\n", check=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_ready(self, seconds=30.0):
        end = time.monotonic() + seconds
        while not redis_answers("127.0.0.1", self.port):
            if not self.child.running():
                raise StackError("Redis ended while starting; the end of its log:\n" + tail(self.child.log_path))
            if time.monotonic() > end:
                raise StackError(f"Redis does not answer on {self.address} after {seconds:.0f} s; the end of its "
                                 "log:\n" + tail(self.child.log_path))
            time.sleep(0.02)
