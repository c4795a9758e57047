"""What a call surely expands to is told before it is built, and never more than that."""

from __future__ import annotations

import time

import pytest

from cnncalc.report import build
from cnncalc.spec import foresight, limits
from cnncalc.spec.expand import Options
from cnncalc.spec.source import Source, SpecError

REFUSED = "this would expand to more than 1,000,000 layers"


def doubling(first: str, body: str, call: str = "b{0} n") -> str:
    """Blocks, each of which calls the one before it twice."""
    before = (call.format(n) for n in range(22))
    return f"def b0(n) {{ {first} }}" + "".join(
        f"; def b{n + 1}(n) {{ {body.replace('B', one)} }}" for n, one in enumerate(before)
    )


@pytest.mark.parametrize(
    "body",
    [
        "if n > 0 { B; B }",
        "if n > 0 { B; B } else { relu }",
        "if n { as p; from p; B; B }",
        "let m = n - 1; if m < 0 { } else { B; B }",
        "repeat (n + 1) { B }",
        "add { if n { B } | if n { B; relu } }",
        "aux { if n { B } }; if n { B }",
        "if height > 0 { B; B } else { B; B; B }",
        "if n { let m = channels; if n { B; B } }",
        "if n { def c(k) { B }; c 1; c 2 }",
    ],
)
def test_what_doubles_is_refused_at_once(body: str) -> None:
    """Whatever stands around the calls: it would take half a minute to build."""
    started = time.process_time()
    with pytest.raises(SpecError) as caught:
        build(Source("s", doubling("relu", body) + "; relu; b22 1"), Options())
    assert time.process_time() - started < 5
    assert [problem.message for problem in caught.value.problems] == [REFUSED]
    assert caught.value.span.text == "b22 1"


@pytest.mark.parametrize(
    ("body", "call"),
    [
        # Nothing is known of tensors, and what is broken counts as nothing.
        ("if channels > 3 { B; B } else { relu }", "b{0} n"),
        ("if n { relu } else { B; B }", "b{0} channels"),
        ("if n { relu } else { B; B }", "b{0} n n"),
        ("if relu { B; B }", "b{0} n"),
        ("repeat relu { B; B }", "b{0} n"),
    ],
)
def test_a_network_that_may_be_small_is_built(body: str, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at with its first layer here, and nothing is said of its size."""
    monkeypatch.setattr(limits, "LARGE", 1)
    spec = doubling("relu", body, call) + "; def all(n) { relu; if channels > 3 { b22 n } }; all 0"
    assert len(build(Source("s", spec), Options()).nodes) == 2


def test_only_so_much_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is behind that counts as nothing, and so does what nests too deep."""
    monkeypatch.setattr(limits, "LARGE", 1)
    monkeypatch.setattr(limits, "MOST_LAYERS", 5000)
    spec = doubling("relu", "if n { B; B }") + "; b20 1"
    for name in ("MOST_VISITS", "DEEPEST"):
        with monkeypatch.context() as patch:
            patch.setattr(foresight, name, 3)
            with pytest.raises(SpecError, match="this would expand") as caught:
                build(Source("s", spec), Options())
        assert caught.value.span.text != "b20 1"
