"""Sidekiq, and hero as a process that runs jobs or enqueues them, on one Redis server."""

import contextlib
import os
import signal
import socket
import subprocess
import time

from commands import run
from contestants import BENCH, HERO
from redis_client import wait_for
from servers import Failure, Server, free_port

# Jobs that run at the same time.
CONCURRENCY = 10
SIDEKIQ_JOB = f"{BENCH}/sidekiq/noop.rb"
LIMIT_SECONDS = 300

TASK = """import ActionHero

struct Noop: BackgroundTask {
    @Input("A number") var number: Int

    func run(_ context: TaskContext) async throws {}
}
"""

# Says how many seconds the enqueuing took.
ACTION = """import ActionHero

struct EnqueueMany: Action {
    @Input("How many jobs") var count: Int
    @Input("How many of them in one call") var each: Int

    func run(_ context: Context) async throws -> [String: Double] {
        let clock = ContinuousClock()
        let time = try await clock.measure {
            for start in stride(from: 0, to: count, by: each) {
                if each == 1 {
                    try await context.tasks.enqueue("noop", ["number": .integer(start)])
                } else {
                    let numbers = start..<min(start + each, count)
                    try await context.tasks.enqueue(numbers.map { Job("noop", ["number": .integer($0)]) })
                }
            }
        }
        return ["seconds": Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18]
    }
}
"""


class Redis:
    """The server, with as much of a client as is needed here."""

    def __init__(self, path, pid):
        self.path, self.pid = path, pid
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.replies = self.socket.makefile("rb")

    def integer(self, *words):
        self.socket.sendall(encoded(words))
        line = self.replies.readline()
        if line[:1] == b"-":
            raise Failure(line.decode())
        return int(line[1:]) if line[:1] == b":" else line

    def fill(self, queue, payload, count):
        """Puts jobs into a queue; `payload` makes one of a number."""
        for start in range(0, count, 1000):
            self.integer("RPUSH", queue, *map(payload, range(start, min(start + 1000, count))))


def encoded(words):
    words = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


@contextlib.contextmanager
def redis(directory, core):
    path = f"{directory}/redis.sock"
    process = subprocess.Popen(
        ["taskset", "-c", str(core), "redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", directory],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(path, process)
        yield Redis(path, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def make_project(directory):
    for path, text in [("tasks/noop.swift", TASK), ("actions/enqueueMany.swift", ACTION), ("config/.keep", "")]:
        os.makedirs(os.path.dirname(f"{directory}/{path}"), exist_ok=True)
        with open(f"{directory}/{path}", "w") as file:
            file.write(text)
    run([HERO, "build"], directory)
    return directory


def hero_worker(project, redis, core):
    settings = ["web.enabled=false", "tasks.scheduler=false", f"tasks.minTaskProcessors={CONCURRENCY}",
                f"tasks.maxTaskProcessors={CONCURRENCY}"]
    return hero(project, redis, core, settings)


def hero_client(project, redis, core):
    return hero(project, redis, core, ['web.automaticRoutes=["get"]', "tasks.minTaskProcessors=0"])


def hero(project, redis, core, settings):
    port = free_port()
    command = [HERO, "start", f"--set=redis.url=unix://{redis.path}", *(f"--set={setting}" for setting in settings)]
    # Without lines about single jobs, as Sidekiq.
    environment = {"REDIS_ENABLED": "true", "LOG_LEVEL": "warning", "PORT": str(port)}
    return Server(command, port, project, environment, core)


def sidekiq(redis, core):
    command = ["sidekiq", "-r", SIDEKIQ_JOB, "-c", str(CONCURRENCY), "-q", "default", "-e", "production"]
    return Server(command, 0, "/", {"REDIS_SOCKET": redis.path, "RUBYOPT": "-W0"}, core)


def hero_payload(number):
    return f'{{"class":"noop","queue":"default","args":[{{"number":{number}}}]}}'


def sidekiq_payload(number):
    # As its own client writes it.
    return (f'{{"retry":true,"queue":"default","class":"Noop","args":[{number}],"jid":"{number:024x}",'
            f'"created_at":1700000000.0,"enqueued_at":1700000000.0}}')


def drain(server, redis, queue, count):
    """Lets a worker empty a queue that was filled before.

    Returns jobs per second and microseconds of the worker and of Redis per job, between a tenth and nine tenths: without
    the start of the worker, and its end."""
    wait_until_shorter(server, redis, queue, count * 0.9)
    first, began, before = redis.integer("LLEN", queue), time.perf_counter(), cpu_seconds(server.pid, redis.pid)
    wait_until_shorter(server, redis, queue, count * 0.1)
    last, seconds = redis.integer("LLEN", queue), time.perf_counter() - began
    jobs = first - last
    spent = [(after - earlier) * 1e6 / jobs for after, earlier in zip(cpu_seconds(server.pid, redis.pid), before)]
    wait_until_shorter(server, redis, queue, 1)
    return jobs / seconds, *spent


def wait_until_shorter(server, redis, queue, length):
    end = time.monotonic() + LIMIT_SECONDS
    while redis.integer("LLEN", queue) > length:
        if time.monotonic() > end or server.has_ended():
            raise Failure(f"jobs are not worked on by: {' '.join(server.command)}")
        time.sleep(0.01)


def cpu_seconds(*pids):
    return [sum(thread_seconds(pid)) for pid in pids]


def thread_seconds(pid):
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            yield int(file.read().split()[0]) / 1e9
