"""The table."""

import json
import os
import platform
import statistics

from commands import run


class Row:
    """One thing measured: the median over all rounds, and whether it keeps within its limit."""

    def __init__(self, name, values, limit=None, unit="x", digits=2):
        self.name, self.limit, self.unit, self.digits = name, limit, unit, digits
        self.median = statistics.median(values)
        self.least, self.most = min(values), max(values)

    @property
    def is_kept(self):
        return self.limit is None or self.median <= self.limit

    def __str__(self):
        measured = self.text(self.median)
        if self.least != self.most:
            measured += f" ({self.least:.{self.digits}f} to {self.most:.{self.digits}f})"
        limit = "" if self.limit is None else f"{self.limit:g} {self.unit}"
        verdict = "" if self.limit is None else "yes" if self.is_kept else "**no**"
        return f"| {self.name} | {measured} | {limit} | {verdict} |"

    def text(self, value):
        return f"{value:.{self.digits}f} {self.unit}"


def table(rows, peers=None):
    """`peers` says what was measured against; nginx and SwiftNIO if nothing is said."""
    head = ["| what | measured: median (least to most) | limit | kept |", "|-|-|-|-|"]
    return "\n".join([*head, *map(str, rows), "", surroundings(peers or web_peers()), ""])


def surroundings(peers):
    """What one has to know to compare two tables."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(": ")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    swift = run(["swift", "--version"], directory="/").partition("Swift version ")[2].split()[0]
    return f"{os.cpu_count()} × {model}, Linux {platform.release().split('-')[0]}, Swift {swift}; {peers}."


def web_peers():
    return f"nginx {nginx_version()}, SwiftNIO {nio_version()}, Redis {redis_version()}"


def nginx_version():
    # Written to standard error.
    return run(["sh", "-c", "nginx -v 2>&1"], directory="/").partition("nginx/")[2].split()[0]


def redis_version():
    return run(["redis-server", "--version"], directory="/").partition("v=")[2].split()[0]


def nio_version():
    """Of the bare server, as it was resolved."""
    with open(f"{os.path.dirname(os.path.abspath(__file__))}/peer/Package.resolved") as file:
        pins = json.load(file)["pins"]
    return next(pin["state"]["version"] for pin in pins if pin["identity"] == "swift-nio")
