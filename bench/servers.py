"""The servers that are compared: child processes, each on a port of its own."""

import itertools
import os
import signal
import socket
import ssl
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
STOP_LIMIT_SECONDS = 10
BOOT_LIMIT_SECONDS = 30
PATH = "/api/randomNumber"
PORTS = itertools.cycle(range(18600, 18700))


class Failure(Exception):
    """Something that makes measuring pointless; its text is for the user."""


class Server:
    """A running server. Leaving the `with` block ends it, however the block is left."""

    # `https` for one that speaks TLS.
    scheme = "http"

    def __init__(self, command, port, directory="/", environment=None, core=None):
        self.command = command if core is None else ["taskset", "-c", str(core), *command]
        self.port, self.directory = port, directory
        # Nothing of the user's: LOG_LEVEL or ACTIONHERO_ENV would change what is measured.
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        # A server of Redis beside it would be measured, too.
        self.environment = {**inherited, "REDIS_ENABLED": "false", **(environment or {})}
        self.pid = None

    def __enter__(self):
        null = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
        # A signal between the start of the process and the note of its id would leave the process behind.
        signals = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        try:
            # Not the module subprocess: what it does around fork and exec would count as time to the first answer.
            os.chdir(self.directory)
            self.started = time.perf_counter()
            self.pid = os.posix_spawnp(
                self.command[0], self.command, self.environment, file_actions=null, setsigmask=signals)
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.has_ended():
            return
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + STOP_LIMIT_SECONDS
        while not self.has_ended():
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.005)

    def has_ended(self):
        if self.pid is not None and os.waitpid(self.pid, os.WNOHANG)[0] != 0:
            self.pid = None
        return self.pid is None

    @property
    def url(self):
        return self.url_of(PATH)

    def url_of(self, path):
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def first_answer(self):
        """Waits until the server has answered a request.

        Returns the seconds since it was started, and the response's head and body."""
        while True:
            with socket.socket() as connection:
                connection.settimeout(BOOT_LIMIT_SECONDS)
                if connection.connect_ex(("127.0.0.1", self.port)) == 0:
                    response = request(unverified(connection) if self.scheme == "https" else connection)
                    return time.perf_counter() - self.started, response
            if self.has_ended() or time.perf_counter() - self.started > BOOT_LIMIT_SECONDS:
                raise Failure(f"no answer from: {' '.join(self.command)}")
            # Long enough to leave the processor to the server, short enough not to matter.
            time.sleep(0.0001)

    def cpu_seconds(self):
        """What all threads together have spent on a processor, in user mode and in the kernel."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def exact_cpu_seconds(self):
        """The same for a time that is short against a tick, of the threads that exist now."""
        nanoseconds = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                nanoseconds += int(file.read().split()[0])
        return nanoseconds / 1e9

    def resident_megabytes(self):
        with open(f"/proc/{self.pid}/status") as file:
            line = next(line for line in file if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6


def unverified(connection):
    """The connection encrypted; the certificate is one of our own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection)


def request(connection):
    """Sends one request and returns the head and the body of the response."""
    connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    received = b""
    while True:
        head, separator, body = received.partition(b"\r\n\r\n")
        if separator and len(body) >= int(dict(header_fields(head.decode()))["content-length"]):
            return head.decode(), body.decode()
        chunk = connection.recv(65536)
        if not chunk:
            raise Failure("a server closed the connection in place of an answer")
        received += chunk


def header_fields(head):
    """Names, in small letters, and values."""
    return [(name.lower(), value) for name, value in (line.split(": ", 1) for line in head.split("\r\n")[1:])]


def free_port():
    """A port that nobody listens on, another one with each call."""
    for port in itertools.islice(PORTS, 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue
    raise Failure("no free port between 18600 and 18699")
