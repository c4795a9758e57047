"""Arrays as other programs write them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.forward import forms
from cnncalc.forward.reading import array, number, parse_lists
from cnncalc.spec.source import Source, SpecError

SQUARE = [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "text",
    [
        "[[1, 2], [3, 4]]",
        "[[1 2]\n [3 4]]",
        "[[1. 2.]\n [3. 4.]]",
        "array([[1, 2],\n       [3, 4]])",
        "np.array([[1, 2], [3, 4]], dtype=np.float32)",
        "tensor([[1., 2.],\n        [3., 4.]], device='cpu', dtype=torch.float64)",
        "tf.Tensor([[1 2] [3 4]], shape=2, dtype=int32)",
        "[1 2; 3 4]",
        "[1, 2; 3, 4;]",
        "((1, 2), (3, 4))",
        "{{1, 2}, {3, 4}}",
        "[[1, 2]; [3, 4]]",
        "[[1, 2], [3, 4],]",
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        r"$\left[\begin{matrix}1&2\\3&4\\\end{matrix}\right]$",
    ],
)
def test_a_form(text: str) -> None:
    """All of them are the same lists."""
    assert parse_lists(Source("x", text), exact=True) == SQUARE


def test_other_numbers() -> None:
    """Signs, fractions and vectors."""
    assert forms.lists("[\N{MINUS SIGN}1 +2 1/3]", lambda word: number(word, exact=True)) == [-1, 2, Fraction(1, 3)]
    assert forms.lists("(1 2; 3 4)", int) == SQUARE
    assert forms.lists("[]", int) == []


@pytest.mark.parametrize(
    "text", ["", "1 2; 3 4", "[1,,2]", "[;1]", "[1 2", "[1] [2]", "[1]]", "[1)", "(1,2", "x", "[1]" + " " * 100_000]
)
def test_what_is_no_list(text: str) -> None:
    """It is left to others."""
    assert forms.lists(text, float) is None


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("[[1 2] [3 4b]]", "`4b` is not a number", 11),
        ("array([[1, two]])", "`two` is not a number", 12),
        ("[[1, 2", "this is not JSON: Expecting ',' delimiter", 7),
        ("[[1 2] [3]]", "x[1] has 1 value, but x[0] has 2", 1),
    ],
)
def test_what_is_wrong_has_a_place(text: str, message: str, column: int) -> None:
    """At the word that is no number, where all the rest is well."""
    with pytest.raises(SpecError) as caught:
        array(Source("x", text))
    assert (caught.value.message, caught.value.column) == (message, column)


@given(st.text(alphabet="[](){},; 12.-\n&\\$ab"), st.sampled_from(["", "array(", "[["]))
def test_any_text_is_read_or_refused(text: str, before: str) -> None:
    """Nothing else happens."""
    found: Any
    try:
        found = array(Source("x", before + text))
    except SpecError as error:
        found = str(error)
    assert found
