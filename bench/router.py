"""./run bench router [--rounds 200]: what the router needs for each of 500 calls about one outage, with the place's list of recent cases read and
written each time (router_loop.c: no Kafka, no Redis, one core), and how long that list becomes.
"""

import argparse
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build", "release"), "bin")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    subprocess.run([os.path.join(BIN, "bench-router-loop"), os.path.join(ROOT, "policy"), str(rounds)], check=True)


main()
