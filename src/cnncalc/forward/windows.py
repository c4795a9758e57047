"""Windows as the engine slides them: worked out from their numbers, not from the rules that state their shapes."""

from __future__ import annotations

from cnncalc.algebra import whole
from cnncalc.forward.jobs import Axis, Tap
from cnncalc.shapes import Window


def fitting(window: Window, extent: int) -> int:
    """How many windows fit: each starts a stride further, and none ends behind the padding.

    With `ceil` one more may end behind it that starts before the end of the input.
    """
    size, stride, dilation, before, after = map(whole, window[:5])
    spare = before + extent + after - (dilation * (size - 1) + 1)
    if not window.ceil:
        return len(range(0, spare + 1, stride))
    return len(range(0, min(spare + stride, extent + before), stride))


def sliding(window: Window, extent: int) -> Axis:
    """The axis of a window that slides over cells."""
    size, stride, dilation, before = map(whole, window[:4])
    taps = tuple(Tap(number, number * dilation - before) for number in range(size))
    return Axis(extent, fitting(window, extent), stride, taps)
