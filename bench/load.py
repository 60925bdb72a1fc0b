"""Processor time per request, measured from outside of the servers."""

import os
import re

import contestants
from commands import run
from servers import Failure

ROUNDS = 7
CONNECTIONS = 64
RATE_PER_CONNECTION = 600
SECONDS = 4


def measure(project, answer, directory):
    """Puts all servers under load, several times.

    Returns two dictionaries, name of the server to its microseconds per request in each round: at the same rate for all,
    and as fast as each of them answers."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Failure("two processors are needed: one for the server, one for the clients")
    server_core, client_core = cores[0], cores[-1]
    makers = {
        "nginx": lambda: contestants.nginx(answer, directory, server_core),
        "SwiftNIO": lambda: contestants.peer(answer, server_core),
        "hero": lambda: contestants.hero_quiet(project, server_core),
        "hero, access log": lambda: contestants.hero_logging(project, server_core),
    }
    same_rate, full_speed = {name: [] for name in makers}, {name: [] for name in makers}
    order = list(makers)
    for _ in range(ROUNDS):
        for name in order:
            # A fresh process each time: where the kernel happens to put its memory is part of the noise.
            with makers[name]() as server:
                server.first_answer()
                at_full_speed(server, client_core, seconds=1)
                same_rate[name].append(at_same_rate(server, client_core))
                full_speed[name].append(at_full_speed(server, client_core, seconds=2))
        # Whatever follows whom in one round follows another in the next.
        order.append(order.pop(0))
    return same_rate, full_speed


def at_same_rate(server, core):
    count = CONNECTIONS * RATE_PER_CONNECTION * SECONDS
    before = server.cpu_seconds()
    output = run(
        ["taskset", "-c", str(core), "h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"-n{count}",
         f"--rps={RATE_PER_CONNECTION}", server.url])
    used = server.cpu_seconds() - before
    if f"status codes: {count} 2xx" not in output:
        raise Failure(f"not every request was answered:\n{output}")
    return used / count * 1e6


def at_full_speed(server, core, seconds, url=None):
    before = server.cpu_seconds()
    output = run(["taskset", "-c", str(core), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", url or server.url])
    used = server.cpu_seconds() - before
    if "Non-2xx" in output or "Socket errors" in output:
        raise Failure(f"not every request was answered:\n{output}")
    return used / int(re.search(r"(\d+) requests in", output)[1]) * 1e6
