"""The documents tell the truth: every command in them is run, on a terminal, and its output compared."""

from __future__ import annotations

import doctest
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from cnncalc.cli import COMMANDS
from cnncalc.layers import KINDS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COLUMNS = 100


def run_on_terminal(command: str, folder: Path) -> str:
    """What a command prints on a terminal of 100 columns without colour."""
    program = folder / "bin" / "cnncalc"
    if not program.exists():
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cnncalc "$@"\n')
        program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "NO_COLOR": "1",
        "TERM": "xterm",
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
    }
    environment.pop("COLUMNS", None)
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    process = subprocess.Popen(
        ["bash", "-c", command], stdin=follower, stdout=follower, stderr=follower, cwd=folder, env=environment
    )
    os.close(follower)
    printed = b""
    while True:
        try:
            block = os.read(leader, 65536)
        except OSError:
            break
        if not block:
            break
        printed += block
    os.close(leader)
    process.wait(timeout=60)
    return "\n".join(line.rstrip() for line in printed.decode().replace("\r\n", "\n").split("\n")).rstrip("\n")


def sessions(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output under it."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.rstrip("\n").split("\n")
        end = next(number for number, line in enumerate(lines) if not line.endswith("\\")) + 1
        found.append(("\n".join(lines[:end]), "\n".join(lines[end:])))
    return found


def write_files(text: str, folder: Path) -> None:
    """Files that a document shows (```` ```cnn name=lenet.cnn ````) are there for its commands."""
    for name, body in re.findall(r"^```\w* file=(\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        (folder / name).write_text(body)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_console_block_prints_what_it_shows(
    document: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Running each command of a document prints just what stands under it."""
    text = document.read_text()
    write_files(text, tmp_path)

    def executed(match: re.Match[str]) -> str:
        parts = [f"$ {command}\n{run_on_terminal(command, tmp_path)}\n" for command, _ in sessions(match[1])]
        return f"```console\n{''.join(parts)}```"

    now = CONSOLE.sub(executed, text)
    if request.config.getoption("--update-docs"):
        document.write_text(now)
    assert now == text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_python_examples_are_true(document: Path) -> None:
    """The Python sessions in a document give what they show."""
    parser = doctest.DocTestParser()
    test = parser.get_doctest(document.read_text().replace("```", ""), {}, document.name, str(document), 0)
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert results.failed == 0


def test_there_are_documents_and_commands_in_them() -> None:
    """The tests above have something to test."""
    commands = [
        command
        for document in DOCUMENTS
        for block in CONSOLE.findall(document.read_text())
        for command, _ in sessions(block)
    ]
    assert len(DOCUMENTS) >= 5
    assert len(commands) >= 30


def test_every_command_kind_and_option_is_in_the_documents() -> None:
    """What the program offers is explained: each command, each kind, each argument of a kind."""
    text = "\n".join(document.read_text() for document in DOCUMENTS)
    for command in COMMANDS:
        assert f"cnncalc {command}" in text
    for name, kind in KINDS.items():
        assert re.search(rf"\b{name}\b", text), name
        for argument in kind.arguments:
            assert re.search(rf"\b{argument.name}\b", text), (name, argument.name)
