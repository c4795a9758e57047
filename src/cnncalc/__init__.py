"""cnncalc: a calculator for convolutional networks that needs no deep-learning framework.

>>> import cnncalc
>>> report = cnncalc.analyze("conv 32 3x3 s1 same; pool 2x2", input="224x224x3")
>>> report.output, report.totals.params
((112, 112, 32), 896)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.forward.face import forward
    from cnncalc.homework.check import check
    from cnncalc.report import Report, analyze
    from cnncalc.solving.solve import solve
    from cnncalc.spec.source import SpecError

__version__ = "0.1.0"
__all__ = ["Report", "SpecError", "__version__", "analyze", "check", "forward", "solve"]
_HOMES = {"check": "cnncalc.homework.check", "solve": "cnncalc.solving.solve"}


def __getattr__(name: str) -> Any:
    """Import the package's face when it is first asked for: the command line has its own way in."""
    if name not in __all__:
        raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
    if name == "forward":
        # The function has the name of the package that it stands in, which is called in its place.
        return import_module("cnncalc.forward")
    return getattr(import_module(_HOMES.get(name, "cnncalc.report")), name)


def __dir__() -> list[str]:
    """The names that are promised."""
    return __all__
