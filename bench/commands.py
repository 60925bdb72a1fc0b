"""Programs that end by themselves."""

import signal
import subprocess

from servers import Failure


def run(command, directory=None):
    """Runs a program and returns what it printed.

    Its output is shown only when it fails."""
    with subprocess.Popen(
        command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            # Compilers that a build has started end with it on an interrupt; a kill would leave them running.
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if process.returncode != 0:
        raise Failure(f"{' '.join(command)} failed:\n{output}")
    return output
