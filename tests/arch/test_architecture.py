"""What the tree promises about itself: pure cores, one module per client library, includes that point one way, headers that stand alone."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = sorted(p for folder in ("libcommon", "services", "tools", "bench", "tests")
                 for p in (ROOT / folder).rglob("*") if p.suffix in (".c", ".h", ".cc"))
CC = ["gcc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion",
      "-Wswitch-enum", "-Wvla", "-Werror"]

# Pure files: the services' cores, and what of libcommon they may lean on.
CORES = sorted(p for p in (ROOT / "services").glob("*/*.c") if p.stem.endswith("_core") or p.stem.startswith("case_"))
PURE_LIBRARY = [ROOT / "libcommon" / name for name in ("calendar.c", "schedule.c", "policy_lookup.c", "policy_people.c", "points.c", "textnorm.c",
                                                        "textgrams.c", "textmodel.c", "rule_term.c")]
# Constant tables that the build makes of a package's data.
TABLES = {"sound_set_of", "sound_sets"}
ALLOWED = re.compile(r"^(mem(cpy|set|cmp|chr|move)|str(len|cmp|ncmp|chr|rchr|spn|cspn|str)|(exp|log|sqrt|tanh|fmax|fmin)f|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$")

ONE_MODULE = {
    "librdkafka/": ("libcommon/bus_internal.h", "bench/copy_loop.c"),
    "hiredis/": ("libcommon/store.c",),
    "microhttpd.h": ("libcommon/http.c",),
    "hs/hs.h": ("libcommon/match_hyperscan.c",),
    "hs.h": ("libcommon/match_hyperscan.c",),
    "simdjson.h": ("libcommon/json.cc",),
    "geos_c.h": ("libcommon/geo.c",),
    "csv.h": ("libcommon/policy_csv.c",),
    "sqlite3.h": ("libcommon/sql.c",),
    "linear.h": ("tools/chuishao/train_linear.c",),
}
# jansson stays in the codecs of what comes from outside, in policy loading and in the tools.
JANSSON = re.compile(r"^(libcommon/policy\w*\.c|services/\w+/\w+_codec\.c|tools/|tests/)")


def name(path):
    return path.relative_to(ROOT).as_posix()


def includes(path):
    return re.findall(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', path.read_text(encoding="utf-8"), re.M)


def object_symbols(path, folder):
    """(defined, undefined) symbols of the file compiled by itself."""
    out = folder / (name(path).replace("/", "_") + ".o")
    subprocess.run([*CC, "-O1", "-I", str(ROOT / "libcommon"), "-I", str(path.parent), "-c", str(path), "-o", str(out)], check=True)
    lines = subprocess.run(["nm", str(out)], check=True, capture_output=True, text=True).stdout.splitlines()
    undefined = {line.split()[-1] for line in lines if " U " in line}
    return {line.split()[-1] for line in lines} - undefined, undefined


def test_cores_use_nothing_but_memory_strings_and_each_other(tmp_path):
    assert len(CORES) >= 8, CORES
    symbols = {path: object_symbols(path, tmp_path) for path in CORES + PURE_LIBRARY}
    own = TABLES.union(*(defined for defined, _ in symbols.values()))
    impure = {name(path): sorted(s for s in undefined if s not in own and not ALLOWED.match(s))
              for path, (_, undefined) in symbols.items()}
    assert {path: found for path, found in impure.items() if found} == {}


def test_a_core_that_asks_for_the_time_is_caught(tmp_path):
    path = tmp_path / "impure.c"
    path.write_text("#include <time.h>\nlong now(void);\nlong now(void)\n{\n    return (long)time(NULL);\n}\n", encoding="utf-8")
    out = tmp_path / "impure.o"
    subprocess.run([*CC, "-c", str(path), "-o", str(out)], check=True)
    undefined = subprocess.run(["nm", "-u", str(out)], check=True, capture_output=True, text=True).stdout.split()
    assert any(not ALLOWED.match(s) for s in undefined if s != "U")


def test_each_client_library_is_included_by_one_module():
    strays = []
    for path in SOURCES:
        for _, included in includes(path):
            for header, homes in ONE_MODULE.items():
                if (included.startswith(header) if header.endswith("/") else included == header) and name(path) not in homes:
                    strays.append(f"{name(path)} includes {included}")
            if included == "jansson.h" and not JANSSON.match(name(path)):
                strays.append(f"{name(path)} includes {included}")
    assert strays == []


def test_includes_point_one_way():
    """libcommon knows no service; a service knows itself and libcommon; the tools may use the services' cores."""
    common = {p.name for p in (ROOT / "libcommon").glob("*.h")}
    wrong = []
    for path in SOURCES:
        parts = path.relative_to(ROOT).parts
        if parts[0] not in ("libcommon", "services"):
            continue
        near = {p.name for p in path.parent.glob("*.h")}
        for kind, included in includes(path):
            if kind == '"' and included not in near | common and not included.endswith(".inc"):
                wrong.append(f"{name(path)} includes {included}")
    assert wrong == []


@pytest.mark.parametrize("header", [p for p in SOURCES if p.suffix == ".h"], ids=name)
def test_header_compiles_alone(header, tmp_path):
    if "tests/" in name(header):
        pytest.skip("a test's own header may lean on its framework")
    source = tmp_path / "alone.c"
    source.write_text(f'#include "{header.name}"\ntypedef int not_empty;\n', encoding="utf-8")
    subprocess.run([*CC, "-fsyntax-only", "-I", str(header.parent), "-I", str(ROOT / "libcommon"), str(source)], check=True)


def test_the_layout_is_clang_formats():
    tool = pathlib.Path(sys.executable).parent / "clang-format"
    result = subprocess.run([str(tool), "--dry-run", "-Werror", *map(str, SOURCES)], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[:2000] + "\nmend it with: .venv/bin/clang-format -i FILE"


def test_no_test_includes_a_source_file():
    """A test never includes a .c file: it links the object that ships."""
    assert [name(p) for p in SOURCES if any(i.endswith(".c") for _, i in includes(p))] == []
