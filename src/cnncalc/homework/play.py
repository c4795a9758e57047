"""A quiz played: questions are asked one by one, wrong answers are named, and the working is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from cnncalc.homework.answers import WRONG
from cnncalc.homework.formats import text
from cnncalc.homework.formats.document import Block, lettered, stem
from cnncalc.spec.source import SpecError

if TYPE_CHECKING:
    from cnncalc.homework.quiz import Item, Part

# So often an answer may be given before the right one is told.
TRIES: Final = 3
HINT: Final = ("", "?", "hint")
SKIP: Final = ("skip", "-")
PROMPT: Final = "> "


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


def play(items: Sequence[Item], ask: Callable[[str], str], say: Callable[[str], None]) -> Score:
    """Ask everything. `ask` gets a prompt and gives what was typed; its EOFError or KeyboardInterrupt ends the quiz."""
    right = at_once = asked = 0
    say(f"Type your answer; `?` for a hint, `{SKIP[0]}` for the answer. Ctrl-D ends the quiz.\n")
    interrupted = False
    try:
        for number, item in enumerate(items, start=1):
            topic = f" ({item.topic}, level {item.level})" if item.topic else f" ({item.id})"
            say(f"\n{number} of {len(items)}{topic}\n\n{''.join(map(text.drawn, stem(item))).rstrip()}\n\n")
            for part in item.parts:
                tries = _ask_part(item, part, ask, say)
                asked += 1
                right += tries > 0
                at_once += tries == 1
    except EOFError:
        say("\n")
    except KeyboardInterrupt:
        interrupted = True
        say("\n")
    score = Score(right, at_once, asked, interrupted)
    say(f"\n{score}\n")
    return score


def _ask_part(item: Item, part: Part, ask: Callable[[str], str], say: Callable[[str], None]) -> int:
    """At which try the answer was right; 0 if it never was."""
    label = f"{part.label} " if part.label else ""
    if part.choices:
        rows = tuple((lettered(place), choice) for place, choice in enumerate(part.choices))
        say(f"{text.drawn(Block('choices', rows=rows)).removeprefix(chr(10))}\n")
    tries = 0
    while tries < TRIES:
        given = ask(f"{label}{PROMPT}").strip()
        if given.lower() in HINT:
            say(_lines(part.hint or ("nothing is to be computed here: think of what the layer learns",)))
            continue
        if given.lower() in SKIP:
            break
        try:
            verdict = _verdict(item, part, given)
        except SpecError as error:
            say(_lines([f"That could not be read: {error.message}.", *([f"{error.hint}."] if error.hint else [])]))
            continue
        if verdict is None:
            say(f"Right: {part.answer}.\n")
            return tries + 1
        tries += 1
        if tries < TRIES:  # the right calculation stands behind the last semicolon, and is for the end
            verdict = [f"{line.rpartition('; ')[0] or line.rstrip('.')}." for line in verdict]
        say(_lines(verdict))
    say(_lines((f"The answer is {part.answer}.", *part.solution)))
    return 0


def _verdict(item: Item, part: Part, given: str) -> Sequence[str] | None:
    """What is wrong with an answer; None if it is right. Raises `SpecError` if it cannot be read."""
    choices = {lettered(place): choice for place, choice in enumerate(part.choices)}
    answer = item.judge(part, choices.get(given.lower().strip("()."), given))
    if answer.verdict != WRONG:
        return None
    return [mistake.text for mistake in answer.mistakes] or ["That is wrong, by no mistake that is known here."]


def _lines(lines: Sequence[str]) -> str:
    return "".join(text.drawn(Block("lines", rows=((line,),))) for line in lines)
