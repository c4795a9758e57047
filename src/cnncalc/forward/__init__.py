"""The forward pass: every kind computes by its definition, in any numbers.

`cnncalc.forward(...)` is the function `forward` of `face.py`. Python binds the name to this package as soon as
any of its modules is imported, so the package answers to being called.
"""

import sys
from types import ModuleType
from typing import Any


class _Face(ModuleType):
    """A package that is called as the function of its name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `cnncalc.forward.face.forward`."""
        from cnncalc.forward.face import forward  # noqa: PLC0415  only a forward pass needs it

        return forward(*args, **kwargs)


sys.modules[__name__].__class__ = _Face
