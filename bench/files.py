"""Processor time per request for public files, beside nginx with sendfile."""

import os

import contestants
from load import at_full_speed
from servers import Failure

SIZES = {"1 kB": 1024, "1 MB": 1_048_576}
ROUNDS = 7
SECONDS = 2


def measure(project, directory):
    """Asks for files of several sizes, several times.

    Returns a dictionary, size to pairs: microseconds per request of hero and of nginx."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Failure("two processors are needed: one for the server, one for the clients")
    root = f"{project}/public"
    os.makedirs(root, exist_ok=True)
    for size in SIZES.values():
        with open(f"{root}/bench{size}.bin", "wb") as file:
            file.write(os.urandom(size))
    makers = [
        lambda: contestants.hero_quiet(project, cores[0]),
        lambda: contestants.nginx_files(root, directory, cores[0]),
    ]
    pairs = {name: [] for name in SIZES}
    for number in range(ROUNDS):
        times = {}
        for index in [0, 1] if number % 2 == 0 else [1, 0]:
            with makers[index]() as server:
                server.first_answer()
                for name, size in SIZES.items():
                    url = server.url_of(f"/bench{size}.bin")
                    at_full_speed(server, cores[-1], 1, url)
                    times[index, name] = at_full_speed(server, cores[-1], SECONDS, url)
        for name in SIZES:
            pairs[name].append((times[0, name], times[1, name]))
    return pairs
