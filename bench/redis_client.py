"""Processor time of what a worker does with Redis.

Commands are compared with redis-benchmark, with as many callers and as deep a pipeline; a fetch from the cache with a GET;
a call between two processes with two messages and nothing around them."""

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
# Callers, operations in all.
FETCHES = [(1, 60_000), (50, 200_000)]
CALLS = [(1, 10_000), (50, 60_000)]
ROUNDS = 5
BOOT_LIMIT_SECONDS = 10


def build():
    run(["make", "-C", ROOT, "--no-print-directory", "redis-bench"])


def measure():
    """Returns for each title: ratios."""
    ratios = {}

    def compare(number, title, mine, other):
        measurements = [mine, other]
        # Whoever is second finds the processor warmer.
        results = [one() for one in (reversed(measurements) if number % 2 else measurements)]
        first, second = reversed(results) if number % 2 else results
        ratios.setdefault(title, []).append(first / second)

    with server() as path:
        for number in range(ROUNDS):
            for name in ["GET", "SET"]:
                for callers, depth, count in SHAPES:
                    compare(number, f"CPU per {name}, {many(callers)}, {depth} at a time: our client / redis-benchmark",
                            lambda: ours(path, name, callers, depth, count),
                            lambda: theirs(path, name, callers, depth, count))
            for callers, count in FETCHES:
                compare(number, f"CPU per fetch of what the cache has, {many(callers)} / a GET of our client",
                        lambda: ours(path, "FETCH", callers, 1, count), lambda: ours(path, "GET", callers, 1, count))
            with answerer(path):
                for callers, count in CALLS:
                    compare(number, f"CPU per call between two processes, {many(callers)} / a message there and one back",
                            lambda: ours(path, "RPC", callers, 1, count),
                            lambda: ours(path, "MESSAGES", callers, 1, count))
    return ratios


def many(callers):
    return "one caller" if callers == 1 else f"{callers} callers"


@contextlib.contextmanager
def answerer(path):
    """The other process of calls."""
    process = subprocess.Popen([CLIENT, path, "ANSWER", "0", "0", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if process.stdout.readline() != b"ready\n":
            raise Failure("RedisBench does not answer calls")
        yield
    finally:
        # It ends with its input.
        process.stdin.close()
        process.stdout.close()
        process.wait()


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


def rows(ratios):
    from report import Row

    return [Row(title, values) for title, values in ratios.items()]


if __name__ == "__main__":
    main()
