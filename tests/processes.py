"""The command line in a process of its own."""

import signal
import subprocess
import sys

# What a shell starts in the background is deaf to Ctrl-C, and so is all that it starts; this command hears it. One
# that goes on all the same tells after a minute where it is, and ends.
HEARING = """
import faulthandler, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
faulthandler.dump_traceback_later(60, exit=True)
from cnncalc.cli import entry
entry()
"""
CNNCALC = [sys.executable, "-c", HEARING]


def end_by_ctrl_c(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and errors of a process that is interrupted; again every few seconds while it goes on."""
    while True:
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            continue
        return process.returncode, errors
