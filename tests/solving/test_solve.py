"""What `solve` finds: everything that fits, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import SpecError, solve
from cnncalc.solving import nearest, search
from cnncalc.solving import solve as solving
from cnncalc.solving.search import OutOfTimeError, Search
from cnncalc.solving.unknowns import BOUNDS, MOST_UNKNOWNS, find
from cnncalc.spec import parser
from cnncalc.spec.source import Problems, Source
from cnncalc.views import solutions

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "data" / "solve.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def plain(values: Any) -> Any:
    """Tuples as lists, as JSON has them."""
    return json.loads(json.dumps(values))


@pytest.mark.parametrize(("source", "spec", "solutions"), ROWS, ids=[f"{row[0]}-{n}" for n, row in enumerate(ROWS)])
def test_a_question_has_these_answers(source: str, spec: str, solutions: str) -> None:
    """All solutions within the bounds, the plainest first; the report on each has every answer right."""
    solved = solve(spec)
    assert plain(solved.solutions) == json.loads(solutions), source
    assert solved.complete
    assert solved.unknowns == tuple(solved.solutions[0])
    for solution in solved.found:
        assert "?" not in solution.source.text
        assert cnncalc.analyze(solution.source.text).passed


def test_there_are_questions_of_many_sorts() -> None:
    """The table is not empty, and asks for most of what has bounds."""
    asked = {key.rpartition(".")[2] for _, _, solutions in ROWS for one in json.loads(solutions) for key in one}
    assert len(ROWS) > 50
    assert len(asked & {*BOUNDS}) > 12


# A layer in every number that may be asked for; the values are drawn, and some of them hidden.
TEMPLATES = {
    "conv": "input {size}x{size}x{channels}; conv {filters} {kernel}x{kernel} s{stride} p{padding} d{dilation}",
    "sequence": "input {size}x{channels}; conv {filters} {kernel} s{stride} p{padding}",
    "volume": "input {size}x{size}x{size}x2; conv {filters} {kernel}x{kernel}x{kernel} s{stride}",
    "grouped": "input 9x9x12; conv {filters} {kernel}x{kernel} g{groups} p{padding}",
    "pool": "input {size}x{size}x2; pool {window}x{window} s{stride} p{padding}",
    "ceil": "input {size}x{size}x2; pool {window}x{window} s{stride} p{padding} ceil",
    "same": "input {size}x{size}x2; conv {filters} {kernel}x{kernel} s{stride} same",
    "convt": "input {size}x{size}x2; convt {filters} {kernel}x{kernel} s{stride} p{padding} op{extra}",
    "keras": "input {size}x{size}x2; convt {filters} {kernel}x{kernel} s{stride} same",
    "two": "input {size}x{size}x2; conv {filters} {kernel}x{kernel}; pool {window}; conv 3 3x3 p{padding}",
    "deep": "input 40x40x2; repeat {times} {{ conv {filters} {kernel}x{kernel} }}",
    "dense": "input {size}x{size}x2; conv {filters} {kernel}x{kernel}; flatten; dense {units}",
    "residual": "input 9x9x{channels}; add {{ conv {channels} {kernel}x{kernel} p{padding} | identity }}; gap",
    "named": "let filters = {filters}; let kernel = {kernel}; input {size}x{size}x2; "
    "conv filters (kernel)x(kernel); conv (2*filters) 1x1; relu; conv (filters + kernel) 3x3 same",
    "halved": "let filters = {filters}; input 9x9x4; conv (2*filters/4 + 1/2) {kernel}x{kernel}; conv 3 1x1",
    "decided": "let times = {times}; input 9x9x2; "
    "if times > 2 {{ conv times {kernel}x{kernel} }} else {{ conv 4 (times)x(times) }}; conv 2 1x1",
    "block": "def b(filters, stride) {{ conv filters 3x3 s(stride) p1; bn }}; input {size}x{size}x2; "
    "b filters={filters} stride={stride}; conv 3 1x1",
    "separable": "input 9x9x{channels}; sepconv {filters} {kernel}x{kernel} m{multiplier}; dwconv 3x3 m2",
}
NUMBERS = {
    "size": (3, 12),
    "channels": (1, 5),
    "filters": (1, 6),
    "kernel": (1, 5),
    "window": (1, 4),
    "stride": (1, 4),
    "padding": (0, 3),
    "dilation": (1, 3),
    "groups": (1, 6),
    "extra": (0, 2),
    "times": (1, 4),
    "units": (1, 6),
    "multiplier": (1, 3),
}
ROLES = {"size": ("height", "depth", "length"), "extra": ("output_padding",)}
ANSWERS = ("output", "params", "rf", "macs", "weights", "activations")


def bounds_for(spec: str) -> dict[str, tuple[int, int]]:
    """The small ranges, for what a spec asks."""
    asked = {slot.role for slot in find(parser.parse(Source("spec", spec), Problems()), image=False)}
    limits = {role: limits for name, limits in NUMBERS.items() for role in ROLES.get(name, (name,))}
    return {role: limits[role] for role in asked}


def answered(spec: str, quantities: list[str]) -> str:
    """The spec with its true answers behind it."""
    report = cnncalc.analyze(spec)
    record = report.records[-1]
    values = {
        "output": "x".join(map(str, record.output.dims)),
        "params": record.params,
        "rf": "x".join(map(str, record.rf.size)) if record.rf else None,
        "macs": record.macs,
        "weights": record.facts.weights,
        "activations": record.activations,
    }
    stated = [f"{name} {values[name]}" for name in quantities if values[name] is not None]
    totals = f"; -> params {report.totals.params}"
    return f" -> {', '.join(stated)}{totals}"


def drawn(template: str, data: st.DataObject) -> dict[str, int]:
    """A value for each number of a template."""
    keys = dict.fromkeys(re.findall(r"{(\w+)}", template))
    return {key: data.draw(st.integers(*NUMBERS[key]), label=key) for key in keys}


def hidden(template: str, keys: Iterable[str], data: st.DataObject, most: int) -> list[str]:
    """Some numbers to be found, in the order of the text."""
    # What stands in two places would be two numbers to be found, unless they make one size.
    single = [key for key in keys if template.count(f"{{{key}}}") == 1 or key in {"size", "kernel", "window"}]
    some = data.draw(st.lists(st.sampled_from(single), min_size=1, max_size=most, unique=True))
    return sorted(some, key=lambda key: template.index(f"{{{key}}}"))


def trials(template: str, values: dict[str, int], order: list[str]) -> Iterator[tuple[tuple[int, ...], str]]:
    """All values for some numbers, each with the spec that they make."""
    for numbers in product(*[range(NUMBERS[key][0], NUMBERS[key][1] + 1) for key in order]):
        yield numbers, template.format(**values | dict(zip(order, numbers, strict=True)))


FILTERS = [HealthCheck.filter_too_much, HealthCheck.too_slow]


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=8, deadline=None, suppress_health_check=FILTERS)
@given(data=st.data())
def test_what_is_planted_is_found(name: str, data: st.DataObject) -> None:
    """Hidden numbers are among the solutions, and the solutions are those of a search through all values."""
    plant(name, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=50, deadline=None, suppress_health_check=FILTERS)
@given(data=st.data())
def test_what_is_planted_is_found_whatever_it_is(name: str, data: st.DataObject) -> None:
    """The same, searched for longer."""
    plant(name, data)


def plant(name: str, data: st.DataObject) -> None:
    """Hide some numbers of a layer, and compare what is found with a search through all values."""
    template = TEMPLATES[name]
    values = drawn(template, data)
    try:
        stated = data.draw(st.lists(st.sampled_from(ANSWERS), min_size=1, unique=True))
        answers = answered(template.format(**values), stated)
    except SpecError:
        assume(False)
    order = hidden(template, values, data, 3)
    spec = template.format(**values | dict.fromkeys(order, "?")) + answers
    try:
        solved = solve(spec, bounds=bounds_for(spec))
    except SpecError as error:
        if "every value fits" in error.message:
            return
        raise
    expected = set()
    for numbers, text in trials(template, values, order):
        try:
            if cnncalc.analyze(text + answers).passed:
                expected.add(numbers)
        except SpecError:
            continue
    if solved.assumed:
        return  # no answer depends on the size
    assert solved.complete
    assert tuple(values[key] for key in order) in expected
    assert {numbers_in_order(solved, one, order) for one in solved.solutions} == expected, spec
    assert len(expected) == len(solved.solutions)


def numbers_in_order(solved: Any, values: dict[str, Any], order: list[str]) -> tuple[int, ...]:
    """The values in the order of the text: a transposed layer names its arguments in another."""
    by_place = sorted((slot.places[0].start, values[slot.name]) for slot in solved.slots)
    assert len(by_place) == len(order)
    return tuple(value for _, value in by_place)


@given(
    size=st.tuples(st.integers(6, 12), st.integers(6, 12)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
@settings(max_examples=20, deadline=None)
def test_axes_differ_where_they_must(size: Any, kernel: Any, stride: Any) -> None:
    """The same number along all axes if any fits; else every pair, as a search through all of them finds."""
    net = f"input {size[0]}x{size[1]}x1; conv 1 {{}}x{{}} s{stride[0]}x{stride[1]}"
    answer = "x".join(map(str, cnncalc.analyze(net.format(*kernel)).output))

    def fits(height: int, width: int) -> bool:
        try:
            return "x".join(map(str, cnncalc.analyze(net.format(height, width)).output)) == answer
        except SpecError:
            return False

    pairs = [pair for pair in product(range(1, 7), repeat=2) if fits(*pair)]
    alike = [(one, other) for one, other in pairs if one == other]
    solved = solve(f"{net.format('?', '?')} -> {answer}", bounds={"kernel": (1, 6)})
    found = [one["conv1.kernel"] for one in solved.solutions]
    assert {pair if isinstance(pair, tuple) else (pair, pair) for pair in found} == set(alike or pairs)


def test_the_plainest_come_first() -> None:
    """Windows that tile before those that are rounded down, and small numbers before large ones."""
    solved = solve("input 32x32x3; conv 8 ?x? s? p? -> 16x16x8")
    exact = [solution.exact for solution in solved.found]
    assert exact == sorted(exact, reverse=True)
    assert 0 < sum(exact) < len(exact)
    assert solved.solutions[0] == {"conv1.kernel": 2, "conv1.stride": 2, "conv1.padding": 0}
    assert all(not solution.doubts for solution in solved.found[:5])
    assert any(note.code == "padding-over-kernel" for solution in solved.found for note in solution.doubts)


def test_what_is_right_by_a_convention_comes_later() -> None:
    """With the statistics of a batch norm among its parameters, half of the channels do; that is said."""
    solved = solve("input 9x9x?; bn -> params 128")
    assert [(one.values["input.channels"], one.conventions) for one in solved.found] == [
        (64, ()),
        (32, ("with-non-trainable",)),
    ]
    assert solved.to_dict()["conventions"] == [[], ["with-non-trainable"]]
    assert solutions.of_solved(solved, 5).rows[1] == (32, "exactly", "with-non-trainable")


def test_strict_leaves_out_what_is_rounded_down() -> None:
    """The input sizes for which a whole net never drops a pixel: no answer is needed to ask for them."""
    solved = solve("input ?x?x3; use vgg16", strict=True, bounds={"height": (1, 200)})
    assert [one["input.size"] for one in solved.solutions] == [32, 64, 96, 128, 160, 192]
    strict = solve("input 32x32x3; conv 8 ?x? s? p? -> 16x16x8", strict=True)
    assert strict.found
    assert not any(solution.doubts for solution in strict.found)
    assert solve("input ?x?x3; conv 8 3x3 s2 -> 5x5", strict=True).solutions == ({"input.size": 11},)


def test_where_nothing_fits_the_nearest_are_told() -> None:
    """From below and from above, each nearer than any other value; what misses is told with what was asked."""
    solved = solve("input 227x227x3; conv 96 11x11 s? -> 54x54x96")
    assert (solved.solutions, solved.complete) == ((), True)
    assert [(one.side, one.solution.values, one.missed.expected.dims) for one in solved.nearest] == [
        ("below", {"conv1.stride": 5}, (44, 44, 96)),
        ("above", {"conv1.stride": 4}, (55, 55, 96)),
    ]
    # Only from below, far away.
    far = solve("input 99x99x3; repeat ? { conv 8 3x3 }; -> params 60000", bounds={"times": (1, 9)})
    assert [(one.side, one.solution.values) for one in far.nearest] == [("below", {"repeat1.times": 9})]
    # Where two answers contradict each other, the first counts.
    (other,) = solve("input 9x9x1; conv ? 3x3 -> 3x3x5, params 1001").nearest
    assert (other.missed.expected.dims, other.solution.values) == ((7, 7, 5), {"conv1.filters": 5})
    # Of two answers the one that stands in the way; the other one is kept.
    kept = solve("input 9x9x1; conv ? 3x3 -> 7x7x5, params 51")
    assert [(one.missed.quantity, one.missed.expected) for one in kept.nearest] == [("params", 50)]
    # Of answers that contradict each other the first ones count.
    (below, above) = solve("input 9x9x1; conv ? 3x3 -> params 25, 9x9x5").nearest
    assert (below.missed.expected, above.missed.expected) == (20, 30)
    # A size of more numbers than there are axes has none that is near.
    assert solve("input 9x9x1; conv ? 3x3 -> 7x7x5x2").nearest == ()
    (unread,) = solve("input ?x1; conv 1 3 s2 -> unread 7", bounds={"length": (4090, 4096)}).nearest
    assert (unread.side, unread.missed.expected) == ("below", (1,))
    ratio = solve("input 9x9x1; conv ? 3x3 -> params 25")
    assert [one.solution.values["conv1.filters"] for one in ratio.nearest] == [2, 3]


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=6, deadline=None, suppress_health_check=FILTERS)
@given(data=st.data())
def test_none_is_nearer(name: str, data: st.DataObject) -> None:
    """On both sides, as a look at all values tells."""
    near(name, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=50, deadline=None, suppress_health_check=FILTERS)
@given(data=st.data())
def test_none_is_nearer_whatever_is_asked(name: str, data: st.DataObject) -> None:
    """The same, searched for longer."""
    near(name, data)


def near(name: str, data: st.DataObject) -> None:
    """Ask for a number that may not be there, and compare what is told to be near with a look at all values."""
    template = TEMPLATES[name]
    values = drawn(template, data)
    order = hidden(template, values, data, 2)
    asked = data.draw(st.sampled_from(("params", "activations", "output")))
    answer = f"{asked} {data.draw(st.integers(1, 40 if asked == 'output' else 3000))}"
    spec = f"{template.format(**values | dict.fromkeys(order, '?'))} -> {answer}"
    try:
        solved = solve(spec, bounds=bounds_for(spec))
    except SpecError:
        return
    assume(not solved.found and not solved.settled and not solved.assumed)
    misses: dict[str, int] = {}
    for _, text in trials(template, values, order):
        with suppress(SpecError):
            for side, off in missed(cnncalc.analyze(f"{text} -> {answer}").answers[0]):
                misses[side] = min(misses.get(side, off), off)
    assert {one.side: off for one in solved.nearest for _, off in missed(one.missed)} == misses, spec


def missed(answer: Any) -> list[tuple[str, int]]:
    """On which side an answer is missed, if all its numbers lie there, and how far off they are together."""
    expected = answer.expected if isinstance(answer.expected, int) else answer.expected.extents or answer.expected.dims
    numbers = expected if isinstance(expected, tuple) else (expected,)
    given = answer.given if isinstance(answer.given, tuple) else (answer.given,)
    given = given * len(numbers) if len(given) == 1 else given
    off = [number - asked for number, asked in zip(numbers, given, strict=True)]
    sides = [("below", -1), ("above", 1)]
    return [(side, abs(sum(off))) for side, sign in sides if all(sign * one >= 0 for one in off)]


def test_what_else_is_wrong_is_told() -> None:
    """Where answers contradict each other, more than one is."""
    text = view(solve("input 28x28x3; conv ? 5x5 s? -> 11x11, params 500"))
    assert "conv1.stride 3 gives 8x8 for 11x11: floor((28 - 5)/3) + 1 = 8; 1 other answer is wrong, too" in text
    text = view(solve("input 9x9x1; conv ? 3x3 -> 3x3x5, params 1001, macs 7, weights 7"))
    assert "conv1.filters 5 gives 7x7x5 for 3x3x5: (9 - 3)/1 + 1 = 7; 3 other answers are wrong, too" in text


def view(solved: Any) -> str:
    """The remarks under the table."""
    return "\n".join(remark.text for remark in solutions.of_solved(solved, 5).remarks)


def test_the_nearest_is_looked_for_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value in the bounds was compared; if time is short, there is none."""
    solved = solve("input 100x100x1; conv 1 3x3 s? -> 12x12")
    extents = {stride: cnncalc.analyze(f"input 100x100x1; conv 1 3x3 s{stride}").output[0] for stride in range(1, 65)}
    below = max(extent for extent in extents.values() if extent < 12)
    above = min(extent for extent in extents.values() if extent > 12)
    assert [one.missed.expected.extents[0] for one in solved.nearest] == [below, above]
    monkeypatch.setattr(nearest, "MOST_SECONDS", -1.0)
    assert solve("input 100x100x1; conv 1 3x3 s? -> 12x12").nearest == ()


@pytest.mark.parametrize(
    ("spec", "values"),
    [
        ("let k = ?; input 32x32x3; conv 8 kxk -> params 1000", [6, 7]),
        ("let f = ?; input 32x32x3; conv f 3x3 p1; conv f 3x3 p1; flatten; dense 10; -> params 500000", [46, 47]),
        ("use resnet18 classes=?; -> params 11700000", [1020, 1021]),
        ("def b(n) { conv n 3x3 }; input 9x9x1; b ?; -> params 25", [2, 3]),
        ("let f = ?; input 9x9x1; conv (f/2) 3x3; -> params 25", [4, 6]),
        ("let n = ?; input 9x9x1; if n > 4 { conv n 3x3 } else { conv (9-n) 3x3 }; -> params 52", [4, 3]),
        ("let s = ?; input 28x28x1; conv 8 3x3 s(s-500) -> 12x12", [503, 502]),
    ],
)
def test_values_of_let_and_use_come_near_on_both_sides(spec: str, values: list[int]) -> None:
    """They are ranges where they do not decide what the spec expands to, and tried one by one where they do."""
    solved = solve(spec)
    assert (solved.complete, solved.solutions) == (True, ())
    assert [one.side for one in solved.nearest] == ["below", "above"]
    assert [list(one.solution.values.values()) for one in solved.nearest] == [[value] for value in values]


def test_values_that_are_left_out_are_not_near() -> None:
    """What fits, and is left out because its padding is too large, is no near miss."""
    solved = solve("input 32x32x3; conv 8 3x3 s1 p? -> 38x38", strict=True)
    assert solved.solutions == ()
    assert all(one.missed.verdict == "wrong" for one in solved.nearest)


def test_bounds_are_kept_and_told() -> None:
    """By the name of a `?` or by what it stands for; the name counts more."""
    spec = "input 32x32x3; conv 8 ?x? s? -> 16x16x8"
    assert solve(spec).bounds == {"conv1.kernel": BOUNDS["kernel"], "conv1.stride": BOUNDS["stride"]}
    solved = solve(spec, bounds={"kernel": (2, 2), "conv1.stride": (1, 3), "stride": (9, 9)})
    assert solved.solutions == ({"conv1.kernel": 2, "conv1.stride": 2},)
    assert solved.bounds == {"conv1.kernel": (2, 2), "conv1.stride": (1, 3)}
    illegal = solve(spec, bounds={"stride": (0, 3), "kernel": (0, 2)})
    assert illegal.solutions[0] == {"conv1.kernel": 2, "conv1.stride": 2}
    # So many candidates that their divisors are not picked one by one.
    wide = solve("input 9x9x3; conv ? 3x3 -> params 280000000000", bounds={"filters": (1, 10**12)})
    assert wide.solutions == ({"conv1.filters": 10**10},)
    assert solve("input 9x9x3; conv ? 3x3 -> params 29").solutions == ()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("conv 8 3x3 -> 222x222", "nothing is asked"),
        ("conv 8 3x3 # ?", "nothing is asked"),
        ("conv 8 3x3 s?", "there is no answer to find this `?` from"),
        ("repeat ? { conv 8 3x3 }", "there is no answer to find this `?` from"),
        ("add { conv ? 1x1 | identity }", "there is no answer to find this `?` from"),
        ("conv ? 3x3 -> 222x222", "no answer depends on this `?`"),
        ("conv 8 3x3 s? -> params ?", "here every number must be given"),
        ("conv 8 3x3 s? -> params n", "a number, without names and symbols"),
        ("conv 8 3x3 s? -> foo 3", "unknown quantity `foo`"),
        ("conv n 3x3 s? -> 15x15", "a `?` and a symbol do not go together"),
        ("conv (2*?) 3x3 -> 5", "a `?` stands for a whole number by itself"),
        ("conv 8 3x(?+1) -> 5", "a `?` stands for a whole number by itself"),
        ("input (2*?)x5x3; relu -> 5", "a `?` stands for a whole number by itself"),
        ("let k = (2*?); relu -> 5", "a `?` stands for a whole number by itself"),
        ("if ? { relu }; relu -> 5", "a `?` stands for a whole number by itself"),
        ("conv 8 3x3 p?:1 -> 5", "`conv` has no option `p?:1`"),
        ("conv 8 3x3 bias=? -> 5", "bias expected `yes` or `no`"),
        ("dropout ? -> 5", "rate expected a number"),
        ("repeat ? { foo }; -> 5", "unknown kind `foo`"),
        ("foo; conv 8 3x3 s? -> 5", "unknown kind `foo`"),
        ("conv 8 s? -> 5", "`conv` needs kernel"),
        ("let k = ?; conv k 3x(k-600) -> 5", "must be at least 1"),
        ("; ".join(["conv ? 3x3"] * (MOST_UNKNOWNS + 1)) + " -> 5", "more than 100 numbers to be found"),
        ("conv ? 3x3 -> 5 5", "expected the end of the statement"),
    ],
)
def test_what_cannot_be_asked(spec: str, message: str) -> None:
    """The error says so, and points at the place."""
    with pytest.raises(SpecError) as caught:
        solve(spec)
    assert message in caught.value.message
    assert caught.value.line == 1


def test_answers_that_do_not_count() -> None:
    """An input from outside changes the network, and its answers speak of another one."""
    with pytest.raises(SpecError) as caught:
        solve("input 9x9x3; conv 8 3x3 s? -> 4x4", input="11x11x3")
    assert "do not hold this" in caught.value.message
    assert solve("conv 8 3x3 s? -> 5x5", input="11x11x3").solutions == ({"conv1.stride": 2},)
    assert solve("param k = 3; input 9x9x3; conv 8 kxk s? -> 4x4", set={"k": 3}).solutions == ({"conv1.stride": 2},)


def test_bounds_of_what_is_not_asked() -> None:
    """The error suggests a name."""
    with pytest.raises(SpecError) as caught:
        solve("conv 8 3x3 s? -> 5x5", bounds={"conv1.strid": (1, 2)})
    assert caught.value.hint == "did you mean `conv1.stride`?"


def test_a_layer_that_works_with_no_value() -> None:
    """No value fits, and the reason is told."""
    solved = solve("input 5x5x1; conv 8 7x7; conv 8 ?x? -> 1x1")
    assert (solved.solutions, solved.obstacle) == ((), "a window of 7 is larger than the input's height of 5")
    assert solved.to_dict()["notes"] == [solved.obstacle]
    assert solve("input 5x5x1; repeat ? { conv 8 7x7 }; -> params 5").obstacle == ""


def test_an_answer_about_what_is_not_known() -> None:
    """An error, and no claim that nothing fits."""
    with pytest.raises(SpecError) as caught:
        solve("input ?x1; conv 1 3 -> unread 0", bounds={"length": (4095, 4100)})
    assert "not worked out" in caught.value.message


def test_names_are_those_of_the_report() -> None:
    """A layer behind a repeat, a block or a shipped network is called as in the table."""
    spec = "input 30x30x3; repeat 2 { conv 4 3x3 }; conv 8 3x3 s? -> 12x12x8"
    assert solve(spec).solutions == ({"conv3.stride": 2},)
    halved = "repeat ? { conv 8 3x3 same; pool 2 } -> 7x7x8"
    assert solve(halved).solutions == ({"repeat1.times": 5},)


def test_two_calls_of_a_block_have_two_names() -> None:
    """No value hides another."""
    solved = solve("def b(n) { conv n 3x3 }; b ?; b ? -> params 1000")
    assert solved.solutions[0] == {"b.1": 11, "b_2.1": 10}
    twice = solve("let k = ?; input 32x32x1; conv 3 kxk -> 30x30; let k = ?; conv 3 kxk -> 26x26")
    assert twice.solutions == ({"k": 3, "k_2": 5},)


def test_where_unequal_axes_take_too_long_the_nearest_equal_ones_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """They were all tried before."""
    boxes = Search.found

    def found(self: Search) -> Any:
        if self.apart:
            raise OutOfTimeError
        return boxes(self)

    monkeypatch.setattr(Search, "found", found)
    solved = solve("input ?x?x1; conv 1 3x3 -> params 10, activations 50")
    assert (solved.solutions, solved.complete) == ((), False)
    assert [one.solution.values for one in solved.nearest] == [{"input.size": 9}, {"input.size": 10}]


def test_a_search_that_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many unknowns end in time, incomplete; what was found until then is given."""
    monkeypatch.setattr(search, "MOST_SECONDS", 0.3)
    many = solve("input 32x32x3; " + "; ".join(["conv ? ?x? p?"] * 8) + "; -> 7x7x7, params 10000, macs 12121212")
    assert not many.complete
    assert many.nearest == ()
    monkeypatch.setattr(search, "MOST_SECONDS", -1.0)
    assert solve("conv 8 3x3 s? -> 5x5").to_dict()["complete"] is False


def test_more_solutions_than_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search ends with so many, and is not complete."""
    monkeypatch.setattr(solving, "MOST_SOLUTIONS", 5)
    solved = solve("input 32x32x3; conv 8 ?x? same s? -> 16x16x8")
    assert (len(solved.found), solved.complete) == (5, False)


def test_as_json() -> None:
    """The keys that are promised, and what goes with them."""
    data = solve("input 32x32x3; conv 8 ?x? -> 30x28x8").to_dict()
    assert data == {
        "unknowns": ["conv1.kernel"],
        "solutions": [{"conv1.kernel": [3, 5]}],
        "complete": True,
        "exact": [True],
        "conventions": [[]],
        "specs": ["input 32x32x3; conv 8 3x5 -> 30x28x8"],
        "bounds": {"conv1.kernel": [1, 64]},
        "nearest": [],
        "wrong": [],
        "notes": [],
    }
    near = solve("input 9x9x1; conv ? 3x3; -> params 25").to_dict()["nearest"]
    assert near[0] == {
        "side": "below",
        "values": {"conv1.filters": 2},
        "layer": "total",
        "quantity": "params",
        "asked": 25,
        "got": 20,
    }


def test_channels_that_no_input_states_are_asked_for() -> None:
    """Only where an answer depends on them; an input that is given, by whatever way, is taken."""
    solved = solve("conv 64 ?x? -> params 640")
    assert solved.solutions[0] == {"input.channels": 1, "conv1.kernel": 3}
    assert {"input.channels": 9, "conv1.kernel": 1} in solved.solutions
    assert solved.to_dict()["notes"] == [
        "no input is given: its channels are asked for, too, and its size is taken as 224x224"
    ]
    assert solve("conv 64 ?x? -> params 640", input="28x28x9").solutions == ({"conv1.kernel": 1},)
    assert solve("repeat ? { conv 8 3x3 } -> rf 31").unknowns == ("repeat1.times",)
    assert solve("conv 8 ?x? -> 222x222").unknowns == ("conv1.kernel",)
    with pytest.raises(SpecError, match="spec:1:6: error: no answer depends"):
        solve("conv ? 3x3 -> rf 3")
    # Where nothing fits with any channels, it is told what comes near with the usual ones.
    none = solve("conv 64 ?x? -> params 647")
    assert (none.solutions, none.assumed) == ((), "no input is given: 224x224x3 is taken")
    assert none.nearest


def test_sizes_of_the_input_that_nothing_depends_on() -> None:
    """The usual one is taken, within the bounds, and that is said; the rest is solved."""
    solved = solve("input ?x?x?; conv 64 ?x? -> params 640", bounds={"kernel": (1, 5)})
    assert solved.solutions == (
        {"input.channels": 1, "conv1.kernel": 3},
        {"input.channels": 9, "conv1.kernel": 1},
    )
    assert solved.to_dict()["notes"] == ["input.size is taken as 224: no answer depends on it, and others fit as well"]
    assert solved.found[0].source.text == "input 224x224x1; conv 64 3x3 -> params 640"
    bounded = solve("input ?x3; conv 64 ? -> params 640", bounds={"length": (10, 99)})
    assert bounded.found[0].source.text == "input 99x3; conv 64 3 -> params 640"
    near = solve("input ?x3; conv 64 ? -> params 641")
    assert (len(near.nearest), near.assumed[:24]) == (2, "input.length is taken as")
    with pytest.raises(SpecError, match="every value fits"):
        solve("input ?x?x3; conv 64 3x3 -> params 1792")


def test_answers_that_no_value_makes_right_are_told() -> None:
    """Of a layer before the `?`, and of the whole network."""
    solved = solve("input 28x28x3; conv 16 5x5 s2 -> 14x14x16; conv 3 3x3 p? -> 9x9; -> macs 7")
    assert solved.to_dict()["wrong"] == [
        {"layer": "conv1", "quantity": "output", "asked": [14, 14, 16], "got": [12, 12, 16]}
    ]
    assert not solved.nearest
    solved = solve("input 8x8x1; conv 2 3x3 p?; conv 1 1x1 -> 8x8; -> params 22")
    assert solved.to_dict()["wrong"] == [{"layer": "total", "quantity": "params", "asked": 22, "got": 23}]


def test_bytes_are_counted_as_asked() -> None:
    """Memory depends on the batch and the dtype."""
    assert solve("input 10x10x?; relu -> memory 2000", dtype="float16").solutions == ({"input.channels": 10},)
    assert solve("input 10x10x?; relu -> memory 2000", batch=5).solutions == ({"input.channels": 1},)


def test_merges_decide_between_values() -> None:
    """Branches go together for some values only."""
    solved = solve("input 32x32x3; add { conv ? 3x3 p1 | conv 5 1x1 }; -> params 160", bounds={"filters": (1, 40)})
    assert solved.complete
    assert solved.solutions == ({"conv1.filters": 5},)
    both = solve("input 32x32x3; add { conv ? 3x3 p1 | conv ? 1x1 }; -> params 1024")
    assert both.complete
    # A map of one channel goes with any other.
    pairs = [(32, 32), (1, 249)]
    assert [tuple(one.values()) for one in both.solutions] == pairs
    halves = solve(
        "input 32x32x3; add { conv 3 ?x? same s? | avgpool 2 }; -> params 84",
        bounds={"kernel": (1, 9), "stride": (1, 8)},
    )
    assert halves.solutions == ({"conv1.kernel": 3, "conv1.stride": 2},)


def test_values_are_not_solved_from() -> None:
    """Answers about values stand aside, and that is said; alone they are no answer to solve from."""
    solved = solve("input 3x3x1; conv 1 ?x? nobias -> 2x2x1, value [[37, 47], [67, 77]], params 4")
    assert solved.solutions == ({"conv1.kernel": 2},)
    assert solved.to_dict()["notes"] == ["values of a forward pass are not solved from"]
    with pytest.raises(SpecError, match="no answer to find this `\\?` from; values of a forward pass are not"):
        solve("input 3x3x1; conv 1 ?x? nobias -> value [[37, 47], [67, 77]]")
