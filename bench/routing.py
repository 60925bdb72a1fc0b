"""Processor time per request with few routes and with many."""

import os
import shutil

import contestants
from load import at_full_speed
from servers import Failure

FEW, MANY = 10, 10_000
ROUNDS = 7
SECONDS = 2


def measure(project, directory):
    """Asks for the last route of an application with few routes and of one with many, several times.

    Returns pairs: microseconds per request with many routes and with few."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Failure("two processors are needed: one for the server, one for the clients")
    few, many = application(project, directory, FEW), application(project, directory, MANY)
    pairs = []
    for number in range(ROUNDS):
        sizes = [(few, FEW), (many, MANY)]
        if number % 2:
            sizes.reverse()
        times = {count: request(project, count, cores) for project, count in sizes}
        pairs.append((times[MANY], times[FEW]))
    return pairs


def request(project, count, cores):
    with contestants.hero_quiet(project, cores[0]) as server:
        server.first_answer()
        url = server.url_of(f"/api/place{count - 1}/7/detail")
        at_full_speed(server, cores[-1], 1, url)
        return at_full_speed(server, cores[-1], SECONDS, url)


def application(project, directory, count):
    """The sample application with so many routes, each with a variable, so that no answer is remembered."""
    copy = f"{directory}/routes{count}"
    shutil.copytree(project, copy)
    routes = "".join(
        f"    - {{ path: '/place{number}/:id/detail', action: randomNumber }}\n" for number in range(count))
    with open(f"{copy}/config/routes.yml", "w") as file:
        file.write(f"default:\n  get:\n{routes}")
    return copy
