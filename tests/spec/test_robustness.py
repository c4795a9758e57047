"""Any text and any bytes at all either give a result or `SpecError`, soon: broken giants, and Hypothesis."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import library
from cnncalc.layers import ALIASES
from cnncalc.report import analyze_source
from cnncalc.spec import source
from cnncalc.spec.expand import Options
from cnncalc.spec.graph import Graph
from cnncalc.spec.names import DIMENSIONS
from cnncalc.spec.parser import KEYWORDS
from cnncalc.spec.source import Source, SpecError

MEGABYTE: Final = 2**20
# A second is what it may take; the rest is for a busy machine.
SECONDS: Final = 8


def survives(text: str) -> bool:
    """Whether a spec is analysed; if not, it raised `SpecError`, which can be drawn. Anything else goes through."""
    try:
        report = analyze_source(Source("spec", text), Options())
    except SpecError as error:
        drawn = str(error)
        assert drawn.startswith("spec:") or ".cnn:" in drawn
        assert len(drawn) < 20_000
        return False
    if len(report.records) < 2000:
        json.dumps(report.to_dict())
        repr(report)
        [record.config for record in report.records]
    assert isinstance(report.graph, Graph)
    return True


# What a line of a megabyte may consist of, and whether that is a spec.
GIANTS = {
    "one letter": ("a" * MEGABYTE, False),
    "ten megabytes of a letter": ("a" * (10 * MEGABYTE), False),
    "digits": ("conv " + "1" * MEGABYTE, False),
    "ten megabytes of digits": ("1" * (10 * MEGABYTE), False),
    "letters as an argument": ("conv " + "n" * MEGABYTE, False),
    "opening parentheses": ("(" * MEGABYTE, False),
    "opening parentheses of an argument": ("conv " + "(" * MEGABYTE, False),
    "opening braces": ("{" * MEGABYTE, False),
    "opening braces of merges": ("add {" * (MEGABYTE // 5), False),
    "closing braces": ("}" * MEGABYTE, False),
    "bars": ("|" * MEGABYTE, False),
    "semicolons": (";" * MEGABYTE, False),
    "blanks": (" " * MEGABYTE, False),
    "line breaks": ("\n" * MEGABYTE, False),
    "arrows": ("-> " * (MEGABYTE // 3), False),
    "equals signs": ("=" * MEGABYTE, False),
    "keys": ("conv " + "k=" * (MEGABYTE // 2), False),
    "options": ("conv " + "s=1 " * (MEGABYTE // 4), False),
    "commas": ("slice " + "," * MEGABYTE, False),
    "underscores": ("conv " + "_" * MEGABYTE, False),
    "question marks": ("conv " + "?" * MEGABYTE, False),
    "a size of question marks": ("conv " + "x".join("?" * (MEGABYTE // 2)), False),
    "a size of numbers": ("conv " + "x".join("3" * (MEGABYTE // 2)), False),
    "a size of parentheses": ("conv 3" + "x(1)" * (MEGABYTE // 4), False),
    "a list of numbers": ("slice " + ",".join("1" * (MEGABYTE // 2)), True),
    "words": ("a b " * (MEGABYTE // 4), False),
    "one kind": ("conv " * (MEGABYTE // 5), False),
    "letters of axes": ("permute " + "c " * (MEGABYTE // 2), False),
    "unknown kinds": ("foo\n" * (MEGABYTE // 4), False),
    "unknown options": ("conv 8 3x3 smae\n" * (MEGABYTE // 16), False),
    "a comment": ("#" * MEGABYTE, False),
    "a comment behind a layer": ("relu # " + "x" * MEGABYTE, True),
    "a name": ("relu as " + "a" * MEGABYTE, True),
    "keywords": ("def repeat let if param use aux from " * (MEGABYTE // 37), False),
    "sums": ("let a = 1" + " + 1" * (MEGABYTE // 4) + "; relu", False),
    "sums as an argument": ("conv (1" + "+1" * (MEGABYTE // 2) + ") 3x3", False),
    "products": ("let a = 9" + "*9" * (MEGABYTE // 2) + "; relu", False),
    "signs": ("let a = " + "-" * MEGABYTE + "1; relu", False),
    "negations": ("let a = " + "not " * (MEGABYTE // 4) + "1; relu", False),
    "conditions": ("let a = 1" + " or 1" * (MEGABYTE // 5) + "; relu", False),
    "arguments of a function": ("let a = min(" + ",".join("1" * (MEGABYTE // 2)) + "); relu", False),
    "calls in calls": ("let a = " + "max(1," * (MEGABYTE // 6), False),
    "else ifs": ("if 0 { relu }" + " else if 0 { relu }" * (MEGABYTE // 19), False),
    "squares": ("let x = 2\n" + "let x = x*x\n" * 20_000 + "relu", False),
    "powers": ("let x = 2\n" + "let x = x**64\n" * 2_000 + "relu", False),
    "fractions": ("let x = 1\n" + "let x = x/3 + 1/7\n" * 2_000 + "relu", False),
    "values": ("let a = 1\n" * (MEGABYTE // 10), False),
    "inputs": ("input 3x3x3\n" * (MEGABYTE // 12), False),
    "tensors gone on from": ("from input\n" * (MEGABYTE // 11), False),
    "networks": ("use vgg16\n" * (MEGABYTE // 10), False),
    "parameters of a block": (f"def f({', '.join(f'p{number}' for number in range(MEGABYTE // 8))}) {{ relu }}", False),
    "arguments of a block": ("def f(p) { relu }\n" + "f 1 " * (MEGABYTE // 4), False),
    "blocks": ("".join(f"def f{number}() {{ relu }}\n" for number in range(MEGABYTE // 25)), False),
    "an answer of digits": ("relu -> " + "1" * MEGABYTE, False),
    "an answer of a size": ("relu -> " + "x".join("1" * (MEGABYTE // 2)), False),
    "an answer of letters": ("relu -> " + "x" * MEGABYTE, False),
    "an answer of brackets": ("relu -> " + "[" * (MEGABYTE // 2) + "]" * (MEGABYTE // 2), False),
    "an answer of operators": ("relu -> 1" + " + 1" * (MEGABYTE // 4), False),
    "answers": ("relu -> " + ", ".join(["params 1"] * (MEGABYTE // 10)), False),
    "grouped digits": ("relu -> params 1" + "_0" * (MEGABYTE // 2), False),
    "names of names": ("def b() { relu as a }\n" + "".join(f"relu as a{'_2' * n}\n" for n in range(1, 900)) + "b\nb", True),
    "carriage returns": ("relu\r" * (MEGABYTE // 5), False),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", GIANTS)
def test_a_megabyte_of_one_thing(name: str) -> None:
    """A result or `SpecError`, within the time."""
    text, is_spec = GIANTS[name]
    started = time.perf_counter()
    assert survives(text) == is_spec
    assert time.perf_counter() - started < SECONDS


# Small specs with something huge in them, and whether they are specs.
HUGE = {
    "input 1000000000x1000000000x3; adaptiveavgpool 999999999x7": True,
    "input 1000000000x1000000000x3; adaptivemaxpool 999999999x7; conv 8 3x3; gap": True,
    "input 1000000000x1000000000x3; resize 999999999x1000000 bilinear; conv 1 3x3": True,
    "input 1000000000000x1000000000000x1; conv 1 999999999999x999999999999": True,
    "input 1000000000000x1000000000000x1; conv 1 999999999999x99 same d1000000000000": True,
    "input 1000000000000x1000000000000x1; local 1 99x99; maxpool 1000000 s1": True,
    "input 8x8x1; convt 1 3x3 s2 d1000000001": True,
    "input 8x8x1; conv 1 3x3 p1000000000000 d1000000000000; conv 1 3x3 s999999999999": True,
    "input 4096x4096x1; conv 1 4095 same -> unread 0; maxpool 1 s4095 -> unread 4094": True,
    "input 4096x4096x1; conv 1 99 s97 p1000000000000 -> unread 0": False,
    "input 4000x4000x1; conv 1 99 s97 p50 d1000000001 -> unread 0": False,
    "input 4000x4000x1; convt 1 3x3 s2 d1000001; crop 1000000 -> unread 0": False,
    "input 1000x1000x1; upsample 1000000000; conv 1 3x3; upsample 1.0000001; upsample (1/3)": True,
    "input 10x10x1; upsample 1000000000000; upsample 1000000000000; conv 1 3x3; gap": True,
    "input 10x10x1; upsample 1000000000000; upsample 1000000000000; conv 1 3x3; permute w h c": True,
    "input 10x10x1; upsample 1000000000000; upsample 1000000000000; upsample 1000000000000": False,
    "input 10x10x1; " + "concat { identity | identity }; " * 200: False,
    "input 10x10x1; " + "pad 1000000000000; " * 200: True,
    "input 1000000000000x1000000000000x1000000000000; flatten": False,
    "input 1x1x1; " + "conv 1 1x1 s1000000000000; " * 400: True,
    "input 9x9x9; " + "conv 9 9x9 same d1000000000000 s1000000000000; " * 400: True,
    "input 100x100x3; " + "convt 1 3x3 s3; " * 5 + "upsample 1.1; " * 20: True,
    "input 1000x1000x3; " + "convt 1 3x3 s2; " * 30: True,
    "input 4000x4000x1; " + "maxpool 2 s1; " * 500 + "maxpool 2 s3; " * 4: True,
    "input 4096x4096x1; " + "conv 1 2001 s1 same; " * 300 + "maxpool 2 s3": True,
    "input 5x5x1; dense 1000000000000 pointwise; dense 1000000000000 pointwise frozen": True,
    "slice 0:999999999999": False,
    "conv 99999999999999999999 3x3": False,
    "conv 8 3x3 s99999999999999999999999999999999999999999": False,
    "conv 0 3x3": False,
    "conv 8 0x3": False,
    "conv (0 - 1) 3x3": False,
    "conv 8 3x3 s(-1)": False,
    "input 0x0x0; relu": False,
    "conv 1e30 3x3": False,
    "conv 1e999999999 3x3": False,
    "conv 8 3x3 p1e-999999999": True,
    "dropout 1e-400; dropout 0.000000000000000000000000001": True,
    "bn eps=1e-999": True,
    "leakyrelu 1e300": False,
    "repeat 1000000000 { conv 8 3x3 }": False,
    "repeat 1000000000 { }; relu": False,
    "def f() { f }; f": False,
    "def f() { relu; f }; repeat 1000000 { f }": False,
    "relu -> params 1e400000, params 0.0000000000000000000000001, memory 9.99TiB": False,
    "relu -> params 9.9T, memory 9.99TiB, rf 1/3, stride ~2, unread (0, 0)": True,
    "relu\x0brelu\x0crelu": False,
    "relu\x85\u2028relu": False,
    "conv \ud800": False,
    "conv \U0001f600 3x3": False,
    "conv ٣ ٣x٣": False,
    "conv ² ²x²": False,
    "conv １ ３x３": False,
    "conv 8 3×3": True,
    "\ufeff\ufeffrelu": False,
    "relu\0": False,
}  # fmt: skip


@pytest.mark.parametrize("text", HUGE, ids=[text[:60].encode("ascii", "replace").decode() for text in HUGE])
def test_huge_numbers_and_strange_letters(text: str) -> None:
    """Neither a hang nor an overflow, and no number too long to be printed."""
    started = time.perf_counter()
    assert survives(text) == HUGE[text]
    assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "{" * 10_000,
        "add {" * 10_000 + "}" * 10_000,
        "def f() {" * 10_000,
        "relu }" * 10_000,
        "add { relu | " * 59 + "relu" + " }" * 59,
        "if 1 {" * 59 + "relu" + "}" * 59,
        "let a = " + "(1 or 1 and 1 < 1 + 1 * " * 16 + "1" + ")" * 16 + "; relu",
        "let a = " + "max(1, " * 40 + "1" + ")" * 40 + "; relu",
        "let a = " + "-" * 60 + "1; relu",
        "".join(f"def f{n}() {{ {f'f{n - 1}' if n else 'let x = ' + 'max(1, ' * 40 + '1' + ')' * 40} }}; " for n in range(79))
        + "f78; relu",
        "def f0() {" + "if 1 {" * 50 + "relu" + "}" * 51 + "; def f1() {" + "if 1 {" * 50 + "f0" + "}" * 51 + "; f1",
        "".join(f"def f{n}() {{ add {{ repeat 1 {{ if 1 {{ f{n - 1} }} }} }} }}; ".replace("f-1", "relu") for n in range(40)) + "f39",
    ],
)  # fmt: skip
def test_what_is_deeply_nested(text: str) -> None:
    """Far enough from Python's limit that a caller may be deep in a stack of its own."""

    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            survives(text)

    deeper(100)


def test_a_bare_word_that_no_file_can_be_called() -> None:
    """A name too long for the file system, or with letters that it cannot hold, is no error of its own."""
    for word in ("a" * 300, "\ud800", "a/" * 400, "~", ".", "..", "/", "con\x01"):
        with pytest.raises(
            SpecError, match=r"no file, no shipped network and no kind is called|cannot read|is a folder"
        ):
            cnncalc.analyze(word)


ANYTHING = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
LONGER = settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = st.sampled_from(
    (*ALIASES, *KEYWORDS, *DIMENSIONS, "same", "relu", "nobias", "n", "W", "k1", "yes", "x", "params", "rf", "output")
)
PIECES = st.one_of(
    WORDS,
    st.sampled_from((*"{}|;()=,:?_-+*/%<>#\n\t x×~[]", "->", "//", "**", "==", "<=", "!=", "as ", " ", "\r\n")),
    st.integers(-3, 300).map(str),
    st.sampled_from(("3x3", "0:1", "7x_", "1.5", "1e9", "0,1", "10**9", "28x28x6", "61_706", "138M", "58.1MiB")),
    st.sampled_from(library.names()),
)


@ANYTHING
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Characters from all of Unicode."""
    survives(text)


@ANYTHING
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Bytes that may be no text at all."""
    with suppress(SpecError):
        survives(source.decode("spec", data).text)


@ANYTHING
@given(st.lists(PIECES, max_size=40).map("".join) | st.lists(PIECES, max_size=40).map(" ".join))
def test_the_words_of_the_language_in_any_order(text: str) -> None:
    """Every kind and keyword, numbers, sizes and punctuation."""
    survives(text)


SAMPLES: Final = (
    "input 32x32x3; conv 8 3x3 s2 same relu as a -> 16x16x8, params 224; add { identity | from a; conv 8 1x1 } as b",
    "def unit(n, k=3, s=1) { conv n kxk s=s p=same nobias; bn; if s != 1 { relu } else { tanh } }; repeat 2 { unit 8 s=2 }",
    "param classes = 10; let w = (2*classes)//3; flatten; dense w relu; aux { dense classes as head }; dense classes softmax",
    "input 60x4; conv 8 5 causal d2; maxpool 2; permute c l; gap -> 8, rf 60, unread 0",
    "as a; repeat 2 { as b; concat { conv 8 3x3 same | from a }; as c; from b; as a; from c }; pad (height % 2):1x(width % 2):1",
    "normalization mean=(0.5, 0.4, 0.3) variance=0.2**2; rescale (1/255) offset=-1; resize widthxheight; dense 8 pointwise",
    "use lenet5 as n -> 10; dense (channels - 1); -> params 61805",
    "input WxWx3; conv K FxF sS pP -> (floor((W-F+2*P)/S)+1)x(floor((W-F+2*P)/S)+1)xK",
    "input 9x8x6x3; conv 8 3; slice 0:(channels//2); pad 1:0x2x0 channels=1:1; upsample 1.5; reshape 1x_",
)


@st.composite
def mutated(draw: st.DrawFn, originals: tuple[str, ...]) -> str:
    """A spec in which something was left out, put in, doubled or moved."""
    text = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        end = min(end, start + 30)
        middle = draw(
            st.sampled_from(("", text[start:end] * 2, text[start:end][::-1], text[end : end + 9]))
            | PIECES
            | st.text(max_size=3)
        )
        text = text[:start] + middle + text[end:]
    return text


@ANYTHING
@given(mutated(SAMPLES))
def test_specs_with_a_slip(text: str) -> None:
    """Right specs that were damaged a little."""
    survives(text)


NUMBERS = st.recursive(
    st.integers(0, 12).map(str) | st.sampled_from(("n", "k", "channels", "1.5", "yes")),
    lambda inner: (
        st.tuples(inner, st.sampled_from(("+", "-", "*", "/", "//", "%", "<", "==", "and", "or")), inner).map(
            lambda parts: f"({' '.join(parts)})"
        )
        | st.tuples(st.sampled_from(("min", "max", "ceil", "divisible")), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        )
    ),
    max_leaves=4,
)
SIZES = st.lists(st.integers(0, 9).map(str) | st.sampled_from(("k", "_", "?", "1:2")), min_size=1, max_size=3).map(
    "x".join
)
LAYERS = st.tuples(
    st.sampled_from(tuple(ALIASES)),
    st.lists(NUMBERS | SIZES | st.tuples(st.sampled_from(("s", "p", "d", "g", "s=", "p=", "groups=")), NUMBERS).map("".join)
             | st.sampled_from(("same", "valid", "causal", "relu", "nobias", "ceil", "keep", "frozen", "c h w")), max_size=4),
).map(lambda parts: " ".join((parts[0], *parts[1])))  # fmt: skip
STATEMENTS = st.recursive(
    LAYERS
    | st.tuples(st.sampled_from(("let n = ", "let k = ", "param n = ")), NUMBERS).map("".join)
    | st.sampled_from(
        ("from a", "from input", "relu as a", "use lenet5", "-> params 0", "input 9x9x4", "unit 3", "unit k=2 8")
    ),
    lambda inner: st.tuples(
        st.sampled_from(
            ("add", "concat", "multiply", "repeat 2", "repeat n", "aux", "if k", "if n > 3", "def unit(n, k=1)")
        ),
        st.lists(inner, max_size=4).map("; ".join),
        st.sampled_from((" }", " | identity }", " } else { tanh }", " } as a -> 8x8x4, rf 3", " }\n")),
    ).map(lambda parts: f"{parts[0]} {{ {parts[1]}{parts[2]}"),
    max_leaves=8,
)
SPECS = st.lists(STATEMENTS, min_size=1, max_size=6).map("; ".join)


@ANYTHING
@given(SPECS)
def test_specs_made_by_the_grammar(text: str) -> None:
    """Statements in statements, with arguments that may or may not fit."""
    survives("input 9x9x4; " + text if len(text) % 2 else text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "texts",
    [
        st.text(max_size=300),
        st.lists(PIECES, max_size=60).map(" ".join),
        st.lists(PIECES, max_size=60).map("".join),
        mutated(SAMPLES),
        mutated(tuple(library.read(name).text for name in library.names())),
        SPECS,
    ],
    ids=["text", "words", "pieces", "slips", "slips in shipped networks", "grammar"],
)
def test_the_same_for_longer(texts: st.SearchStrategy[str]) -> None:
    """The searches above, with more patience."""
    LONGER(given(texts)(survives_quietly))()


def survives_quietly(text: str) -> None:
    """`survives`, as Hypothesis wants it: without a result."""
    survives(text)
