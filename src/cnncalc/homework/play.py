"""A quiz played: questions are asked one by one, wrong answers are named, and the working is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from cnncalc.homework.answers import WRONG
from cnncalc.homework.asked import chosen
from cnncalc.homework.formats import text
from cnncalc.homework.formats.document import Block, choices, stem
from cnncalc.prose import with_separators
from cnncalc.spec.source import SpecError

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Item, Part

# So often an answer may be given before the right one is told.
TRIES: Final = 3
HINT: Final = ("", "?", "hint")
SKIP: Final = ("skip", "-")
PROMPT: Final = "> "
INTRODUCTION: Final = (
    f"Type your answer, in at most {TRIES} tries; `?` for a hint, `{SKIP[0]}` for the answer. Ctrl-D ends the quiz."
)


class Score(NamedTuple):
    """How many answers were right, of those that were asked for, and how many of them at once.

    `interrupted` says whether the player went before the end by Ctrl-C.
    """

    right: int
    at_once: int
    asked: int
    interrupted: bool = False

    def __str__(self) -> str:
        """As a sentence."""
        return f"{self.right} of {self.asked} right, {self.at_once} at the first try."


class Terminal(NamedTuple):
    """Where the quiz is played: `ask` gives what is typed behind a prompt, `say` prints, and lines have a `width`."""

    ask: Callable[[str], str]
    say: Callable[[str], None]
    width: int = text.WIDTH

    def show(self, *blocks: Block) -> None:
        """Print pieces of a document, with an empty line behind them."""
        self.say(f"{''.join(text.drawn(block, self.width) for block in blocks).strip(chr(10))}\n\n")

    def tell(self, *lines: str) -> None:
        """Print sentences, each on lines of its own."""
        self.say(text.drawn(Block("lines", rows=tuple((line,) for line in lines)), self.width))


def play(items: Sequence[Item], terminal: Terminal) -> Score:
    """Ask everything. An EOFError or a KeyboardInterrupt of the terminal ends the quiz."""
    right = at_once = asked = 0
    terminal.say(text.drawn(Block("heading", INTRODUCTION), terminal.width).lstrip("\n"))
    interrupted = False
    try:
        for number, item in enumerate(items, start=1):
            topic = f" ({item.topic}, level {item.level})" if item.topic else f" ({item.id})"
            terminal.say(f"\n{number} of {len(items)}{topic}\n\n")
            terminal.show(*stem(item))
            for part in item.parts:
                tries = _ask_part(item, part, terminal)
                asked += 1
                right += tries > 0
                at_once += tries == 1
    except EOFError:
        terminal.say("\n")
    except KeyboardInterrupt:
        interrupted = True
        terminal.say("\n")
    score = Score(right, at_once, asked, interrupted)
    terminal.say(f"\n{score}\n")
    return score


def _ask_part(item: Item, part: Part, terminal: Terminal) -> int:
    """At which try the answer was right; 0 if it never was."""
    label = f"{part.label} " if part.label else ""
    if part.choices:
        terminal.show(choices(part))
    tries = 0
    while tries < TRIES:
        given = terminal.ask(f"{label}{PROMPT}").strip()
        if given.lower() in HINT:
            terminal.tell(*(part.hint or ("nothing is to be computed here: think of what the layer learns",)))
            continue
        if given.lower() in SKIP:
            break
        try:
            verdict = _verdict(item, part, given)
        except SpecError as error:
            hint = f"{error.hint[:1].upper()}{error.hint[1:]}."
            terminal.tell(f"That could not be read: {error.message}.", *([hint] if error.hint else []))
            continue
        if verdict is None:
            terminal.say(f"Right: {with_separators(part.answer)}.\n")
            return tries + 1
        tries += 1
        if tries < TRIES:  # the right calculation stands behind the last semicolon, and is for the end
            verdict = [f"{line.rpartition('; ')[0] or line.rstrip('.')}." for line in verdict]
        terminal.tell(*verdict)
    terminal.tell(f"The answer is {with_separators(part.answer)}.", *part.solution)
    return 0


def _verdict(item: Item, part: Part, given: str) -> Sequence[str] | None:
    """What is wrong with an answer; None if it is right. Raises `SpecError` if it cannot be read."""
    answer = item.judge(part, chosen(given, part.choices))
    if answer.verdict != WRONG:
        return None
    return [mistake.text for mistake in answer.mistakes] or ["That is wrong, and no known mistake leads to it."]
