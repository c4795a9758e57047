"""What a spec is made of, once it is read: statements, as they were written and with their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from cnncalc.spec.expressions import Expression, Name
from cnncalc.spec.source import Span


class Argument(NamedTuple):
    """One argument: `3x3`, `s2`, `stride=2`, `relu`.

    `key` is what stood before `=`, or the letters that a number stuck to (`stuck`): those may as well be
    a word or a name, `relu6`, which `text` keeps whole.
    """

    key: str
    value: Expression
    text: str
    span: Span
    stuck: bool = False


class AnswerText(NamedTuple):
    """One stated answer as it was written: `params 156`, or `28x28x6` (then `quantity` is empty).

    `names` are those in it that have a value where it stands: a block's parameter in `params 4*n`.
    """

    quantity: str
    value: str
    span: Span
    names: Mapping[str, Any] = {}


class LayerStatement(NamedTuple):
    """`KIND argument… [{ branch | … }] [as NAME] [-> ANSWERS]`, where KIND may be a `def`'s name."""

    kind: str
    arguments: tuple[Argument, ...]
    branches: tuple[tuple[Statement, ...], ...] | None
    name: Name | None
    answers: tuple[AnswerText, ...]
    span: Span


class InputStatement(NamedTuple):
    """`input SIZE [channels-first]`."""

    arguments: tuple[Argument, ...]
    span: Span


class Repeat(NamedTuple):
    """`repeat COUNT { … } [as NAME] [-> ANSWERS]`."""

    times: Expression
    body: tuple[Statement, ...]
    name: Name | None
    answers: tuple[AnswerText, ...]
    span: Span


class Parameter(NamedTuple):
    """One parameter of a `def`: its name and what it is if the caller leaves it out."""

    name: str
    default: Expression | None
    span: Span


class Define(NamedTuple):
    """`[shared] def NAME(parameters) { … }`: all calls of a shared block use the weights of the first."""

    name: Name
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    span: Span
    shared: bool = False


class Assign(NamedTuple):
    """`let NAME = EXPRESSION`, or `param NAME = EXPRESSION`, which the caller may override."""

    name: Name
    value: Expression
    overridable: bool
    span: Span


class Choose(NamedTuple):
    """`if CONDITION { … } else { … }`."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    span: Span


class From(NamedTuple):
    """`from NAME`."""

    name: Name
    span: Span


class Mark(NamedTuple):
    """`as NAME` on its own."""

    name: Name
    span: Span


class Aside(NamedTuple):
    """`aux { … }`."""

    body: tuple[Statement, ...]
    span: Span


class Use(NamedTuple):
    """`use NAME key=value …`."""

    name: Name
    arguments: tuple[Argument, ...]
    as_name: Name | None
    answers: tuple[AnswerText, ...]
    span: Span


class Answered(NamedTuple):
    """`-> ANSWERS` about the whole network."""

    answers: tuple[AnswerText, ...]
    span: Span


class Broken(NamedTuple):
    """A statement that could not be read: what follows it has no known shape."""

    span: Span


Statement: TypeAlias = (
    LayerStatement | InputStatement | Repeat | Define | Assign | Choose | From | Mark | Aside | Use | Answered | Broken
)
