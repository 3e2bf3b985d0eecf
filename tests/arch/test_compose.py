"""docker-compose.yml and Dockerfile, as far as they can be checked where no engine runs."""

import os
import re

import pytest
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Strict(yaml.SafeLoader):
    """A key that is there twice is a mistake, which plain YAML readers overlook."""


def mapping_without_repeats(loader, node):
    keys = [k.value for k, _ in node.value if k.tag != "tag:yaml.org,2002:merge"]
    assert len(keys) == len(set(keys)), f"a key stands twice in {node.start_mark}"
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping_without_repeats)


@pytest.fixture(scope="module")
def compose():
    with open(os.path.join(ROOT, "docker-compose.yml"), encoding="utf-8") as f:
        return yaml.load(f, Strict)


@pytest.fixture(scope="module")
def dockerfile():
    with open(os.path.join(ROOT, "Dockerfile"), encoding="utf-8") as f:
        return f.read().replace("\\\n", " ")


def service_folders():
    folder = os.path.join(ROOT, "services")
    return sorted(n for n in os.listdir(folder) if os.path.exists(os.path.join(folder, n, "CMakeLists.txt")))


def test_every_service_of_the_tree_is_in_the_compose_file(compose):
    assert set(service_folders()) <= set(compose["services"])


def test_every_service_runs_its_own_program_and_is_checked_on_readyz(compose):
    for name in service_folders():
        service = compose["services"][name]
        assert service["command"] == [f"chuishao-{name}"]
        assert service["image"] == "chuishao"
        assert service["restart"] == "always"
        assert service["healthcheck"]["test"][-1].endswith(":8080/readyz")
        assert service["environment"]["KAFKA_BOOTSTRAP_SERVERS"] == "kafka:9092"
        assert service["environment"]["REDIS_URL"] == "redis://redis:6379"


def test_services_wait_for_the_topics_and_the_topics_for_kafka(compose):
    for name in service_folders():
        assert compose["services"][name]["depends_on"]["topics"]["condition"] == "service_completed_successfully"
    assert compose["services"]["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"


def test_what_is_waited_for_exists_and_can_be_healthy(compose):
    services = compose["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}, which is not there"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other]


def test_every_volume_is_declared_and_used(compose):
    used = {v.split(":")[0] for s in compose["services"].values() for v in s.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_nothing_is_published_beyond_this_machine(compose):
    for service in compose["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_the_broker_is_the_version_that_the_tests_use(compose):
    with open(os.path.join(ROOT, "tools", "stack", "pom.xml"), encoding="utf-8") as f:
        version = re.search(r"<kafka.version>([^<]+)<", f.read()).group(1)
    assert compose["services"]["kafka"]["image"] == "apache/kafka:" + version


def test_only_settings_that_services_know_are_given(compose):
    known = set()
    for folder, _, files in os.walk(ROOT):
        if os.path.relpath(folder, ROOT).split(os.sep)[0] in ("libcommon", "services"):
            for name in files:
                if name.endswith(".c"):
                    with open(os.path.join(folder, name), encoding="utf-8") as f:
                        known |= set(re.findall(r'"(CHUISHAO_[A-Z_]+)"', f.read()))
    for service in compose["services"].values():
        if service["image"] == "chuishao":
            given = {k for k in service["environment"] if k.startswith("CHUISHAO_")}
            assert given <= known


def test_the_image_runs_as_an_ordinary_user(dockerfile):
    last = dockerfile.rpartition("FROM ")[2]
    user = re.search(r"^USER (\S+)", last, re.M)
    assert user and user.group(1) not in ("root", "0")


def test_the_image_copies_only_what_exists(dockerfile):
    for sources in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.M):
        for source in sources.split()[:-1]:
            assert os.path.exists(os.path.join(ROOT, source)), source


def test_the_image_is_built_with_the_packages_that_run_sets_up(dockerfile):
    with open(os.path.join(ROOT, "run"), encoding="utf-8") as f:
        wanted = re.search(r"^PACKAGES='(.*?)'\n", f.read().replace("'\"'\"'", ""), re.M | re.S).group(1)
    needed = r"\S+-dev\b|unicode-data|bzip2"
    names = {line.split("|")[0] for line in wanted.splitlines()}
    built_with = set(re.findall(needed, dockerfile.partition("FROM debian:bookworm-slim\nRUN")[0]))
    assert {name for name in names if re.fullmatch(needed, name)} == built_with and "unicode-data" in built_with
