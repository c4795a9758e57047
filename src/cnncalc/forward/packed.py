"""The fast engine: what each family of kinds computes on values, by lanes, tables and moved bytes.

It defines nothing: on every layer it gives what `integers.reference` gives, which computes by the kinds' own
definitions. But it works a layer's windows out by itself, from their size, stride, padding and dilation, so that
the shape that comes out, and the products that were made, are found and not stated.
"""

from __future__ import annotations

from cnncalc.forward import integers, moves, pools, products, tables
from cnncalc.forward.steps import Here, Outcome, run_step
from cnncalc.layers import Layer

# Importing them tells `run_step` what they know.
FAMILIES = (products, pools, tables, moves)


def run(layer: Layer, here: Here) -> Outcome:
    """What a layer makes of its inputs."""
    bare, activation = integers.steps(layer)
    outcome = run_step(bare, here)
    if activation is None:
        return outcome
    after = run_step(activation, here._replace(inputs=(outcome.map,)))
    return outcome._replace(map=after.map)
