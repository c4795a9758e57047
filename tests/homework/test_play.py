"""A quiz played at the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cnncalc.homework import quiz
from cnncalc.homework.play import Score, Terminal, play
from cnncalc.prose import with_separators


class Player:
    """Types what it was told to, and keeps what it was told."""

    def __init__(self, *typed: str | type[BaseException]) -> None:
        self.typed: Iterator[str | type[BaseException]] = iter(typed)
        self.heard = ""
        self.terminal = Terminal(self.ask, self.say)

    def ask(self, prompt: str) -> str:
        """The next thing that is typed."""
        self.heard += prompt
        one = next(self.typed)
        if isinstance(one, str):
            self.heard += f"{one}\n"
            return one
        raise one

    def say(self, text: str) -> None:
        """Listen."""
        self.heard += text


def items(topic: str, count: int = 1, choices: int = 0) -> tuple[quiz.Item, ...]:
    return quiz.make(seed="1", topics=(topic,), count=count, choices=choices)


def test_a_right_answer() -> None:
    """It is said that it is right, and counted."""
    (item,) = items("params")
    player = Player(item.parts[0].answer)
    assert play([item], player.terminal) == Score(1, 1, 1)
    assert f"Right: {with_separators(item.parts[0].answer)}." in player.heard
    assert item.text in player.heard
    assert all(what in player.heard for _, what in item.given)
    assert player.heard.endswith("1 of 1 right, 1 at the first try.\n")


def test_a_wrong_answer_is_named_and_may_be_mended() -> None:
    """The mistake is named, the right number only in the end; a right answer counts, but not as at the first try."""
    (item,) = items("params")
    (part,) = item.parts
    player = Player(part.known[0].answer, part.answer)
    assert play([item], player.terminal) == Score(1, 0, 1)
    what, _, truth = part.known[0].text.rpartition("; ")
    assert f"{what}." in player.heard
    assert truth not in player.heard
    player = Player(*[part.known[0].answer] * 3)
    assert play([item], player.terminal) == Score(0, 0, 1)
    assert part.known[0].text in " ".join(player.heard.split())


def test_after_three_wrong_answers_the_working_is_told() -> None:
    """What cannot be read costs no try, and is explained."""
    (item,) = items("params")
    player = Player("1", "dunno", "2x", "1", "1")
    assert play([item], player.terminal) == Score(0, 0, 1)
    heard = " ".join(player.heard.split())
    assert "That is wrong, and no known mistake leads to it." in heard
    assert "That could not be read: `dunno` is no answer." in heard
    assert f"The answer is {with_separators(item.parts[0].answer)}." in heard
    assert item.solution[0] in heard


def test_hints_cost_nothing_and_a_question_may_be_skipped() -> None:
    """A hint is the formula without its numbers."""
    (item,) = items("params")
    (hint, *_) = item.parts[0].hint
    player = Player("?", "", "skip")
    assert play([item], player.terminal) == Score(0, 0, 1)
    assert player.heard.count(f"\n   {hint}\n") + player.heard.count(f"> \n   {hint}") >= 2
    assert item.solution[0] in player.heard
    without = item._replace(parts=(item.parts[0]._replace(hint=()),))
    player = Player("hint", "-")
    play([without], player.terminal)
    assert "nothing is to be computed here" in player.heard


def test_choices_are_letters() -> None:
    """A letter, in either case, or the answer itself; another letter is no answer."""
    (item,) = items("output", choices=4)
    (part,) = item.parts
    letter = "abcd"[part.choices.index(part.answer)]
    for typed in (letter, letter.upper(), f"({letter})", f"{letter})", part.answer):
        player = Player(typed)
        assert play([item], player.terminal) == Score(1, 1, 1)
    assert all(f"({letter}) {choice}\n" in player.heard for letter, choice in zip("abcd", part.choices, strict=True))
    player = Player("e=", "e", "(F)", letter)
    assert play([item], player.terminal) == Score(1, 1, 1)
    assert player.heard.count("could not be read") == 3
    assert "there is no choice `f`. The choices are a, b, c, d." in " ".join(player.heard.split())


def test_lines_are_as_wide_as_the_terminal() -> None:
    """Whatever is said, also the longest layer and the longest working."""
    made = quiz.make(seed="5", topics=("dilated", "transposed", "find-error", "forward"), level=3, count=4)
    player = Player(*(["?", "1", "nonsense", "skip"] * 4))
    play(made, player.terminal._replace(width=60))
    lines = player.heard.splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.startswith(" " * 10) for line in lines)  # what a layer is goes on under itself


def test_a_table_is_asked_for_cell_by_cell() -> None:
    """Each with its label."""
    (item,) = items("table")
    player = Player(*(part.answer for part in item.parts))
    assert play([item], player.terminal) == Score(len(item.parts), len(item.parts), len(item.parts))
    assert all(f"{part.label} > {part.answer}\n" in player.heard for part in item.parts)
    player = Player("skip", EOFError)
    play([item], player.terminal)
    assert item.parts[0].solution[0] in player.heard
    assert item.parts[-1].solution[-1] not in player.heard


@pytest.mark.parametrize(("end", "interrupted"), [(EOFError, False), (KeyboardInterrupt, True)])
def test_the_player_may_go(end: type[BaseException], interrupted: bool) -> None:  # noqa: FBT001
    """The score counts what was answered."""
    made = items("params", count=3)
    player = Player(made[0].parts[0].answer, end)
    assert play(made, player.terminal) == Score(1, 1, 1, interrupted)
    assert player.heard.endswith("\n\n1 of 1 right, 1 at the first try.\n")
