"""Topics as a foreign client sees them. Shares no code with what it looks at."""

import time
from dataclasses import dataclass, field

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

COORDINATOR_BUSY = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_NOT_AVAILABLE,
                    KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError._WAIT_COORD, KafkaError._TIMED_OUT)


@dataclass
class Record:
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes  # None: a tombstone
    headers: dict = field(default_factory=dict)
    time_ms: int = 0


def wait_until(true, seconds, what):
    """Polls until true() says so; fails with what() or the text when it never does."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:.0f} s still not: {what() if callable(what) else what}")
        time.sleep(0.02)


def consumer(kafka, committed=True, group="chuishao-checker"):
    return Consumer({"bootstrap.servers": kafka, "group.id": group, "enable.auto.commit": False,
                     "auto.offset.reset": "earliest", "enable.partition.eof": True, "fetch.wait.max.ms": 50,
                     "isolation.level": "read_committed" if committed else "read_uncommitted",
                     "message.max.bytes": 8000000, "fetch.message.max.bytes": 8000000})


def producer(kafka, **settings):
    """A publisher like any other: murmur2 is what the topics' owners ask for."""
    return Producer({"bootstrap.servers": kafka, "partitioner": "murmur2", "linger.ms": 5, "enable.idempotence": True,
                     "message.max.bytes": 8000000, **{k.replace("_", "."): v for k, v in settings.items()}})


def topic_names(kafka):
    topics = AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).topics
    return sorted(t for t in topics if not t.startswith("__"))


class Follower:
    """Reads topics from their beginning, read_committed, and keeps every record."""

    def __init__(self, kafka, topics):
        self.kafka = kafka
        self._consumer = consumer(kafka)
        metadata = self._consumer.list_topics(timeout=10).topics
        missing = [t for t in topics if t not in metadata]
        if missing:
            raise AssertionError(f"no such topic: {', '.join(missing)}")
        self.partitions = [(t, p) for t in topics for p in metadata[t].partitions]
        self.records = {t: [] for t in topics}
        self._next = dict.fromkeys(self.partitions, 0)  # where reading stands, markers of transactions included
        self.arrived = time.monotonic()
        self._consumer.assign([TopicPartition(t, p, 0) for t, p in self.partitions])

    def close(self):
        self._consumer.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def poll(self, seconds=0.1):
        """Takes what there is; returns the new records."""
        fresh = []
        for m in self._consumer.consume(1000, seconds):
            error = m.error()
            if error:
                if error.code() != KafkaError._PARTITION_EOF and not error.retriable():
                    raise AssertionError(f"reading failed: {error}")
                if error.code() == KafkaError._PARTITION_EOF:
                    self._next[m.topic(), m.partition()] = m.offset()
                continue
            record = Record(m.topic(), m.partition(), m.offset(), m.key(), m.value(), dict(m.headers() or ()),
                            m.timestamp()[1])
            self._next[record.topic, record.partition] = record.offset + 1
            self.records[record.topic].append(record)
            fresh.append(record)
        if fresh:
            self.arrived = time.monotonic()
        return fresh

    def drain(self, seconds=30.0):
        """Reads to what is the stable end of every partition now."""
        stops = ends(self.kafka, self.partitions)
        end = time.monotonic() + seconds
        while any(self._next[at] < stops[at] for at in self.partitions):
            if time.monotonic() > end:
                behind = [at for at in self.partitions if self._next[at] < stops[at]]
                raise AssertionError(f"reading does not reach the end of {behind}")
            self.poll(0.05)
        return self.records


def read_all(kafka, topics):
    with Follower(kafka, topics) as follower:
        return follower.drain()


def ends(kafka, partitions, stable=True):
    """{(topic, partition): its end}, the stable one or the plain one, in one request."""
    admin = AdminClient({"bootstrap.servers": kafka})
    level = IsolationLevel.READ_COMMITTED if stable else IsolationLevel.READ_UNCOMMITTED
    asked = admin.list_offsets({TopicPartition(t, p): OffsetSpec.latest() for t, p in partitions}, isolation_level=level,
                               request_timeout=20)
    return {(at.topic, at.partition): answer.result(20).offset for at, answer in asked.items()}


def partitions_of(kafka, topics):
    metadata = AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).topics
    return [(t, p) for t in topics for p in metadata[t].partitions]


def open_transactions(kafka, topics):
    """Partitions whose stable end lies before their end: a transaction is open there."""
    partitions = partitions_of(kafka, topics)
    plain = ends(kafka, partitions, stable=False)
    safe = ends(kafka, partitions)
    return [f"{t} [{p}]: a transaction is open from {safe[t, p]}, the end is {plain[t, p]}"
            for t, p in partitions if safe[t, p] < plain[t, p]]


def committed(kafka, group, topics):
    """{(topic, partition): the group's committed offset, 0 without one}"""
    c = consumer(kafka, group=group)
    try:
        parts = [TopicPartition(t, p) for t, p in partitions_of(kafka, topics)]
        end = time.monotonic() + 20
        while True:
            try:
                return {(t.topic, t.partition): max(0, t.offset) for t in c.committed(parts, timeout=10)}
            except KafkaException as e:  # the coordinator moves or is still loading
                if e.args[0].code() not in COORDINATOR_BUSY or time.monotonic() > end:
                    raise
    finally:
        c.close()


def end_offsets(kafka, topic):
    return ends(kafka, partitions_of(kafka, [topic]), stable=False)


def unread(kafka, group, records, topics):
    """How many visible records of the topics lie at or above what the group has committed."""
    done = committed(kafka, group, topics)
    return sum(1 for t in topics for r in records[t] if r.offset >= done.get((t, r.partition), 0))


def murmur2_partition(key, n):
    """The partition of n that Kafka's own default partitioner gives a key, written from its definition."""
    data, m, mask = key.encode(), 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    for i in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[len(data) - len(data) % 4:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % n
