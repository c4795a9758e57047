"""Options of the test run, and what all tests share."""

import gc
import os

import pytest
from hypothesis import settings

# The processes that tests run in have no terminal, but are told a width.
os.environ.pop("COLUMNS", None)
# CI judges a change, and draws the same examples every time; everybody else's run searches on.
settings.register_profile("steady", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-docs` writes what the commands print now into the documents, to be read and committed."""
    parser.addoption("--update-docs", action="store_true", help="rewrite the outputs in README.md and docs/")


def pytest_collection_finish() -> None:
    """The command line turns garbage collection off for its tenth of a second; the tests run for minutes."""
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the longer searches to those who ask for them by `-m`."""
    if config.getoption("-m"):
        return
    slow = pytest.mark.skip(reason="a longer search; run it by -m slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(slow)
