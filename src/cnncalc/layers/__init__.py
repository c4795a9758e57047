"""The kinds of layers: one class a kind. Importing this package fills `KINDS`."""

from cnncalc.layers import (
    activation,
    conv,
    dense,
    merge,
    norm,
    pool,
    resample,
    reshape,
)
from cnncalc.layers.base import ALIASES, KINDS, Array, Layer, LayerError

__all__ = [
    "ALIASES",
    "KINDS",
    "Array",
    "Layer",
    "LayerError",
    "activation",
    "conv",
    "dense",
    "merge",
    "norm",
    "pool",
    "resample",
    "reshape",
]
