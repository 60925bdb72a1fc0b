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

    Returns three dictionaries, name of the server to what was measured in each round: microseconds of processor time per
    request at the same rate for all; the same as fast as each of them answers; and how long answers took at the same
    rate, a half and 99 of 100 of them, in microseconds."""
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
    same_rate, full_speed, latencies = ({name: [] for name in makers} for _ in range(3))
    order = list(makers)
    for _ in range(ROUNDS):
        for name in order:
            # A fresh process each time: where the kernel happens to put its memory is part of the noise.
            with makers[name]() as server:
                server.first_answer()
                at_full_speed(server, client_core, seconds=1)
                used, percentiles = at_same_rate(server, client_core, directory)
                same_rate[name].append(used)
                latencies[name].append(percentiles)
                full_speed[name].append(at_full_speed(server, client_core, seconds=2))
        # Whatever follows whom in one round follows another in the next.
        order.append(order.pop(0))
    return same_rate, full_speed, latencies


def at_same_rate(server, core, directory):
    count = CONNECTIONS * RATE_PER_CONNECTION * SECONDS
    log = f"{directory}/requests.tsv"
    if os.path.exists(log):
        os.remove(log)
    before = server.cpu_seconds()
    output = run(
        ["taskset", "-c", str(core), "h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"-n{count}",
         f"--rps={RATE_PER_CONNECTION}", f"--log-file={log}", server.url])
    used = server.cpu_seconds() - before
    if f"status codes: {count} 2xx" not in output:
        raise Failure(f"not every request was answered:\n{output}")
    # Start, status and duration of each request.
    with open(log) as file:
        times = sorted(int(line.split()[2]) for line in file)
    return used / count * 1e6, (times[len(times) // 2], times[len(times) * 99 // 100])


def at_full_speed(server, core, seconds, url=None, headers=()):
    before = server.cpu_seconds()
    output = run(
        ["taskset", "-c", str(core), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", *(f"-H{header}" for header in headers),
         url or server.url])
    used = server.cpu_seconds() - before
    if "Non-2xx" in output or "Socket errors" in output:
        raise Failure(f"not every request was answered:\n{output}")
    return used / int(re.search(r"(\d+) requests in", output)[1]) * 1e6
