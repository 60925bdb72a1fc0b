"""Processor time of TLS, beside nginx with the same certificate and ciphers."""

import os

import contestants
from commands import run
from load import at_full_speed
from servers import Failure

ROUNDS = 7
SECONDS = 2
CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
KEPT = "TLS, CPU per request for 1 kB on open connections"
NEW = "TLS, CPU per new connection"


def measure(project, directory):
    """Asks for a file of 1 kB, on connections that stay and on one each, several times.

    Returns a dictionary, name of what was measured to pairs: microseconds of hero and of nginx."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Failure("two processors are needed: one for the server, one for the clients")
    root = f"{project}/public"
    os.makedirs(root, exist_ok=True)
    with open(f"{root}/secure.bin", "wb") as file:
        file.write(os.urandom(1024))
    certificate, key = f"{directory}/certificate.pem", f"{directory}/key.pem"
    run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", key, "-out", certificate])
    makers = [
        lambda: contestants.hero_secure(project, cores[0], certificate, key, CIPHERS),
        lambda: contestants.nginx_secure(root, directory, cores[0], certificate, key, CIPHERS),
    ]
    pairs = {KEPT: [], NEW: []}
    for number in range(ROUNDS):
        times = {}
        for index in [0, 1] if number % 2 == 0 else [1, 0]:
            with makers[index]() as server:
                server.first_answer()
                url = server.url_of("/secure.bin")
                at_full_speed(server, cores[-1], 1, url)
                times[KEPT, index] = at_full_speed(server, cores[-1], SECONDS, url)
                times[NEW, index] = at_full_speed(server, cores[-1], SECONDS, url, ["Connection: close"])
        for name in pairs:
            pairs[name].append((times[name, 0], times[name, 1]))
    return pairs
