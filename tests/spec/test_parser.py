"""Text to statements: spellings that are the same, and what the reader keeps."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.spec import parser
from cnncalc.spec.source import Problems, Source
from cnncalc.spec.statements import Broken, LayerStatement


def layers(spec: str) -> list[str]:
    """The layers of a spec, each as a statement, and the shape that comes out."""
    report = cnncalc.analyze(spec)
    return [*(record.layer.text(record.input.rank) for record in report.records), str(report.records[-1].output)]


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        # Separators, comments, line breaks, case.
        ("conv 8 3x3; relu", "conv 8 3x3\nrelu"),
        ("conv 8 3x3; relu", ";;conv 8 3x3 ;\n\n; # note\nrelu ;; # end"),
        ("conv 8 3x3; relu", "conv 8 3x3 # 8 of them; pool 2\nrelu"),
        ("conv 8 3x3; relu", "conv\t8   3x3\r\nrelu\r\n"),
        ("conv 8 3x3; relu", "\ufeffconv 8 3x3; relu"),
        ("conv 8 3x3 same relu", "CONV 8 3X3 SAME ReLU"),
        ("conv 8 3x3 s2 bias=no", "Conv 8 3x3 S2 Bias=No"),
        ("conv 8 3x3", "conv (8\n # lines go on\n) (3 ,\n 3)"),
        ("add { relu | identity }", "add {\nrelu # a\n|\nidentity\n\n}"),
        ("repeat 2 { relu }", "REPEAT 2\n{\nrelu\n}"),
        ("if 1 { relu } else { tanh }", "IF 1 { relu }\n# no\nELSE { tanh }"),
        ("if 0 { relu } else { if 0 { elu } else { tanh } }", "if 0 { relu } else if 0 { elu } else { tanh }"),
        # Sizes.
        ("conv 8 3x3", "conv 8 3×3"),
        ("conv 8 3x3", "conv 8 3*3"),
        ("conv 8 3x3", "conv 8 3"),
        ("conv 8 3x5", "conv 8 (3, 5)"),
        ("conv 8 3x5", "conv 8 (3)x(5)"),
        ("conv 8 3x5", "conv 8 3x(4 + 1)"),
        ("conv 8 3x5", "conv 8 (2+1)x5"),
        ("conv 8 3x5", "conv 8 kernel=3x(5)"),
        ("conv 8 3x5", "conv 8 kernel=(1+2)x5"),
        ("conv 8 3x5", "let k = 3; conv 8 kx5"),
        ("conv 8 3x5", "let k = 3; conv 8 kx(k + 2)"),
        ("conv 8 3x5", "let kk = 3; let n = 5; conv 8 kkxn"),
        ("conv 8 3x5", "let k = 3x5; conv 8 k"),
        ("conv 1_0 3x3", "conv 10 3x3"),
        ("pad 1:2x0:3", "let a = 1; pad a:(a + 1)x0:3"),
        ("pad 1:2x0:3", "let a = 1; pad a:2x0:3"),
        ("conv 8 3x3 p0:1", "conv 8 3x3 p0:(1)"),
        ("conv 8 3x3 p0:1x1", "conv 8 3x3 p=0:1x1"),
        ("conv 8 3x3 p0:1", "let b = 1; conv 8 3x3 p=0:b"),
        ("slice 0:2", "slice 0:(channels - 1)"),
        ("adaptiveavgpool 7x_", "let n = 7; adaptiveavgpool nx_"),
        ("adaptiveavgpool 7x_", "adaptiveavgpool (7)x_"),
        # Options.
        ("conv 8 3x3 s2 p1 d2", "conv 8 3x3 stride=2 padding=1 dilation=2"),
        ("conv 8 3x3 s2 p1 d2", "conv filters=8 kernel=3x3 s=2 p=1 d = 2"),
        ("conv 8 3x3 s2 p1 d2", "conv s2 d2 8 p1 3x3"),
        ("conv 8 3x3 s2x1 p1x2", "conv 8 3x3 s(2)x1 p1x(2)"),
        ("conv 8 3x3 s2", "let k = 2; conv 8 3x3 sk"),
        ("conv 8 3x3 s2", "let k = 1; conv 8 3x3 s(k + 1)"),
        ("conv 8 3x3 s2", "let s = 2; conv 8 3x3 s=s"),
        ("conv 8 3x3 s2", "def unit(n, stride=1) { conv n 3x3 s=stride }; unit 8 stride=2"),
        ("conv 8 3x3 p=same", "conv 8 3x3 same"),
        ("conv 8 3x3 nobias relu", "conv 8 3x3 bias=no activation=relu"),
        ("conv 8 3x3", "let d2 = 8; conv d2 3x3"),
        ("conv 8 3x3", "conv (min(8, 9)) 3x3"),
        ("conv 8 3x3", "conv min(8, 9) 3x3"),
        ("conv 8 3x3", "conv MAX(8, channels) 3x3"),
        ("slice 0,2", "slice 0,2 axis=c"),
        ("conv 8 3x3 relu6", "conv 8 3x3 activation=relu6"),
        ("input 3x8x9 channels-first; relu", "input 8x9x3; relu"),
        ("input 8x9x3 Channels-Last; relu", "input 8x9x3; relu"),
    ],
)
def test_spellings_that_are_the_same(spec: str, same: str) -> None:
    """Both give the same layers and the same shape."""
    assert layers(spec) == layers(same)


def test_a_kind_by_itself_is_read_at_the_end_and_before_a_separator() -> None:
    """Nothing has to stand behind a kind that has no arguments."""
    for text in ("relu", "relu;", "relu\n", "relu #", "relu ", "relu\t;"):
        (statement,) = parser.parse(Source("s", text), Problems())
        assert isinstance(statement, LayerStatement)
        assert (statement.kind, statement.arguments, statement.span.text) == ("relu", (), "relu")


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("-> 28x28x6", [("", "28x28x6")]),
        ("-> 28x28x6, params 156", [("", "28x28x6"), ("params", "156")]),
        ("-> params: 156 , rf=5,\n stride = 1", [("params", "156"), ("rf", "5"), ("stride", "1")]),
        ("-> param-memory 61_706 # said", [("param-memory", "61_706")]),
        ("-> (28, 28, 6), macs ~588K", [("", "(28, 28, 6)"), ("macs", "~588K")]),
        ("-> [28,28,6]", [("", "[28,28,6]")]),
        ("-> 28 x 28 × 6", [("", "28 x 28 × 6")]),
        ("-> params 25*n1*n2 + n2", [("params", "25*n1*n2 + n2")]),
        ("-> params 5 * (3 + 1) - 2", [("params", "5 * (3 + 1) - 2")]),
        ("-> (W-F+1)x(W-F+1)xK", [("", "(W-F+1)x(W-F+1)xK")]),
        ("-> WxWxn", [("", "WxWxn")]),
        ("-> WxHxK", [("", "WxHxK")]),
        ("-> n", [("", "n")]),
        ("-> floor((W - F)/S) + 1", [("", "floor((W - F)/S) + 1")]),
        ("-> max(n, 3)", [("", "max(n, 3)")]),
        ("-> output 10", [("output", "10")]),
        ("-> memory 58.1MiB }", [("memory", "58.1MiB")]),
        ("-> params 1, 000", [("params", "1"), ("", "000")]),
        ("-> params 1,0000", [("params", "1"), ("", "0000")]),
        ("-> params 2,100x3", [("params", "2"), ("", "100x3")]),
    ],
)
def test_answers(text: str, answers: list[tuple[str, str]]) -> None:
    """The quantity, if one is named, and the value as it was written."""
    spec = f"add {{ relu {text}" if text.endswith("}") else f"relu {text}"
    (statement,) = parser.parse(Source("s", spec), Problems())
    assert isinstance(statement, LayerStatement)
    found = statement.branches[0][0] if statement.branches else statement
    assert isinstance(found, LayerStatement)
    assert [(answer.quantity, answer.value) for answer in found.answers] == answers
    assert all(answer.span.text.endswith(answer.value) for answer in found.answers)


def test_arrows_and_names_follow_where_they_may() -> None:
    """`as` and `->` stand behind a layer, a merge, a `repeat`, a block and a `use`; an arrow alone is about all."""
    report = cnncalc.analyze(
        """
        input 8x8x3
        def unit() { conv 3 3x3 same }
        conv 3 3x3 same as a -> 8x8x3, params 84
        add { from a | from input } as b -> params 0
        repeat 2 { unit } as c -> params 84
        unit as d -> 8x8x3
        concat { from b | from c | from d } -> 8x8x9
        use mlp-mnist as e -> 10
        -> params 75482
        -> output 10, rf 8
        """
    )
    assert report.passed
    assert [answer.layer for answer in report.answers] == ["a", "a", "b", "c", "d", "concat1", "e", "", "", ""]


def test_the_rest_is_read_behind_a_broken_statement() -> None:
    """What was opened in it is skipped, comments with braces too; the next statement counts."""
    for spec in (
        "conv = 3; relu",
        "conv = 3 { a | b }; relu",
        "let { a { b } c }\nrelu",
        "conv = # } {\nrelu",
        "repeat {\n # }\n relu }\nrelu",
        "conv = ( {\n\n}\nrelu",
        "def ( { # }\n}\nrelu",
    ):
        problems = Problems()
        statements = parser.parse(Source("s", spec), problems)
        assert [type(statement).__name__ for statement in statements][-1] == "LayerStatement", spec
        assert isinstance(statements[0], Broken)
        assert len(problems.found) == 1, spec


def test_a_value_by_itself() -> None:
    """`parse_value` reads an expression, a size or a word, and nothing behind it."""
    assert parser.parse_value(Source("s", " 3x3 ")) == (3, 3)
    assert parser.parse_value(Source("s", "1_000")) == 1000
    assert parser.parse_value(Source("s", "0.25")) == 0.25
    assert repr(parser.parse_value(Source("s", "7x_"))) == "(7, _)"


def test_long_words_are_read_as_short_ones_are() -> None:
    """A word that is too long for the table of known words means the same."""
    numbers = ",".join(str(number) for number in range(100))
    assert cnncalc.analyze(f"input 8x8x100; slice {numbers}").output == (8, 8, 100)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("relu" + " 1" * 1001, "more than 1,000 arguments"),
        ("relu -> " + ", ".join(["rf 1"] * 1001), "more than 1,000 answers"),
        (f"def f({', '.join(f'p{number}' for number in range(1001))}) {{ relu }}", "more than 1,000 parameters"),
        ("let a = 1" + " + 1" * 100, "the expressions of one statement have more than 100 parts"),
        ("conv 1 " + "x".join("?" * 101), "the expressions of one statement have more than 100 parts"),
        ("conv 1 3x(" + "(" * 60, "nested more than 60 deep"),
        ("let a = " + "-" * 61 + "1", "nested more than 60 deep"),
        ("let a = " + "not " * 61 + "1", "nested more than 60 deep"),
        ("if 0 { relu }" + " else if 0 { relu }" * 61, "nested more than 60 deep"),
    ],
)
def test_bounds(spec: str, message: str) -> None:
    """What is longer or deeper than anybody writes is refused, and one less is not."""
    problems = Problems()
    parser.parse(Source("s", spec), problems)
    assert [problem.message for problem in problems.found] == [message]


@pytest.mark.parametrize(
    "spec",
    [
        "relu" + " 1" * 1000,
        "relu -> " + ", ".join(["rf 1"] * 1000),
        f"def f({', '.join(f'p{number}' for number in range(1000))}) {{ relu }}",
        "let a = 1" + " + 1" * 99,
        "let a = " + "-" * 60 + "1",
        "if 0 { relu }" + " else if 0 { relu }" * 59,
    ],
)
def test_just_within_the_bounds(spec: str) -> None:
    """The longest that may stand is read."""
    problems = Problems()
    parser.parse(Source("s", spec), problems)
    assert not problems.found


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("conv 8 ?x1e999", "this number is too large", "1e999"),
        ("conv 8 1e999x(3)", "this number is too large", "1e999"),
        ("conv 8 3x3 s=1e999", "this number is too large", "1e999"),
        ("let a = 1 + 1e999", "this number is too large", "1e999"),
        ("let a = * 3", "expected a value, found `*`", "*"),
        ("let a = 3 +", "expected a value", ""),
        ("conv 8 (3)x)", "unexpected `)`", ")"),
        ("relu -> (1", "this `(` is not closed", "("),
        ("relu -> [1; relu", "this `[` is not closed", "["),
        ("relu -> (1 # 2)", "this `(` is not closed", "("),
        ("conv 8 k:(3", "this `(` is not closed", "("),
    ],
)
def test_where_values_break(text: str, message: str, at: str) -> None:
    """The words that cannot be read."""
    problems = Problems()
    parser.parse(Source("s", text), problems)
    assert [(problem.message, problem.span.text) for problem in problems.found] == [(message, at)]


def test_unknowns_are_kept_with_their_places() -> None:
    """`?` may stand for any number, alone, in a size, or behind a key."""
    for text in (
        "conv ? 3x3",
        "conv 8 ?x3",
        "conv 8 kx?",
        "conv 8 3x3 s?",
        "conv 8 3x3 s=?",
        "conv 8 3x3 s=?x2",
        "conv (? + 1) 3",
    ):
        with pytest.raises(cnncalc.SpecError) as caught:
            cnncalc.analyze(f"let k = 3; {text}")
        assert caught.value.span.text == "?"
        assert caught.value.message == "`?` stands for a number to be found; here every number must be given"
