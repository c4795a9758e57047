"""The kinds of layers: one class a kind. Importing this package fills `KINDS`."""

from cnncalc.layers import activation, conv, dense, merge, norm, pool, resample, reshape
from cnncalc.layers.base import ALIASES, KINDS, Array, Layer, LayerError

__all__ = ["ALIASES", "KINDS", "Array", "Layer", "LayerError", "in_order"]

# As people meet them, not as they are imported: a convolution knows the activations that it may end in.
_ORDER = tuple(module.__name__ for module in (conv, pool, dense, activation, merge, norm, reshape, resample))


def in_order() -> list[type[Layer]]:
    """All kinds, the commonest families first."""
    return sorted(KINDS.values(), key=lambda kind: _ORDER.index(kind.__module__))
