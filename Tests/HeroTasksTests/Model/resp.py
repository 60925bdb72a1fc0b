# Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
# SPDX-License-Identifier: Apache-2.0
"""As much of a client of Redis as the model needs, in Python alone."""
import socket
from urllib.parse import urlparse


class Refused(Exception):
    """An error that the server has answered."""


class Connection:
    def __init__(self, url):
        place = urlparse(url)
        self.socket = socket.create_connection((place.hostname, place.port or 6379))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")

    def __call__(self, *words):
        self.socket.sendall(encoded(words))
        return raised(self.read())

    def pipeline(self, commands):
        self.socket.sendall(b"".join(encoded(words) for words in commands))
        return [raised(reply) for reply in [self.read() for _ in commands]]

    def read(self):
        line = self.input.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("the server has closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return Refused(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.input.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        raise ValueError(line)


def raised(reply):
    if isinstance(reply, Refused):
        raise reply
    return reply


def encoded(words):
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
