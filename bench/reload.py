"""What a deploy takes: the time from USR2 until all workers have been replaced, and requests that failed meanwhile."""

import json
import os
import signal
import socket
import statistics
import threading
import time

import contestants
import latency
from servers import PATH, Failure, Server, free_port

WORKERS = [1, 4, 8]
BUNDLES = [10, 300]
ROUNDS = 5
CLIENTS = 16
LIMIT_SECONDS = 120


def measure():
    """Returns rows: bundles, workers, the times as multiples of a worker's boot, and how many requests were answered and
    failed during as many deploys."""
    rows = []
    for bundles in BUNDLES:
        project = latency.application("many" if bundles == latency.BUNDLES else f"reload{bundles}", bundles)
        boot = statistics.median(boots(project))
        for workers in WORKERS:
            with cluster(project, workers) as server:
                wait(project, workers, set())
                times = [deploy(server, project, workers) / boot for _ in range(ROUNDS)]
                with Load(server.port) as load:
                    for _ in range(ROUNDS):
                        deploy(server, project, workers)
            rows.append((bundles, workers, times, load.answered, load.failed))
    return rows


def boots(project):
    """Seconds until one process has loaded everything and answered, as often as there are rounds.

    The generation has been frozen before, as it has for a worker."""
    port = free_port()
    times = []
    for _ in range(ROUNDS + 1):
        with contestants.hero(project, port=port) as server:
            times.append(server.first_answer()[0])
    return times[1:]


def cluster(project, workers):
    port = free_port()
    # No watching afterwards: each deploy is to be a whole one.
    command = [
        contestants.HERO, "start", "cluster", f"--workers={workers}", "--set=cluster.probation.duration=0"]
    return Server(command, port, project, {"PORT": str(port), "LOG_LEVEL": "warning"})


def deploy(server, project, workers):
    """Seconds from the signal until only new workers are left."""
    old = {worker["pid"] for worker in status(project)["workers"]}
    start = time.perf_counter()
    os.kill(server.pid, signal.SIGUSR2)
    wait(project, workers, old)
    return time.perf_counter() - start


def wait(project, workers, old):
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        try:
            state = status(project)
            serving = {worker["pid"] for worker in state["workers"] if worker["state"] == "serving"}
            alive = {worker["pid"] for worker in state["workers"]}
            if len(serving) == workers and not alive & old and state["state"] == "steady":
                return
        except OSError:
            # It does not listen yet.
            pass
        time.sleep(0.001)
    raise Failure("the workers were not replaced in time")


def status(project):
    """Asks the master without a process of hero's own, whose start would count."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(LIMIT_SECONDS)
        connection.connect(f"{project}/tmp/cluster.sock")
        connection.sendall(b'{"command":"status"}\n')
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return json.loads(answer)["status"]


class Load:
    """Clients that send one request after another on connections that they keep as long as they may."""

    def __init__(self, port):
        self.port, self.answered, self.failed, self.is_over = port, 0, 0, False
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        for thread in self.threads:
            thread.join()

    def work(self):
        answered = failed = 0
        connection = None
        while not self.is_over:
            try:
                if connection is None:
                    connection = socket.create_connection(("127.0.0.1", self.port), LIMIT_SECONDS)
                if exchange(connection):
                    connection.close()
                    connection = None
                answered += 1
            except (OSError, ValueError):
                failed += 1
                connection = None
        if connection is not None:
            connection.close()
        with self.lock:
            self.answered += answered
            self.failed += failed


def exchange(connection):
    """Sends a request and reads the response; returns whether the server closes the connection behind it."""
    connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            raise ValueError("closed in place of an answer")
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError("not answered as it should be")
    while len(body) < int(fields[b"content-length"]):
        chunk = connection.recv(65536)
        if not chunk:
            raise ValueError("an answer was cut off")
        body += chunk
    return fields.get(b"connection") == b"close"
