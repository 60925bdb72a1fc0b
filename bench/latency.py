"""What is waited for: boot and build. And what is left behind by the former: memory."""

import os
import re
import resource
import shutil
import time

import contestants
from commands import run
from contestants import CACHE, HERO, ROOT
from servers import Failure, free_port

FIRST_ANSWER_ROUNDS = 25
IDLE_SECONDS = 3
BUNDLES = 300
BOOT_ROUNDS = 5
BUILD_ROUNDS = 12

SAMPLE = """\
import ActionHero

struct Sample{number}: Action {{
    static let description = "I add {number}"

    @Input("What to add to", validate: .range(0...1000)) var value: Int
    @Input("A name to greet") var name: String?

    struct Output: Encodable {{
        let sum: Int
        let greeting: String
    }}

    func run(_ context: Context) async throws -> Output {{
        Output(sum: value + {number}, greeting: "Hello \\(name ?? "you")")
    }}
}}
"""


def idle_megabytes(project):
    with contestants.hero(project) as server:
        server.first_answer()
        time.sleep(IDLE_SECONDS)
        return server.resident_megabytes()


def first_answers(project, answer):
    """From the start of the process to its first answer, hero's and the peer's in each round.

    Returns the seconds that passed, and those that the process spent on a processor: others on the machine disturb the
    latter less."""

    def measure(server):
        with server:
            seconds, _ = server.first_answer()
            return seconds, server.exact_cpu_seconds()

    # The same port each time, as in an application that starts again: it is part of the configuration.
    port = free_port()
    return interleaved(
        FIRST_ANSWER_ROUNDS, lambda _: measure(contestants.hero(project, port=port)),
        lambda _: measure(contestants.peer(answer)))


def interleaved(rounds, mine, other):
    """Calls both with the number of the round; who comes first changes with each round.

    Returns pairs of the first number that each returned, and pairs of the second."""
    pairs = []
    for number in range(rounds):
        if number % 2 == 0:
            pairs.append((mine(number), other(number)))
        else:
            second = other(number)
            pairs.append((mine(number), second))
    return [(a[0], b[0]) for a, b in pairs], [(a[1], b[1]) for a, b in pairs]


def boots():
    """Seconds to the first answer of an application with many bundles and of one with one bundle, in each round."""
    many, one = application("many", BUNDLES), application("one", 1)
    return [(boot(many), boot(one)) for _ in range(BOOT_ROUNDS)]


def boot(project):
    # As after a deployment: the bundles have yet to be checked and copied.
    shutil.rmtree(f"{project}/tmp/generations", ignore_errors=True)
    with contestants.hero(project) as server:
        return server.first_answer()[0]


def application(name, bundles):
    """An application with so many bundles, kept between runs."""
    project = f"{CACHE}/{name}"
    os.makedirs(f"{project}/actions", exist_ok=True)
    shutil.copytree(f"{ROOT}/config", f"{project}/config", dirs_exist_ok=True)
    shutil.copy(f"{ROOT}/actions/randomNumber.swift", f"{project}/actions")
    for number in range(1, bundles):
        with open(f"{project}/actions/sample{number}.swift", "w") as file:
            file.write(SAMPLE.format(number=number))
    run([HERO, "build"], project)
    return project


def builds(project, directory):
    """What hero needs for one changed action, and the compiler for an empty file, in each round.

    Returns the seconds that passed, and those that the programs spent on processors."""
    empty = f"{directory}/empty.swift"
    with open(empty, "w"):
        pass
    compiler = ["swiftc", "-O", empty, "-o", f"{directory}/empty"]

    def build(number):
        change(f"{project}/actions/randomNumber.swift", number)
        return duration([HERO, "build"], project)

    return interleaved(BUILD_ROUNDS, build, lambda _: duration(compiler, directory))


def change(action, number):
    """Changes what the action answers: after a new comment the compiler would have to do less."""
    with open(action) as file:
        source = file.read()
    changed = re.sub(r"Your random number( \d+)? is", f"Your random number {number} is", source)
    if changed == source:
        raise Failure(f"{action} has nothing that could be changed")
    with open(action, "w") as file:
        file.write(changed)


def duration(command, directory):
    start, before = time.perf_counter(), cpu_seconds_of_children()
    run(command, directory)
    return time.perf_counter() - start, cpu_seconds_of_children() - before


def cpu_seconds_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
