"""A table as a value: what every command makes and every format draws."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

from cnncalc.prose import separated

# An exact number, a text, or None for what does not apply.
Cell: TypeAlias = "int | str | None"
NOT_APPLICABLE: Final = "-"

# How a row hangs in the branches around it, one character a level, from the outermost in.
FIRST, FURTHER, INSIDE, MERGE = "╭├│╰"
SIDE_FIRST, SIDE_INSIDE, SIDE_LAST, SIDE_ONLY = "┌┆└╶"
GUIDES: Final = "╭├│╰┌┆└╶"
# What is said before the name of a layer that begins a side head.
SIDE_LABEL: Final = "aux: "


class Heading(NamedTuple):
    """The top of a column.

    `name` heads it where programs read it, `title` where people do. `glue` stands for a space in the cells
    where none may be. On a terminal that is too narrow, the columns with the highest `rank` go first; before
    a column with `folds` goes, its cells are put on more lines. The cells of a column that is `foreign` hold
    what anybody may have written.
    """

    name: str
    title: str
    align: Literal["left", "right"] = "left"
    glue: str = "_"
    rank: int = 0
    folds: bool = False
    foreign: bool = False


class Remark(NamedTuple):
    """A sentence under the table: a `note`, an answer that is `wrong`, or one that is `right`."""

    mark: Literal["note", "wrong", "right"]
    text: str


class Table(NamedTuple):
    """Headings, rows, and what stands around them.

    `lead` is a row before the others, which is not one of them: what goes in. `guides` has for every row how
    it hangs in its branches, or is empty; they are drawn in the column `guided`. `summary` has lines of
    labels and values. `drawing` is an SVG that a page shows above it. `links` are where the first cell of each
    row leads on a page, or empty, and `anchor` is where links to the table lead.
    """

    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lead: tuple[Cell, ...] | None = None
    totals: tuple[Cell, ...] | None = None
    guides: tuple[str, ...] = ()
    guided: int = 0
    title: str = ""
    summary: tuple[tuple[tuple[str, str], ...], ...] = ()
    remarks: tuple[Remark, ...] = ()
    drawing: str = ""
    links: tuple[str, ...] = ()
    anchor: str = ""

    @property
    def all_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The lead, the rows and the totals."""
        lead = () if self.lead is None else (self.lead,)
        return (*lead, *self.rows) if self.totals is None else (*lead, *self.rows, self.totals)

    @property
    def shown_rows(self) -> list[list[str]]:
        """The texts of `all_rows` for people."""
        rows = [[shown(cell) for cell in row] for row in self.all_rows]
        if self.totals is not None:
            # What is not added up needs no mark in every column.
            rows[-1] = ["" if cell is None else shown(cell) for cell in self.totals]
        return rows

    @property
    def all_guides(self) -> tuple[str, ...]:
        """A guide for each of `all_rows`."""
        return self._of_all_rows(self.guides)

    @property
    def all_links(self) -> tuple[str, ...]:
        """A link for each of `all_rows`."""
        return self._of_all_rows(self.links)

    def _of_all_rows(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """What the rows have, with nothing for the lead, the totals, and where no row has any."""
        lead = () if self.lead is None else ("",)
        totals = () if self.totals is None else ("",)
        return (*lead, *(texts or ("",) * len(self.rows)), *totals)


def shown(cell: Cell) -> str:
    """A cell for people: thousands are separated.

    >>> shown(61706)
    '61,706'
    """
    return NOT_APPLICABLE if cell is None or cell == "" else separated(cell)


def raw(cell: Cell) -> str:
    """A cell for programs.

    >>> raw(61706)
    '61706'
    """
    return NOT_APPLICABLE if cell is None or cell == "" else str(cell)


def side_label(guide: str) -> str:
    """What is said before the name of a layer with this guide: that a side head begins."""
    return SIDE_LABEL if SIDE_FIRST in guide or SIDE_ONLY in guide else ""


def printable(text: str) -> str:
    """The text without characters that would steer a terminal, or break a line."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
