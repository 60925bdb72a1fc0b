"""Processor time per command of our Redis client, against redis-benchmark with as many callers and as deep a pipeline."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time

from commands import run
from servers import Failure

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
CLIENT = f"{ROOT}/.build-release/release/RedisBench"
# Callers at the same time, commands of one call, commands in all.
SHAPES = [(1, 1, 60_000), (1, 16, 400_000), (50, 1, 300_000), (50, 16, 800_000)]
ROUNDS = 5
BOOT_LIMIT_SECONDS = 10


def build():
    run(["swift", "build", "-c", "release", "--package-path", ROOT, "--scratch-path", f"{ROOT}/.build-release",
         "--product", "RedisBench"])


def measure():
    """Returns for each command, number of callers and depth: pairs of microseconds, ours and redis-benchmark's."""
    pairs = {}
    with server() as path:
        for number in range(ROUNDS):
            for name in ["GET", "SET"]:
                for callers, depth, count in SHAPES:
                    measurements = [lambda: ours(path, name, callers, depth, count),
                                    lambda: theirs(path, name, callers, depth, count)]
                    # Whoever is second finds the processor warmer.
                    if number % 2:
                        results = [one() for one in reversed(measurements)][::-1]
                    else:
                        results = [one() for one in measurements]
                    pairs.setdefault((name, callers, depth), []).append(tuple(results))
    return pairs


def ours(path, name, callers, depth, count):
    return float(run([CLIENT, path, name, str(callers), str(depth), str(count)]))


def theirs(path, name, callers, depth, count):
    before = children_microseconds()
    run(["redis-benchmark", "-s", path, "-t", name.lower(), "-c", str(callers), "-P", str(depth), "-n", str(count),
         "-d", "32", "-q"])
    return (children_microseconds() - before) / count


def children_microseconds():
    """Of all children that have ended, in user and kernel mode."""
    times = os.times()
    return (times.children_user + times.children_system) * 1e6


@contextlib.contextmanager
def server():
    with tempfile.TemporaryDirectory(prefix="hero-bench-redis-") as directory:
        path = f"{directory}/redis.sock"
        process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", directory],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(path, process)
            yield path
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def wait_for(path, process):
    end = time.monotonic() + BOOT_LIMIT_SECONDS
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(path) == 0:
                return
        if process.poll() is not None or time.monotonic() > end:
            raise Failure("redis-server does not start")
        time.sleep(0.01)


def main():
    """Prints this part of the table alone."""
    from report import table

    build()
    print(table(rows(measure())))


def rows(pairs):
    from report import Row

    def name(command, callers, depth):
        calls = "one caller" if callers == 1 else f"{callers} callers"
        return f"CPU per {command}, {calls}, {depth} at a time: our client / redis-benchmark"

    return [Row(name(*key), [mine / other for mine, other in values]) for key, values in pairs.items()]


if __name__ == "__main__":
    main()
