"""The examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import cnncalc

MODULES = sorted(
    info.name for info in pkgutil.walk_packages(cnncalc.__path__, "cnncalc.") if not info.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["cnncalc", *MODULES])
def test_examples_give_what_they_show(name: str) -> None:
    """Every example in a module's docstrings is run and compared."""
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0


def test_there_are_examples() -> None:
    """The source and the shapes, among others, have some."""
    for name in ("cnncalc", "cnncalc.shapes", "cnncalc.spec.source", "cnncalc.spec.expressions"):
        assert doctest.testmod(importlib.import_module(name)).attempted > 0
