"""Bytes with their unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cnncalc.prose import separated

if TYPE_CHECKING:
    from cnncalc.algebra import Number

MB: Final = 10**6  # SI
MIB: Final = 2**20  # IEC 80000-13
# Fewer bytes than this are said in bytes.
SMALL: Final = 10_000


def memory(count: Number) -> str:
    """So many bytes in both units that people mean by a megabyte.

    >>> memory(246824), memory(9118)
    ('0.247 MB (0.235 MiB)', '9,118 B')
    """
    if not isinstance(count, int) or count < SMALL:
        return f"{separated(count)} B"
    return f"{_scaled(count, MB)} MB ({_scaled(count, MIB)} MiB)"


def _scaled(count: int, unit: int) -> str:
    """A quotient to three digits, or to a tenth if it is 100 or more. Exact for integers of any length."""
    decimals = 1
    while count * 10**decimals < 100 * unit:
        decimals += 1
    scale = 10**decimals
    whole, rest = divmod((2 * count * scale + unit) // (2 * unit), scale)
    return f"{whole:,}.{rest:0{decimals}}"
