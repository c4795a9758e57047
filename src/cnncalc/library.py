"""The shipped networks: one `.cnn` file each, with what is known of them in the comments at the top."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from os import path
from typing import Final

from cnncalc.spec import source
from cnncalc.spec.source import Source

SUFFIX: Final = ".cnn"
SHORTEST_WORD: Final = 4
# Names only, so that no name leads out of the folder.
_NAME: Final = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*")
_SEPARATORS: Final = re.compile(r"[-_. ]+")
_WORD_ENDS: Final = re.compile(r"(?=[_-]|v\d)|(?<=[a-z])(?=\d)|$")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[-_. ]+(?=\d)")


# Paths are text here, not `pathlib`'s: its import would be a tenth of the time that the command takes.
@cache
def folder() -> str:
    """Where the specs are: in the package, or beside it where the package runs from a checkout."""
    package = path.dirname(path.abspath(__file__))
    inside = path.join(package, "specs")
    return inside if path.isdir(inside) else path.normpath(path.join(package, "..", "..", "specs"))


@cache
def names() -> tuple[str, ...]:
    """The names of all shipped networks, those in subfolders with their folder: `keras/vgg16`."""
    root = folder()
    found = []
    for inside, _, files in os.walk(root):
        prefix = "" if inside == root else path.relpath(inside, root).replace(os.sep, "/") + "/"
        found += [prefix + file.removesuffix(SUFFIX) for file in files if file.endswith(SUFFIX)]
    return tuple(sorted(found))


def find(name: str) -> Source | None:
    """The shipped network of that name, None if there is none."""
    return read(name) if _NAME.fullmatch(name) and path.isfile(_file(name)) else None


def named(word: str) -> str | None:
    """The name of the shipped network that a word means, None if there is none: see `plain`."""
    if find(word) is not None:
        return word
    wanted = plain(word)
    return next((name for name in names() if plain(name) == wanted), None)


def beginning_with(word: str) -> list[str]:
    """The networks whose name begins with a word, those in folders last: `mobilenet_v1`, … for `MobileNet`."""
    wanted = plain(word)
    found = []
    for name in sorted(names(), key=lambda name: "/" in name):
        own = name.rpartition("/")[2]
        if wanted in {plain(own[: end.start()]) for end in _WORD_ENDS.finditer(own)} - {""}:
            found.append(name)
    return found


def titled(word: str) -> list[str]:
    """The networks with a word in their title; with a short one there would be too many."""
    return [name for name in names() if is_about(name, word)] if len(plain(word)) >= SHORTEST_WORD else []


def is_about(name: str, word: str) -> bool:
    """Whether a network has a word in its name or its title: `googlenet` is also "Inception v1"."""
    return any(plain(word) in plain(text) for text in (name, about(name).get("title", "")))


def plain(word: str) -> str:
    """A word without what people write differently: capitals, dashes, dots and underscores.

    Between two digits something stays, whichever it is.

    >>> plain("keras/ResNet-50-v2") == plain("keras/resnet50_v2")
    True
    >>> plain("RegNet-X-1.6GF") == plain("regnet_x_1_6gf") != plain("regnet_x_16gf")
    True
    """
    return _SEPARATORS.sub("", _BETWEEN_DIGITS.sub("+", word.lower()))


@cache
def read(name: str) -> Source:
    """The text of a shipped network."""
    return source.read(_file(name))


def _file(name: str) -> str:
    return path.join(folder(), *name.split("/")) + SUFFIX


def about(name: str) -> Mapping[str, str]:
    """The `# key: value` lines at the top of a shipped network: title, year, authors, paper, source.

    A file whose idea others share has `family`: the member that it is where no param is set.
    """
    return header(read(name).text)


def header(text: str) -> Mapping[str, str]:
    """The `# key: value` lines at the top of a spec."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        key, colon, value = line.removeprefix("#").partition(":")
        if colon:
            found[key.strip()] = value.strip()
    return found
