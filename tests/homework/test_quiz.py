"""Quizzes: the answers that they state are right, the wrong ones that they know are wrong, and a seed decides all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc.homework import assignment, check, quiz, wording
from cnncalc.homework.answers import QUANTITIES, RIGHT, WRONG
from cnncalc.homework.asked import AskedValues
from cnncalc.homework.exercises import LEVELS, TOPICS
from cnncalc.homework.formats import gift
from cnncalc.homework.grade import Grader
from cnncalc.spec.source import Problem, SpecError, draw

seeds = st.integers(0, 10**9).map(str)
topics = st.sampled_from(list(TOPICS))
levels = st.sampled_from(LEVELS)


@settings(max_examples=25, deadline=None)
@given(seeds, topics, levels, st.sampled_from((0, 3, 4)))
def test_answers_are_right_and_distractors_wrong(seed: str, topic: str, level: int, choices: int) -> None:
    """What an exercise states is judged right; each wrong answer is judged wrong, by the mistake that it stands for."""
    for item in quiz.make(seed=seed, topics=[topic], level=level, count=2, choices=choices):
        assert (item.topic, item.level) == (topic, level)
        assert item.points == len(item.parts) > 0
        report = item.network.report()
        for part in item.parts:
            asked = item.network.asked(report, part.quantity, part.layer)
            assert asked.judge(part.answer).verdict == RIGHT
            for known in part.known:
                answer = asked.judge(known.answer)
                assert answer.verdict == WRONG
                assert (known.code, known.text) in answer.mistakes
            wrong = [known.answer for known in part.known]
            assert len({part.answer, *wrong}) == 1 + len(wrong)
            if choices and topic != "table":
                assert len(set(part.choices)) == choices
                assert {part.answer} <= set(part.choices) <= {part.answer, *wrong}
            else:
                assert part.choices == ()


@settings(max_examples=6, deadline=None)
@given(seeds, levels, st.sampled_from((0, 3)))
def test_the_same_seed_makes_the_same_quiz(seed: str, level: int, choices: int) -> None:
    """Exercises depend on the seed, and on nothing that may change; more of them begin with the same ones."""
    made = quiz.make(seed=seed, level=level, count=3, choices=choices)
    assert made == quiz.make(seed=seed, level=level, count=3, choices=choices)
    assert made == quiz.make(seed=seed, level=level, count=4, choices=choices)[:3]
    assert made != quiz.make(seed=seed + "x", level=level, count=3, choices=choices)


def test_a_quiz_is_the_same_on_every_machine() -> None:
    """The numbers that a seed gives are held, because people hand the seed on."""
    items = quiz.make(seed="42", topics=("params", "stride"), level=2, count=2)
    assert [(item.network.spec, item.parts[0].answer) for item in items] == [
        ("input 28x28x1; conv 4 3x3 s3 p1 nobias", "36"),
        ("input 15x15x3; conv 32 5x5 s2 p1", "2"),
    ]


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_topic_has_four_choices(topic: str, level: int) -> None:
    """The usual number of choices is never out of reach, and hints and solutions are there."""
    (item,) = quiz.make(seed="1", topics=(topic,), level=level, count=1, choices=4)
    assert item.solution
    assert all(name and what for name, what in item.given)
    assert item.text.endswith((".", "?"))


def test_every_quantity_has_its_sentence() -> None:
    """Whatever an assignment may ask for can be put in words."""
    report = cnncalc.analyze("input 8x8x3; conv 4 3x3")
    sentences = {wording.question(report, quantity, "conv1") for quantity in (*QUANTITIES, "value")}
    assert len(sentences) == len(QUANTITIES)  # params and trainable have the same one


def test_without_topics_all_take_their_turn() -> None:
    """As many exercises as topics are one of each, in an order that the seed decides."""
    first, second = ([item.topic for item in quiz.make(seed=seed, count=len(TOPICS))] for seed in "ab")
    assert sorted(first) == sorted(second) == sorted(TOPICS)
    assert first != second


def test_too_many_choices() -> None:
    """Wrong answers are those of known mistakes; where there are too few of them, all are there."""
    (item,) = quiz.make(seed="1", topics=("batch-norm",), count=1, choices=5)
    (part,) = item.parts
    assert sorted(part.choices) == sorted({part.answer, *(known.answer for known in part.known)})


def test_a_topic_without_an_exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can never be asked ends with an error."""
    monkeypatch.setattr(quiz, "MOST_DRAWS", 0)
    with pytest.raises(SpecError, match="no exercise can be asked"):
        quiz.make(seed="1", topics=("macs",), count=1)


@settings(max_examples=30, deadline=None)
@given(seeds, levels, st.sampled_from(("padding", "stride", "kernel")))
def test_what_is_solved_for_is_hidden_and_single(seed: str, level: int, topic: str) -> None:
    """The setting is not told; put into the formula by hand, no other one gives the output by windows that tile."""
    (item,) = quiz.make(seed=seed, topics=(topic,), level=level, count=1)
    record = item.network.report().records[0]
    (part,) = item.parts
    assert "?" in dict(item.given)["conv1"]
    assert str(record.output) in item.text
    (window, _), extent = record.layer.geometry(record.input), record.input.extents[0]
    kernel, stride, padding, places = window.size, window.stride, window.before, record.output.extents[0]
    fitting = [
        number
        for number in range(60)
        for k, s, p in [
            {
                "kernel": (number, stride, padding),
                "stride": (kernel, number, padding),
                "padding": (kernel, stride, number),
            }[topic]
        ]
        if k and s and (extent - k + 2 * p) == (places - 1) * s
    ]
    assert fitting == [int(part.answer)]


@settings(max_examples=20, deadline=None)
@given(seeds, levels)
def test_one_entry_of_the_table_is_wrong(seed: str, level: int) -> None:
    """The table holds what is computed, but for the entry whose right value is asked for."""
    (item,) = quiz.make(seed=seed, topics=("find-error",), level=level, count=1)
    report = item.network.report()
    (part,) = item.parts
    wrong = [
        (record.name, quantity)
        for (name, *cells), record in zip(item.table[1:], report.records, strict=True)
        for quantity, cell, value in zip(
            ("output", "params"), cells, (str(record.output), str(record.params)), strict=True
        )
        if cell != value and name == record.name
    ]
    assert wrong == [(part.layer, part.quantity)]
    planted = dict(zip([row[0] for row in item.table], item.table, strict=True))[part.layer]
    assert part.answer not in planted
    assert not {known.answer for known in part.known} & set(planted)


def test_a_table_asks_for_every_number() -> None:
    """Each `?` has its part."""
    (item,) = quiz.make(seed="5", topics=("table",), level=2, count=1)
    assert sum(cell == "?" for row in item.table for cell in row) == len(item.parts) == item.points
    assert [part.id for part in item.parts] == [f"q1-{number}" for number in range(1, len(item.parts) + 1)]


SHEET = """
title = "Variants"
seed = 7

[[question]]
id = "a"
spec = "param k = 3; input 32x32x3; conv 10 kxk"
ask = "params"
points = 2
vary = { k = [3, 5, 7] }
text = "A kernel has {k} rows. How many parameters are there?"
accept = ["no-bias"]

[[question]]
id = "b"
spec = "input 8x8x1; conv 1 2x2 nobias"
ask = "rf"

[[question]]
id = "c"
spec = "vgg16"
ask = "params"
layer = "total"

[[question]]
id = "d"
spec = "input 3x3x1; conv 1 2x2"
ask = "value"
x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
weights = { conv1 = [[1, 0], [0, 1]] }

[[question]]
id = "e"
spec = "resnet50"
ask = "macs"
layer = "total"
"""


def read(tmp_path: Path, text: str = SHEET) -> assignment.Assignment:
    """An assignment of a text."""
    path = tmp_path / "sheet.toml"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    found = assignment.read(str(path), problems.append)
    assert problems == []
    return found


def test_a_student_has_a_sheet_of_their_own(tmp_path: Path) -> None:
    """The numbers are those that `grade` knows the student by, also in the teacher's text."""
    sheet = read(tmp_path)
    kernels = set()
    for student in ("ann", "bob", "cleo", "dora", "ed"):
        k = sheet.questions[0].values(student, sheet.seed)["k"]
        problems: list[Problem] = []
        made = quiz.sheet(sheet, student, problems.append)
        assert problems == []
        first = made.items[0]
        assert first.text == f"A kernel has {k} rows. How many parameters are there?"
        assert first.parts[0].answer == str((int(k) ** 2 * 3 + 1) * 10)
        assert (first.points, made.points, made.student) == (2, 6, student)
        assert first.judge(first.parts[0], str(int(k) ** 2 * 30)).convention == "no-bias"
        kernels.add(k)
    assert len(kernels) > 1
    assert made.items[3].parts[0].answer == "[[6, 8], [12, 14]]"
    assert [name for name, _ in made.items[3].given] == ["input", "conv1", "x", "conv1 kernel"]
    assert made.items[4].given == (("network", "resnet50"),)


def test_a_question_that_cannot_be_asked_is_reported_and_left_out(tmp_path: Path) -> None:
    """Each at its place in the assignment."""
    text = SHEET.replace('"vgg16"', '"vgg61"').replace('ask = "rf"', 'ask = "girth"')
    text = text.replace("weights = { conv1 = [[1, 0], [0, 1]] }", "")
    problems: list[Problem] = []
    made = quiz.sheet(read(tmp_path, text), "", problems.append)
    assert [item.id for item in made.items] == ["a", "e"]
    assert [problem.message for problem in problems] == [
        "no quantity is called `girth`",
        "no file, no shipped network and no kind is called `vgg61`",
        "conv1 needs its kernel of 2x2x1x1, which is not given",
    ]
    lines = [problem.span.source.position(problem.span.start)[0] for problem in problems[:2]]
    assert lines == [17, 21]


def test_texts_are_cleaned(tmp_path: Path) -> None:
    """What would steer a terminal is taken out of a teacher's texts; a line break stays."""
    text = '[[question]]\nid = "a"\nspec = "input 8x8x3; conv 4 3x3"\nask = "rf"\ntext = "\\u001b[1mred\\nnext"\n'
    made = quiz.sheet(read(tmp_path, f'title = "\\u0007\\na"\n{text}'), "b\0b", [].append)
    assert (made.title, made.student, made.items[0].text) == ("\ufffd a", "b\ufffdb", "\ufffd[1mred\nnext")


def test_what_has_no_value_cannot_be_asked(tmp_path: Path) -> None:
    """Padding that differs on the two sides is no one number."""
    problems: list[Problem] = []
    text = SHEET.replace('spec = "input 8x8x1; conv 1 2x2 nobias"', 'spec = "input 8x8x1; conv 1 2x2 p0:1"')
    quiz.sheet(read(tmp_path, text.replace('ask = "rf"', 'ask = "padding"')), "", problems.append)
    assert [problem.message for problem in problems] == ["there is no padding to ask for"]


def test_a_network_in_words() -> None:
    """What a spec says is told in plain words, with everything that is needed to compute."""
    report = cnncalc.analyze(
        "input 32x32x4; conv 8 3x5 s2x1 p1x2 d2 g2 relu; convt 8 4x4 s2 p1 op1 nobias; dwconv 3x3 same m2 frozen;"
        "avgpool 3x3 s2 p1 nopadcount ceil; conv 4 3x3 p0:1; bn; gn 2; sepconv 4 3x3; local 2 1x1;"
        "add { identity | conv 2 1x1 }; flatten; dense 1; leakyrelu 0.2"
    )
    told = [what for _, what in wording.network(report)]
    assert told == [
        "32x32x4 (height x width x channels)",
        (
            "convolution, 8 filters of 3x5, stride 2x1, padding 1x2 on each side, dilation 2, 2 groups, with biases, "
            "then ReLU"
        ),
        "transposed convolution, 8 filters of 4x4, stride 2, padding 1 on each side (cut off the output), output padding 1, without biases",
        (
            "depthwise convolution, kernels of 3x3, stride 1, `same` padding, 2 kernels for each channel, with biases, "
            "not trained"
        ),
        (
            "average pooling, windows of 3x3, stride 2, padding 1 on each side, sizes rounded up, "
            "padding does not count in the mean"
        ),
        "convolution, 4 filters of 3x3, stride 1, padding 0 before and 1 behind, with biases",
        "batch normalisation",
        "group normalisation, 2 groups",
        (
            "separable convolution (depthwise, then 1x1), 4 filters of 3x3, stride 1, no padding, "
            "with biases at the end only"
        ),
        "locally connected layer, 2 filters of 1x1, stride 1, no padding, with biases",
        "identity",
        "convolution, 2 filters of 1x1, stride 1, no padding, with biases; reads local1",
        "add; reads identity1, conv3",
        "flattening to a vector",
        "dense layer, 1 unit, with biases",
        "leakyrelu, slope 0.2",
    ]


@pytest.mark.parametrize(
    ("quantity", "layer", "text"),
    [
        ("output", "dense1", "What is the shape of the output of dense1 (the number of its values)?"),
        ("output", "", "What is the shape of the output of the whole network?"),
        ("memory", "conv1", "How many bytes do the output values of conv1 take for one example, at 4 bytes a value?"),
        (
            "memory",
            "",
            "How many bytes do the values of the input and of all layers' outputs take for one example, at 4 bytes a value?",
        ),
        ("unread", "conv1", "How many rows and columns of the input does no value of conv1 see?"),
    ],
)
def test_questions_in_words(quantity: str, layer: str, text: str) -> None:
    """Every quantity has its sentence."""
    report = cnncalc.analyze("input 8x8x3; conv 4 3x3; flatten; dense 10")
    assert wording.question(report, quantity, layer) == text


def test_the_cells_of_a_table_do_not_tell_each_other() -> None:
    """Each part has the hint and the working of its own answer alone."""
    (item,) = quiz.make(seed="1", topics=("table",), count=1)
    assert [part.label for part in item.parts][:3] == ["output of conv1", "params of conv1", "output of maxpool1"]
    for part in item.parts:
        assert all(line.startswith(f"{part.layer}, ") for line in part.solution)
        assert ("params" in part.solution[0]) == (part.quantity == "params")
        assert len(part.hint) <= len(part.solution)
    assert item.solution == tuple(line for part in item.parts for line in part.solution)


def test_values_are_worked_out_layer_by_layer() -> None:
    """The first value of each layer with its products, then all of them, as far as they fit into a line."""
    weights = {"conv1": {"kernel": [[1, 0], [0, -1]], "bias": [1]}}
    x = [[1, 2, 3], [4, 9, 6], [7, 8, 0]]
    spec = "input 3x3x1; conv 1 2x2 relu; avgpool 2x2"
    asked = AskedValues(cnncalc.analyze(spec), x, weights)
    assert list(asked.steps()) == [
        "conv1, first value: 1·1 + 2·0 + 4·0 + 9·(−1) + 1 = −7; relu(−7) = 0",
        "conv1 puts out [[0, 0], [0, 10]]",
        "avgpool1, first value: (0 + 0 + 0 + 10)/4 = 5/2",
        "avgpool1 puts out [2.5]",
    ]
    large = AskedValues(cnncalc.analyze("input 7x7x1; flatten"), [list(range(7))] * 7, {})
    assert list(large.steps()) == []


def test_a_forward_pass_has_something_to_tell() -> None:
    """No exercise in which a ReLU leaves nothing; means are asked for as well, and written as decimals."""
    made = [item for level in LEVELS for item in quiz.make(seed="5", topics=("forward",), level=level, count=20)]
    for item in made:
        assert len(set(re.findall(r"-?[0-9.]+", item.parts[0].answer))) > 1
        assert "/" not in item.parts[0].answer
    assert any(name == "avgpool1" for item in made for name, _ in item.given)
    assert any("." in item.parts[0].answer for item in made)


def test_a_total_is_added_up() -> None:
    """The key shows the sum over the layers, and every layer's working for a receptive field."""
    (item,) = quiz.make(seed="1", topics=("total",), level=2, count=1)
    terms, _, total = item.solution[0].rpartition(" = ")
    numbers = [int(term.split()[0].replace(",", "")) for term in terms.split(" + ")]
    assert sum(numbers) == int(total.replace(",", "")) == int(item.parts[0].answer)
    (item,) = quiz.make(seed="1", topics=("rf",), level=2, count=1)
    assert len(item.solution) == len(item.given) - 1
    assert item.solution[-1].endswith(f" = {item.parts[0].answer}")


def test_a_setting_that_is_asked_for_is_not_told(tmp_path: Path) -> None:
    """The sheet of an assignment says `?` for it, and which size it is to give; a stride may be that of a field."""
    text = "".join(
        f'[[question]]\nid = "{ask}-{number}"\nspec = "{spec}"\nask = "{ask}"\n'
        for ask in ("padding", "kernel", "stride")
        for number, spec in enumerate(
            ("input 9x9x1; conv 2 3x3 p1", "input 9x9x1; conv 2 5x5 s2 p2", "input 9x9x1; maxpool 3x3 s2 p1")
        )
    )
    made = quiz.sheet(read(tmp_path, text), "", [].append)
    told = {item.id: (item.given[1][1], item.text, item.parts[0].answer) for item in made.items}
    assert told["padding-0"] == (
        "convolution, 2 filters of 3x3, stride 1, padding ? on each side, with biases",
        "Which padding on each side gives the output of conv1 the shape 9x9x2?",
        "1",
    )
    assert told["kernel-1"] == (
        "convolution, 2 filters of ?, stride 2, padding 2 on each side, with biases",
        (
            "Which kernel size gives the output of conv1 the shape 5x5x2, if the windows tile the padded input exactly, "
            "so that nothing is rounded?"
        ),
        "5",
    )
    assert told["kernel-2"][:2] == (
        "max pooling, windows of ?, stride 2, padding 1 on each side",
        (
            "Which kernel size gives the output of maxpool1 the shape 5x5x1, if the windows tile the padded input exactly, "
            "so that nothing is rounded?"
        ),
    )
    assert "stride 2" in told["stride-1"][0]
    assert "receptive fields" in told["stride-1"][1]


def test_a_whole_network_has_no_field_of_its_own(tmp_path: Path) -> None:
    """What is no sum over the layers is asked of the last one."""
    text = "".join(
        f'[[question]]\nid = "{ask}"\nspec = "input 9x9x1; conv 2 3x3; conv 2 3x3"\nask = "{ask}"\nlayer = "total"\n'
        for ask in ("rf", "stride", "params", "output")
    )
    rf, stride, params, output = quiz.sheet(read(tmp_path, text), "", [].append).items
    assert "one value of conv2" in rf.text
    assert "values of conv2" in stride.text
    assert (rf.parts[0].answer, rf.solution[-1]) == ("5", "conv2, rf size: r_in + (F − 1)·jump_in = 3 + (3 − 1)·1 = 5")
    assert "the whole network" in params.text
    assert params.solution == ("20 (conv1) + 38 (conv2) = 58",)
    assert output.solution[-2:] == ("conv2, height, width: (W − F)/S + 1 = (7 − 3)/1 + 1 = 5", "conv2, channels: K = 2")


def test_a_setting_that_is_not_determined(tmp_path: Path) -> None:
    """Where sizes are rounded, several kernels give one output, so the teacher has to say which one is meant."""
    question = '[[question]]\nid = "{}"\nspec = "input 8x8x1; conv 2 3x3 s2"\nask = "kernel"\n'
    problems: list[Problem] = []
    text = question.format("a") + question.format("b") + 'text = "The smallest kernel for 3x3x2?"\n'
    made = quiz.sheet(read(tmp_path, text), "", problems.append)
    assert [problem.message for problem in problems] == [
        "another kernel gives the same output, since the windows do not tile the input"
    ]
    (item,) = made.items
    assert (item.text, item.parts[0].answer) == ("The smallest kernel for 3x3x2?", "3")
    assert item.given[1][1] == "convolution, 2 filters of ?, stride 2, no padding, with biases"
    assert item.solution[0].startswith("conv1, height, width: floor(")


def test_choices_of_an_assignment(tmp_path: Path) -> None:
    """The right one is found in whatever form it stands; without one the question is left out."""
    question = '[[question]]\nid = "{}"\nspec = "input 8x8x3; conv 4 3x3"\nask = "output"\nchoices = [{}]\n'
    text = question.format("a", '"8x8x4", "(6, 6, 4)", "none"') + question.format("b", '"8x8x4"')
    problems: list[Problem] = []
    made = quiz.sheet(read(tmp_path, text), "", problems.append)
    assert [(item.id, item.parts[0].answer, item.parts[0].choices) for item in made.items] == [
        ("a", "(6, 6, 4)", ("8x8x4", "(6, 6, 4)", "none"))
    ]
    assert [problem.message for problem in problems] == [
        "none of the choices is right: (8 − 3)/1 + 1 = 6, so it is 6x6x4"
    ]
    told = gift.render([made])
    assert "\t~8x8x4#8x8x4" in told
    assert "\t=(6, 6, 4)\n\t~none\n" in told


def test_answers_agree_with_check() -> None:
    """`check` calls right what a quiz states."""
    for item in quiz.make(seed="3", count=len(TOPICS), level=2):
        for part in item.parts:
            if part.quantity != "value":
                given = {part.quantity.replace("-", "_"): part.answer}
                checked = check.check(item.network.spec, layer=part.layer or "total", **given)
                assert checked.passed


def test_a_variant_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand students with three kernels cost what three do."""
    text = 'seed = 1\n[[question]]\nid = "q"\nspec = "param k = 3; input 9x9x1; conv 1 kxk"\nask = "params"\n'
    sheet = read(tmp_path, text + "vary = { k = [3, 5, 7] }\n")
    computed = []
    whole = quiz.Network.report
    monkeypatch.setattr(quiz.Network, "report", lambda network: computed.append(network.set) or whole(network))
    problems: list[Problem] = []
    made = list(quiz.sheets(sheet, map(str, range(1000)), problems.append))
    assert (len(made), len(computed), problems) == (1000, 3, [])
    assert {one.items[0].parts[0].answer for one in made} == {"10", "26", "50"}


def test_a_question_with_a_broken_variant_is_on_no_sheet(tmp_path: Path) -> None:
    """As `grade` asks it of nobody, also not of those whose own variant would do."""
    text = '[[question]]\nid = "q"\nspec = "param g = 1; input 9x9x4; conv 4 3x3 groups=g"\nask = "params"\n'
    sheet = read(tmp_path, text + "vary = { g = [1, 2, 3] }\n")
    problems: list[Problem] = []
    made = list(quiz.sheets(sheet, map(str, range(9)), problems.append))
    assert [len(one.items) for one in made] == [0] * 9
    assert [problem.message for problem in problems] == ["3 groups do not divide 4 input channels"]


@pytest.mark.parametrize("layer", ["input", "conv1", "maxpool1", "", "total"])
def test_quiz_and_grade_ask_the_same(tmp_path: Path, layer: str) -> None:
    """Whatever an assignment asks of whichever layer: both ask it or neither, with the same answers, right and wrong."""
    spec = "input 9x8x2; conv 3 2x2 s2; maxpool 2x2"
    numbers = f"x = {[[[1, 2]] * 8] * 9}\nweights = {{ conv1 = {[[[[1, 0, 2]] * 2] * 2] * 2} }}\n"
    asked = 0
    for quantity in (*QUANTITIES, "value"):
        keys = f'id = "q"\nspec = "{spec}"\nask = "{quantity}"\nlayer = "{layer}"\ntext = "?"\n'
        sheet = read(tmp_path, f"[[question]]\n{keys}{numbers if quantity == 'value' else ''}")
        problems: list[Problem] = []
        made = quiz.sheet(sheet, "ann", problems.append)
        grader = Grader(sheet, problems.append)
        assert len(made.items) == len(grader.assignment.questions), (quantity, problems)
        for part in (part for item in made.items for part in item.parts):
            asked += 1
            (right,) = grader.grade("ann", {"q": part.answer}).marks
            assert right.verdict == RIGHT, quantity
            for known in part.known:
                (wrong,) = grader.grade("ann", {"q": known.answer}).marks
                assert (wrong.verdict, known.code in wrong.codes) == (WRONG, True), (quantity, known)
    assert asked >= 10


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('"{f} of {k}x{k}, {x}, {{k}}, {1}"', ""),
        ('"{f} of {kernel}x{k}"', ""),
        ('"a {filtres}"', "a.toml:5:11: error: `{filtres}` has no value\n...\nhint: did you mean `filters`?"),
        ('"""\na {p} b"""', "a.toml:6:3: error: `{p}` has no value\n...\nhint: `set = { p = 3 }` gives it one"),
        ('"a \\u007bp}"', "a.toml:5:8: error: `{p}` has no value\n...\nhint: `set = { p = 3 }` gives it one"),
    ],
)
def test_numbers_stand_in_a_text(tmp_path: Path, text: str, problem: str) -> None:
    """Those of the student; what was meant for one and is none is told, and other braces stay."""
    spec = "param k = 1; param p = 1; param f = 2; param filters = 3; input 9x9x1; conv f kxk pp"
    keys = f'id = "q"\nspec = "{spec}"\nask = "params"\ntext = {text}\nset = {{ k = 3, filters = 1, f = "4" }}\n'
    problems: list[Problem] = []
    made = quiz.sheet(read(tmp_path, f"[[question]]\n{keys}"), "", problems.append)
    told = [draw(one).replace(str(tmp_path / "sheet"), "a").splitlines() for one in problems]
    assert [f"{lines[0]}\n...\n{lines[-1]}" for lines in told] == ([problem] if problem else [])
    if not problem:
        assert made.items[0].text in ("4 of 3x3, {x}, {3}, {1}", "4 of {kernel}x3")


def test_an_answer_that_nobody_writes_down_is_asked_for_on_no_sheet(tmp_path: Path) -> None:
    """A third of a pixel has no decimals that end; that is told once, however many students there are."""
    keys = 'id = "q"\nspec = "input 9x9x1; upsample 3"\nask = "stride"\n'
    problems: list[Problem] = []
    made = list(quiz.sheets(read(tmp_path, f"[[question]]\n{keys}"), "abc", problems.append))
    assert [one.items for one in made] == [(), (), ()]
    assert [one.message for one in problems] == ["the stride is no number that people write down"]
