"""The command line in a process of its own."""

import sys

# What a shell starts in the background is deaf to Ctrl-C, and so is all that it starts; this command hears it.
HEARING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from cnncalc.cli import entry; entry()"
)
CNNCALC = [sys.executable, "-c", HEARING]
