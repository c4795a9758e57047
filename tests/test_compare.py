"""Networks side by side."""

from __future__ import annotations

from fractions import Fraction

import pytest

import cnncalc
from cnncalc import compare
from cnncalc.compare import Stage
from cnncalc.homework.answers import as_json

ONE = "input 16x16x3; conv 8 3x3 same; maxpool 2; conv 4 3x3 same; bn; upsample 2; conv 2 1x1; gap; dense 10"


def test_stages() -> None:
    """All layers of a resolution are one stage, wherever they stand; nothing is lost, and nothing counted twice."""
    report = cnncalc.analyze(ONE)
    found = compare.stages(report)
    assert list(found) == [(16, 16), (8, 8), ()]
    assert found[16, 16] == Stage((16, 16), 3, 8, 224 + 10, 256 * 8 * 27 + 256 * 4 * 2)
    assert found[8, 8] == Stage((8, 8), 3, 8, 4 * 73 + 8, 64 * 4 * 72)
    assert found[()] == Stage((), 2, 10, 30, 20)
    for name in ("resnet50", "googlenet", "unet"):
        network = cnncalc.analyze(name)
        stages = compare.stages(network).values()
        assert sum(stage.layers for stage in stages) == len(network.records)
        assert sum(stage.params for stage in stages) == network.totals.params
        assert sum(stage.macs for stage in stages) == network.totals.macs


def test_the_stages_of_resnet50() -> None:
    """The widest maps of its stages are those of the paper's table."""
    stages = compare.stages(cnncalc.analyze("resnet50"))
    assert {extents: stage.channels for extents, stage in stages.items()} == {
        (112, 112): 64, (56, 56): 256, (28, 28): 512, (14, 14): 1024, (7, 7): 2048, (): 2048,
    }  # fmt: skip


def test_resolutions_are_aligned() -> None:
    """One row for what two networks have both, the largest first; a vector stands behind a map of one position."""
    first = cnncalc.analyze("input 32x32x1; maxpool 4; conv 1 1x1; gap; dense 1")
    second = cnncalc.analyze("input 32x32x1; maxpool 2; gap keep; flatten")
    assert compare.resolutions([first]) == [(8, 8), ()]
    assert compare.resolutions([second, first]) == [(16, 16), (8, 8), (1, 1), ()]
    assert compare.resolutions([first, first]) == [(8, 8), ()]
    formulas = cnncalc.analyze("input 8xnx1; conv 1 1x1; maxpool 2")
    assert compare.resolutions([first, formulas])[:2] == [(8, 8), ()]
    assert len(compare.resolutions([first, formulas])) == 4


def test_images_of_different_sizes_are_compared_by_their_parts() -> None:
    """By how often they were halved, about; nothing is lost. Images of one size, vectors and symbols are not."""
    one, other = cnncalc.analyze("resnet50"), cnncalc.analyze("efficientnet_b4")
    assert compare.are_relative([one, other])
    found = compare.stages(other, relative=True)
    assert [stage.extents for stage in found.values()][:2] == [(190, 190), (1, 1)]
    assert sum(stage.macs for stage in found.values()) == other.totals.macs
    assert {(1,), (2,), (3,), (4,), (5,), ()} == compare.stages(one, relative=True).keys()
    keys = compare.resolutions([one, other], relative=True)
    assert keys[:-1] == sorted(keys[:-1])
    assert keys[-1] == ()
    assert not compare.are_relative([one, one])
    assert not compare.are_relative([one, cnncalc.analyze("input 10; dense 3")])
    assert not compare.are_relative([one, cnncalc.analyze("input WxWx3; conv 8 3x3")])
    assert compare.are_relative([one, cnncalc.analyze("wavenet")])


@pytest.mark.parametrize(
    ("first", "other", "percent"),
    [
        (200, 211, "+5.5"),
        (200, 100, "-50.0"),
        (1000, 1000, "0.0"),
        (100_000, 100_001, "0.0"),
        (100_000, 100_051, "+0.1"),
        (100_000, 99_949, "-0.1"),
        (3, 10**30, f"+{(10**30 - 3) * 100 // 3}.3"),
        (0, 5, None),
    ],
)
def test_difference(first: int, other: int, percent: str | None) -> None:
    """Exact, and in percent to a tenth."""
    assert compare.difference(first, other) == (other - first, percent)


def test_limits() -> None:
    """`params=5%`, in any case, with `-` or `_`."""
    assert compare.limit("params=5%") == ("params", 5)
    assert compare.limit(" Param-Memory = 2.5% ") == ("param_memory", Fraction(5, 2))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parms=5%", "did you mean `params`"),
        ("params", "a limit is written params=5%"),
        ("params=5", "a limit is written params=5%"),
        ("params=-5%", "a limit is written params=5%"),
        ("params=%", "a limit is written params=5%"),
        ("params=1.2.3%", "a limit is written params=5%"),
        ("params=" + "9" * 100 + "%", "a limit is written params=5%"),
        ("params=²%", "a limit is written params=5%"),
        ("zzz=5%", "one of layers, params"),
        ("", "unknown quantity"),
    ],
)
def test_what_is_no_limit(text: str, message: str) -> None:
    """What cannot be read is said."""
    with pytest.raises(ValueError, match=message):
        compare.limit(text)


def test_the_edge_of_a_limit() -> None:
    """Exactly as much as is allowed is allowed; one more is not."""
    first = cnncalc.analyze("input 100; dense 10 nobias")
    for units, allowed in ((10, True), (11, True), (12, False)):
        other = cnncalc.analyze(f"input 100; dense {units} nobias")
        assert compare.passed([first, other], [compare.limit("params=10%")]) is allowed
    assert compare.passed([other, first], [compare.limit("params=0%")])
    assert not compare.passed([first, cnncalc.analyze("input 3; relu -> params 5")], [])


def test_symbols() -> None:
    """Formulas are compared as formulas; whether they exceed a limit is not known."""
    first, other = cnncalc.analyze("input 8x8x3; conv n 3x3"), cnncalc.analyze("input 8x8x3; conv 4 3x3")
    data = compare.to_dict([first, other], [])
    assert data["networks"][0]["totals"]["params"] == "28*n"
    assert data["differences"][0]["params"]["percent"] is None
    for pair in ([first, other], [other, first]):
        with pytest.raises(ValueError, match="not known for symbols"):
            compare.passed(pair, [compare.limit("params=5%")])
    pair = [cnncalc.analyze("input 8x8xn; conv 4 1x1; conv n 1x1"), cnncalc.analyze("input 8x8x2; conv 2 1x1")]
    assert as_json(compare.stages(pair[0])[8, 8].layers) == 2


def test_to_dict() -> None:
    """What JSON has."""
    first, other = cnncalc.analyze("input 8x8x3; conv 4 3x3"), cnncalc.analyze("input 8x8x3; conv 5 3x3")
    data = compare.to_dict([first, other], [compare.limit("params=25%"), compare.limit("macs=1.5%")])
    assert data["networks"][0]["totals"]["params"] == 112
    assert data["networks"][0]["stages"] == [
        {"resolution": [6, 6], "layers": 1, "channels": 4, "params": 112, "macs": 3888}
    ]
    assert data["differences"] == [
        {"spec": other.spec, **{name: data["differences"][0][name] for name in compare.QUANTITIES}}
    ]
    assert data["differences"][0]["params"] == {"absolute": 28, "percent": 25.0}
    assert data["differences"][0]["non_trainable"] == {"absolute": 0, "percent": None}
    assert data["limits"] == [
        {"quantity": "params", "percent": 25.0, "exceeded_by": []},
        {"quantity": "macs", "percent": 1.5, "exceeded_by": [other.spec]},
    ]
    assert data["passed"] is False
