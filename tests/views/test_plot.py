"""Points on two logarithmic axes."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from cnncalc.views.plot import HEIGHT, NARROWEST, Point, axis, short, svg, text

TITLES = ("macs", "params")
POINTS = [Point("small", 10**6, 10**5), Point("large", 10**10, 10**8), Point("a & b", 10**8, 10**8)]


def test_text() -> None:
    """A star for every point, each further right and higher where it is larger, with its name beside it."""
    lines = text(POINTS, TITLES, 80).split("\n")
    assert lines[0] == "params"
    assert len(lines) == HEIGHT + 4
    assert lines[-1] == ""
    assert all(len(line) <= 80 for line in lines[:-2])
    rows = {name: number for number, line in enumerate(lines) for name in ("small", "large", "a & b") if name in line}
    assert rows["small"] > rows["large"] == rows["a & b"]
    assert "* small" in lines[rows["small"]]
    assert "large *" in lines[rows["large"]]
    assert lines[rows["large"]].index("a & b") < lines[rows["large"]].index("large")
    assert re.findall(r"\S+", lines[-2]) == ["1M", "10M", "100M", "1G", "10G", "macs"]
    labelled = [line.split("|")[0].strip() for line in lines[1:-3]]
    assert [label for label in labelled if label] == ["100M", "10M", "1M", "100k"]


def test_names_give_way() -> None:
    """Where there is no room for a name, the star stands alone; the first point is named first."""
    points = [Point("one", 1000, 1000), Point("another", 1000, 1000), Point("x" * 200, 1001, 1000)]
    drawn = text(points, TITLES, 80)
    assert "one" in drawn
    assert "another" not in drawn
    assert "xx" not in drawn


def test_marks_are_never_covered() -> None:
    """Every point that lies on a cell of its own has its star."""
    points = [Point(f"network{number}", 10**number, 1000) for number in range(3, 12)]
    assert text(points, TITLES, 60).count("*") == len(points)


def test_a_single_point_has_round_numbers_beside_it() -> None:
    """However few the points, there is a tick on either axis; a narrow terminal gets a narrow plot that is wider."""
    for number in (1, 7, 137, 138_357_544, 999_999):
        lines = text([Point("net", number, number)], TITLES, 1).split("\n")
        assert max(map(len, lines)) <= NARROWEST + len("  macs")
        assert re.search(r"\d", lines[-2])
        assert any(re.match(r" *\d+[kMGT]? \|", line) for line in lines)
        assert axis("macs", [number]).ticks


def test_ticks_that_are_close_leave_each_other_out() -> None:
    """Numbers under the axis do not touch."""
    wide = [Point("a", 1, 1), Point("b", 10**30, 1)]
    assert not re.search(r"T\d", text(wide, TITLES, 40).split("\n")[-2])


def test_short() -> None:
    """Round numbers with their unit."""
    assert [short(value) for value in (5, 1000, 20_000, 10**6, 5 * 10**9, 10**12)] == [
        "5",
        "1k",
        "20k",
        "1M",
        "5G",
        "1T",
    ]


def test_svg() -> None:
    """A circle for every point, with a title of its numbers; well-formed, names escaped."""
    root = ET.fromstring(svg(POINTS, TITLES))  # noqa: S314  our own
    circles = root.findall(".//circle")
    assert len(circles) == 3
    xs, ys = ([float(circle.get(key, "")) for circle in circles] for key in ("cx", "cy"))
    assert xs[0] < xs[2] < xs[1]
    assert ys[0] > ys[1] == ys[2]
    assert [name.text for name in root.findall("text[@opacity]")] == ["small", "large", "a & b"]
    titles = [title.text for title in root.findall(".//g/title")]
    assert titles[2] == "a & b: 100,000,000 macs, 100,000,000 params"


def test_names_in_a_drawing_hide_nothing() -> None:
    """Right of the point, left of it, above or below; where there is no room the name is only in the title."""
    crowd = [Point("edge/low", 10**6, 10**5), *[Point(f"network{number}", 10**9, 10**8) for number in range(6)]]
    root = ET.fromstring(svg(crowd, TITLES))  # noqa: S314  our own
    names = [name.text for name in root.findall("text[@opacity]")]
    assert names == ["network0", "network1", "network2", "network3", "edge/low"]
    places = {(name.get("x"), name.get("y")) for name in root.findall("text[@opacity]")}
    assert len(places) == len(names)
    assert len(root.findall(".//g/title")) == 7


def test_names_without_a_folder_come_first() -> None:
    """They are the ones that people know."""
    crowd = [Point("keras/net", 10**9, 10**8), Point("net", 10**9, 10**8), Point("small", 10**6, 10**5)]
    (line,) = [line for line in text(crowd, TITLES, 40).split("\n") if "net" in line]
    assert line.split()[-2:] == ["net", "*"]
