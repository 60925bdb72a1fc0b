"""The scripts of claiming and finishing jobs, called by a loop with nothing around them: what no worker can be below.

redis-benchmark repeats one call, and a claim that is repeated brings the jobs of the first; so this is a client of its own.
What Redis spends does not depend on who calls."""

import hashlib
import os
import re
import socket

SCRIPTS = f"{os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}/Sources/HeroTasks/Scripts"
OWNER = "bench:1~1"
NAMESPACE = "resque"


def source(name, file):
    """A script as the host sends it: they are texts in Swift."""
    with open(f"{SCRIPTS}/JobScripts.swift") as swift:
        head = re.search(r'head = #"""\n(.*?)"""#', swift.read(), re.DOTALL)[1]
    with open(f"{SCRIPTS}/JobScripts+Long.swift") as swift:
        long = re.search(r'static let long = #"""\n(.*?)"""#', swift.read(), re.DOTALL)[1]
    with open(f"{SCRIPTS}/{file}") as swift:
        found = re.search(rf'static let {name} = make\(\s*(long \+ )?#"""\n(.*?)"""#', swift.read(), re.DOTALL)
    return head + (long if found[1] else "") + found[2]


class Turns:
    """Turns of an owner: a finish and a claim in one round trip."""

    def __init__(self, path, queue):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.replies = self.socket.makefile("rb")
        self.queue = queue
        self.next, self.held = 1, []
        self.claim = self.load(source("claim", "JobScripts+Claim.swift"))
        self.finish = self.load(source("finish", "JobScripts+Finish.swift"))
        start = source("start", "JobScripts+Lease.swift")
        self.call(["EVAL", start, 2, key("leases"), key("owners"), OWNER, 1_000_000_000, "{}"])

    def load(self, text):
        self.call(["SCRIPT", "LOAD", text])
        return hashlib.sha1(text.encode()).hexdigest()

    def turn(self, want):
        """Finishes what it holds and claims as many jobs; returns how many there were."""
        names = ["attempts", "paused", "kept", "dead", "failed", "stat:failed", "cursors"]
        claim = ["EVALSHA", self.claim, 10, key("leases"), key("held", OWNER), *map(key, names), key("queue", self.queue),
                 OWNER, self.next, want, 16 << 20, 16 << 20, "2026-01-01T00:00:00.000Z", self.queue]
        names = ["attempts", "kept", "retry", "dead", "failed", "stat:processed", "stat:failed", "stat:expired",
                 "batches:ended"]
        finish = ["EVALSHA", self.finish, 11, key("leases"), key("held", OWNER), *map(key, names), OWNER,
                  len(self.held), *self.held]
        commands = [finish, claim] if self.held else [claim]
        self.socket.sendall(b"".join(map(encoded, commands)))
        answers = [self.reply() for _ in commands]
        self.next += want
        self.held = [int(number) for number in answers[-1][::3]]
        return len(self.held)

    def call(self, command):
        self.socket.sendall(encoded(command))
        return self.reply()

    def reply(self):
        line = self.replies.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.replies.read(size + 2)[:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        return int(rest) if kind == b":" else rest


def key(*parts):
    return ":".join([NAMESPACE, *parts])


def encoded(command):
    words = [word if isinstance(word, bytes) else str(word).encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
