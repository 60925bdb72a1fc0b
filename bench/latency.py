"""What is waited for: boot and build. And what is left behind by the former: memory."""

import os
import shutil
import time

import contestants
from commands import run
from contestants import CACHE, HERO, ROOT

FIRST_ANSWER_ROUNDS = 15
IDLE_SECONDS = 3
BUNDLES = 300
BOOT_ROUNDS = 5
BUILD_ROUNDS = 10

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
    """Seconds from the start of the process to its first answer: hero's and the peer's in each round."""

    def seconds(server):
        with server:
            return server.first_answer()[0]

    return [
        (seconds(contestants.hero(project)), seconds(contestants.peer(answer))) for _ in range(FIRST_ANSWER_ROUNDS)]


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
    """Seconds that hero needs for one changed action, and the compiler for an empty file, in each round."""
    empty = f"{directory}/empty.swift"
    with open(empty, "w"):
        pass
    compiler = ["swiftc", "-O", empty, "-o", f"{directory}/empty"]
    rounds = []
    for number in range(BUILD_ROUNDS):
        with open(f"{project}/actions/randomNumber.swift", "a") as file:
            file.write(f"// {number}\n")
        rounds.append((duration([HERO, "build"], project), duration(compiler, directory)))
    return rounds


def duration(command, directory):
    start = time.perf_counter()
    run(command, directory)
    return time.perf_counter() - start
