"""`cnncalc.check`: answers from Python, from a spec and from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc import SpecError
from cnncalc.homework import check, claims
from cnncalc.spec.source import Problem
from cnncalc.views.values import stated

NET = "input 32x32x3; conv 10 5x5 p2; pool 2x2"


def test_from_python() -> None:
    """As the design promises it."""
    checked = cnncalc.check("input 32x32x3; conv 10 5x5 p2", params=750)
    assert not checked.passed
    assert checked.answers[0].mistakes[0].code == "no-bias"
    assert checked.to_dict() == {
        "passed": False,
        "spec": "input 32x32x3; conv 10 5x5 p2",
        "answers": [
            {
                "layer": "conv1",
                "quantity": "params",
                "given": 750,
                "expected": 760,
                "verdict": "wrong",
                "mistakes": [
                    {
                        "code": "no-bias",
                        "text": "750 = 5·5·3·10 leaves out the 10 biases; (5·5·3 + 1)·10 = 760.",
                    }
                ],
            }
        ],
        "errors": [],
    }
    right = cnncalc.check("conv 10 5x5; pool 2", layer="conv1", output="28x28x10", params=760, input="32x32x3")
    assert right.passed
    assert [answer.quantity for answer in right.answers] == ["output", "params"]


@pytest.mark.parametrize("output", ["16x16x10", (16, 16, 10), [16, 16, 10], cnncalc.analyze(NET).records[-1].output])
def test_values_of_python(output: Any) -> None:
    """A shape may be text, a tuple, a list, or a shape; the last layer is meant where none is named."""
    checked = cnncalc.check(NET, output=output, param_memory="0 B")
    assert checked.passed
    assert [answer.layer for answer in checked.answers] == ["maxpool1", "maxpool1"]


def test_the_whole_network() -> None:
    """`total`, and an input that is a layer by its name."""
    assert cnncalc.check(NET, layer="total", params=760).answers[0].layer == ""
    assert cnncalc.check(NET, layer="input", output="32x32x3").passed


def test_the_answers_of_the_spec() -> None:
    """They come first, and the rules hold for them too."""
    spec = "input 32x32x3; conv 10 5x5 p2 -> params 750, 32x32x10; -> macs 768_000"
    checked = cnncalc.check(spec, output="32x32x10")
    assert [answer.verdict for answer in checked.answers] == ["wrong", "right", "right", "right"]
    accepted = cnncalc.check(spec, accept=["no-bias"])
    assert [answer.convention for answer in accepted.answers] == ["no-bias", "", ""]
    assert cnncalc.check("input 32x32x3; conv 10 5x5 p2; -> params 750", accept=["no-bias"]).passed
    assert not cnncalc.check("input 32x32x3; conv 10 5x5 p2 -> 30x30x10", accept=["no-bias"]).passed


def test_conventions() -> None:
    """A mistake that is a legal convention is right where the course accepts it."""
    spec = "input 32x32x3; conv 10 5x5 s2"
    for answer, code in (
        ({"params": 750}, "no-bias"),
        ({"output": "15x15x10"}, "ceil"),
        ({"output": "14.5"}, "fraction"),
    ):
        layer = "input 32x3; conv 10 5 s2" if code == "fraction" else spec
        (verdict,) = cnncalc.check(layer, accept=[code], **answer).answers
        assert (verdict.verdict, verdict.convention, verdict.mistakes) == ("right-under-convention", code, ())
        assert verdict.to_dict()["convention"] == code
        assert not cnncalc.check(layer, **answer).passed


@pytest.mark.parametrize(
    ("tolerance", "given", "passes"),
    [(0, 761, False), (1, 761, True), (1, 762, False), ("1%", 767, True), ("1%", 768, False), ("0.5", "760.5", True)],
)
def test_tolerance(tolerance: Any, given: object, passes: bool) -> None:  # noqa: FBT001
    """How far a number may be off, by itself or as a share; sizes are exact all the same."""
    assert cnncalc.check("input 32x32x3; conv 10 5x5", params=given, tolerance=tolerance).passed == passes
    assert not cnncalc.check("input 32x32x3; conv 10 5x5", output="29x29x10", tolerance=5).passed
    assert not cnncalc.check("input 32x32x3; conv n 5x5", params="n", tolerance=5).passed


def test_layouts() -> None:
    """With channels first, sizes are read and written so."""
    checked = cnncalc.check(NET, layer="conv1", output="10x32x32", layout="channels-first")
    assert checked.passed
    assert checked.to_dict()["answers"][0]["expected"] == [10, 32, 32]


def test_not_answered() -> None:
    """An empty answer is neither right nor wrong."""
    checked = cnncalc.check(NET, params="?", output="-")
    assert checked.passed
    assert [(answer.verdict, answer.given) for answer in checked.answers] == [("not-answered", None)] * 2


def test_the_working_of_a_right_answer() -> None:
    """What is not known as a mistake is answered by the working; a network and its input have none."""
    checked = cnncalc.check(NET, layer="conv1", params=1, output="1x1", rf=99, memory=1)
    topics = [[step.topic for step in checked.working(answer)] for answer in checked.answers]
    assert topics == [["params"], ["shape", "shape"], ["rf"] * 4, ["memory"]]
    total = cnncalc.check(f"{NET}; flatten; dense 2", layer="total", params=1, rf=1)
    assert [step.working for step in total.working(total.answers[0])] == ["760 + 5122"]
    assert total.working(total.answers[1]) == ()
    image = cnncalc.check(NET, layer="input", output="1x1x1")
    assert image.working(image.answers[0]) == ()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"params": "seven"}, "`seven` is no answer"),
        ({"parms": 1}, "unknown quantity `parms`"),
        ({"layer": "conv9", "params": 1}, "no layer is called `conv9`"),
        ({"params": 1, "accept": ["no-biass"]}, "did you mean `no-bias`?"),
        ({"params": 1, "accept": ["no-channels"]}, "`no-channels` is no convention"),
        ({"params": 1, "tolerance": "many"}, "`many` is no tolerance"),
        ({"params": 1, "tolerance": "1/0"}, "`1/0` is no tolerance"),
        ({"params": 1, "tolerance": -1}, "`-1` is no tolerance"),
        ({"unread": 0, "input": "5000x5000x3"}, "more than 4096"),
    ],
)
def test_errors(arguments: dict[str, Any], says: str) -> None:
    """What cannot be carried out is an error with a sentence."""
    with pytest.raises(SpecError) as error:
        cnncalc.check("conv 10 5x5 p2; pool 2x2" if "input" in arguments else NET, **arguments)
    assert says in str(error.value)


def read_csv(tmp_path: Path, text: str, spec: str = NET) -> tuple[list[tuple[Any, ...]], list[str]]:
    """The verdicts on the answers of a file, and what was wrong with the file."""
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    checked = check.judged(cnncalc.analyze(spec), claims.of_file(str(path), problems.append), note=problems.append)
    places = [problem.span.source.position(problem.span.start) for problem in problems]
    return (
        [(answer.layer, answer.quantity, answer.verdict) for answer in checked.answers],
        [f"{line}:{column} {problem.message}" for (line, column), problem in zip(places, problems, strict=True)],
    )


def test_a_row_an_answer(tmp_path: Path) -> None:
    """`layer,quantity,answer`, in any order of columns, with comma or semicolon."""
    rows = 'conv1,params,750\nconv1,output,"(32, 32, 10)"\n,output,16x16x10\ntotal,params,\n'
    expected = [
        ("conv1", "params", "wrong"),
        ("conv1", "output", "right"),
        ("maxpool1", "output", "right"),
        ("", "params", "not-answered"),
    ]
    assert read_csv(tmp_path, f"layer,quantity,answer\n{rows}") == (expected, [])
    assert read_csv(tmp_path, "\ufeffanswer;layer;quantity\n750;conv1;params\n") == (expected[:1], [])


def test_a_row_a_layer(tmp_path: Path) -> None:
    """`layer,output,params`: a column a quantity."""
    found, problems = read_csv(tmp_path, "layer,output,Params\nconv1,32x32x10,760\nmaxpool1,16x16,4\n")
    assert problems == []
    assert found == [
        ("conv1", "output", "right"),
        ("conv1", "params", "right"),
        ("maxpool1", "output", "right"),
        ("maxpool1", "params", "wrong"),
    ]


def test_broken_rows(tmp_path: Path) -> None:
    """Each is reported with its line and column; nothing else is lost."""
    text = (
        "layer,quantity,answer\n"
        "conv1,params,760\n"
        "conv1,params,760,5\n"
        "conv7,params,760\n"
        "conv1,parms,760\n"
        "conv1,rf,seven\n"
        "conv1,params,750\n"
        "maxpool1,params,0\n"
    )
    found, problems = read_csv(tmp_path, text)
    assert found == [("conv1", "params", "right"), ("maxpool1", "params", "right")]
    assert sorted(problems) == [
        "3:1 this row has 4 cells, but the header has 3",
        "4:1 no layer is called `conv7`",
        "5:7 unknown quantity `parms`",
        "6:10 `seven` is no answer",
        "7:14 the params of `conv1` is answered twice",
    ]


def test_broken_columns(tmp_path: Path) -> None:
    """A column that is no quantity is reported once, and the others are read; without layers nothing can be."""
    found, problems = read_csv(tmp_path, "layer,parms,output\nconv1,5,32x32x10\nmaxpool1,6,16x16x10\n")
    assert found == [("conv1", "output", "right"), ("maxpool1", "output", "right")]
    assert problems == ["1:7 unknown quantity `parms`"]
    for header in ("layer,answer", "quantity,answer", "output,params", "layer,quantity"):
        with pytest.raises(SpecError, match="there is no column"):
            read_csv(tmp_path, f"{header}\n1,2\n")


def test_values() -> None:
    """The values of a forward pass, with x and the arrays of the layers."""
    spec = "input 3x3x1; conv 1 2x2 nobias"
    x, arrays = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], {"conv1": [[1, 2], [3, 4]]}
    assert cnncalc.check(spec, value=[[37, 47], [67, 77]], x=x, arrays=arrays).passed
    (answer,) = cnncalc.check(spec, value="[[23, 33], [53, 63]]", x=x, arrays=arrays).answers
    assert [mistake.code for mistake in answer.mistakes] == ["kernel-flipped"]
    assert answer.to_dict()["expected"] == [[37, 47], [67, 77]]


@pytest.mark.parametrize("text", ["?", "N/A", "#N/A", "NaN", "null", "\N{EM DASH}", "...", "I don't know", "idk"])
def test_no_answer_in_words(text: str) -> None:
    """What people and spreadsheets write for nothing is nothing."""
    assert [answer.verdict for answer in cnncalc.check(NET, params=text).answers] == ["not-answered"]


def test_fractions_are_shown_as_decimals() -> None:
    """As people write them."""
    answer = cnncalc.check("input 227x227x3; conv 96 11x11 s4 p1", output="55.5x55.25x96").answers[0]
    assert answer.to_dict()["given"] == ["111/2", "221/4", 96]
    assert stated(answer) == "55.5x55.25x96"


POOLS = "input 32x32x3; conv 10 5x5 p2; avgpool 2; conv 12 3x3 as second; maxpool 2; gap; dense 4; dense 5 as out"


@pytest.mark.parametrize(
    ("word", "layer"),
    [
        *(("conv1", "conv1"), ("Conv 1", "conv1"), ("conv_1", "conv1"), ("Conv-2", "second"), ("2", "avgpool1")),
        *(
            ("pool1", "avgpool1"),
            ("pool 2", "maxpool1"),
            ("maxpool", "maxpool1"),
            ("Average pool", ""),
            ("fc1", "dense1"),
        ),
        *(
            ("Linear 2", "out"),
            ("gap", "gap1"),
            ("last", "out"),
            ("input", "input"),
            ("network", "total"),
            ("OUT", "out"),
        ),
        *(("conv", ""), ("pool", ""), ("pool3", ""), ("conv0", ""), ("0", ""), ("99", ""), ("pool0", ""), ("x1", "")),
    ],
)
def test_layers_as_people_call_them(word: str, layer: str) -> None:
    """By kind and number, by place, in any case; what may be several is asked for again."""
    if layer:
        assert (cnncalc.check(POOLS, layer=word, params=1).answers[0].layer or "total") == layer
        return
    with pytest.raises(SpecError, match=f"no layer is called `{word}`"):
        cnncalc.check(POOLS, layer=word, params=1)


def test_a_name_that_may_be_two_layers() -> None:
    """The first convolution is called otherwise, so that the second one is `conv1`."""
    spec = "input 8x8x3; conv 4 3x3 as first; conv 5 3x3; conv 6 1x1 as conv_2"
    assert cnncalc.check(spec, layer="conv1", params=185).passed
    with pytest.raises(SpecError, match="no layer is called `Conv 1`"):
        cnncalc.check(spec, layer="Conv 1", params=185)


def test_quantities_as_people_call_them(tmp_path: Path) -> None:
    """The columns of a model's summary, and names of other people; in a spec and from Python as well."""
    rows = 'Layer,Output Shape,Param #,Receptive Field\nconv1,"(None, 32, 32, 10)",760,5\n'
    assert read_csv(tmp_path, rows) == (
        [("conv1", "output", "right"), ("conv1", "params", "right"), ("conv1", "rf", "right")],
        [],
    )
    assert cnncalc.check(f"{NET} -> shape 16x16x10, parameters 0, receptive-field 6", parameters=0).passed
    checked = cnncalc.check("input 2x2x1; relu -> values [1 2; 3 4]", x="1 2; 3 4", shape="2x2", Param="0")
    assert [answer.quantity for answer in checked.answers] == ["value", "output", "params"]
    assert cnncalc.solve("input 8x8x1; conv 4 ?x? -> shape 6x6x4, parameters 40").solutions == ({"conv1.kernel": 3},)


def test_padding_that_is_not_the_same_on_both_sides() -> None:
    """No answer is called wrong for it."""
    with pytest.raises(SpecError, match="the padding is not the same on both sides here"):
        cnncalc.check("input 13x1; conv 1 6 s5 same", padding="1")
    assert cnncalc.check("input 13x1; relu", padding="0").answers[0].verdict == "wrong"
