"""The shipped networks: one `.cnn` file each, with what is known of them in the comments at the top."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from cnncalc.spec import source
from cnncalc.spec.source import Source

SUFFIX: Final = ".cnn"
_HEADER: Final = re.compile(r"#\s*([a-z-]+):\s*(.+)")


@cache
def folder() -> Path:
    """Where the specs are: in the package, or beside it where the package runs from a checkout."""
    inside = Path(__file__).parent / "specs"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "specs"


@cache
def names() -> tuple[str, ...]:
    """The names of all shipped networks, those in subfolders with their folder: `keras/vgg16`."""
    root = folder()
    return tuple(sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*" + SUFFIX)))


def find(name: str) -> Source | None:
    """The shipped network of that name, None if there is none."""
    return read(name) if name in names() else None


@cache
def read(name: str) -> Source:
    """The text of a shipped network."""
    return source.read(folder() / f"{name}{SUFFIX}")


def about(name: str) -> Mapping[str, str]:
    """The `# key: value` lines at the top of a shipped network: title, year, authors, paper, source."""
    header: dict[str, str] = {}
    for line in read(name).text.splitlines():
        match = _HEADER.fullmatch(line)
        if match:
            header[match[1]] = match[2].strip()
        elif not line.startswith("#"):
            break
    return header
