"""What a kind of layer is: a frozen class whose fields are its arguments in a spec.

A kind states only what is particular to it. Everything else (how its arguments are read and printed, its
help, its parameter count, its receptive field) is derived from that, here and in the modules that ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Literal,
    NamedTuple,
    NoReturn,
    TypeAlias,
    TypeVar,
    dataclass_transform,
)

from cnncalc.algebra import Number, product
from cnncalc.layers.arguments import Arg, Flag, Type, spread
from cnncalc.prose import counted
from cnncalc.shapes import RANK_NAMES, SAME_PLACE, Field, Geometry, Shape, join, union

if TYPE_CHECKING:
    from cnncalc.forward.tensor import Tensor, Weights


class LayerError(ValueError):
    """A layer that does not work on its input: the bare fact, and the argument to point at."""

    def __init__(self, message: str, *, at: str = "", hint: str = "") -> None:
        """`at` is the name of the argument to blame; without it, the whole layer is."""
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint


class Array(NamedTuple):
    """A learnt (or counted) array of a layer, with its dimensions: spatial axes first, the output's channels last.

    `weight`s multiply, `bias`es are added, a `statistic` is kept but not learnt.
    `axes` names the dimensions (`*` are the spatial ones), and `keras` and `torch` say in which order they
    stand there: "o i *". Dimensions that are one axis there stand in parentheses. Without `keras` it is the
    same order; without `torch` an array of several axes has no form there.
    """

    name: str
    dims: tuple[Number, ...]
    role: Literal["weight", "bias", "statistic"] = "weight"
    trainable: bool = True
    axes: str = ""
    keras: str = ""
    torch: str = ""

    @property
    def size(self) -> Number:
        """The number of values."""
        return product(self.dims)


# The numbers whose product (or sum of products) is a layer's multiply-accumulates.
Factors: TypeAlias = tuple[tuple[Number, ...], ...]

REQUIRED: Final = object()
KINDS: Final[dict[str, type[Layer]]] = {}
ALIASES: Final[dict[str, str]] = {}
_T = TypeVar("_T", bound="type[Layer]")


def arg(
    doc: str,
    type: Type,  # noqa: A002  the word that a reader of a field expects
    default: Any = REQUIRED,
    *,
    positional: bool = False,
    short: str = "",
    words: Mapping[str, Any] | None = None,
    always: bool = False,
    assumed: Any = None,
) -> Any:
    """A field of a kind: an argument of the spec language.

    `default` may be computed from the layer's earlier arguments (a pool's stride is its window).
    `positional` ones may stand without a key, in the order of the class; `short` is the letter that a number
    may stick to; `words` set the field by themselves (`nobias`); `always` prints it even at its default.
    `assumed` is taken, with a note, where the value in its place can only be meant for the next argument.
    """
    return Arg("", doc, type, default, default is REQUIRED, positional, short, words or {}, always, assumed)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(arg,))
def layer(*names: str, keras: str | None, torch: str | None, ranked: bool = False) -> Callable[[_T], _T]:
    """Make a class a kind of layer, called by the first of `names`, with the others as aliases.

    `keras` and `torch` are the kind's classes there (`{rank}` is filled in), None where there is none;
    `ranked` kinds exist also with their rank said: `conv2d`.
    """

    def register(cls: _T) -> _T:
        partial_kind(cls)
        cls.kind, cls.keras, cls.torch, cls.ranked = names[0], keras, torch, ranked
        cls.aliases = names[1:]
        KINDS[names[0]] = cls
        for name in names:
            for suffix in ("", "1d", "2d", "3d") if ranked else ("",):
                ALIASES[name + suffix] = names[0]
        return cls

    return register


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(arg,))
def partial_kind(cls: _T) -> _T:
    """Make the `arg`s of a class its fields, before those of its bases."""
    own = [value._replace(name=name) for name, value in vars(cls).items() if isinstance(value, Arg)]
    arguments = {argument.name: argument for argument in own}
    for base in cls.__bases__:
        for argument in getattr(base, "arguments", ()):
            arguments.setdefault(argument.name, argument)
    cls.arguments = tuple(sorted(arguments.values(), key=_printing_order))
    for argument in own:
        if argument.required:
            delattr(cls, argument.name)
        else:
            setattr(cls, argument.name, None if callable(argument.default) else argument.default)
    return cls


def _printing_order(argument: Arg) -> tuple[bool, bool, bool]:
    """Positional arguments first, then those that are always printed, then those with a letter."""
    return not argument.positional, not argument.always, not argument.short


class Layer:
    """A layer: immutable, compared by its arguments.

    The methods take the shapes of what flows in, and raise `LayerError` if the layer does not work on them.
    """

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]]
    keras: ClassVar[str | None]
    torch: ClassVar[str | None]
    ranked: ClassVar[bool] = False
    arguments: ClassVar[tuple[Arg, ...]] = ()
    # Whether the kind merges branches.
    merges: ClassVar[bool] = False
    # Whether a value of the output may come from several channels of the input.
    mixes: ClassVar[bool] = True
    # The class of PyTorch that counting tools see, where it is not `torch`; "Tensor": a method of tensors.
    counted_as: ClassVar[str | None] = None
    # The ranks that it works on: 0 a vector, 1 a sequence, 2 an image, 3 a volume.
    ranks: ClassVar[tuple[int, ...]] = (0, 1, 2, 3)

    # The rank that the spec insisted on, `conv2d`.
    rank: int | None
    _values: tuple[Any, ...]
    _hash: int

    def __init__(self, *, rank: int | None = None, **values: Any) -> None:
        """Take every argument by its name; what is left out has its default."""
        own = self.__dict__
        for argument in self.arguments:
            if argument.name in values:
                own[argument.name] = values.pop(argument.name)
            elif argument.required:
                raise TypeError(f"{self.kind} needs {argument.name}")
            else:
                own[argument.name] = argument.default_of(self)
        if values:
            raise TypeError(f"{self.kind} has no {', '.join(values)}")
        own["_values"] = tuple(own.values())
        own["rank"] = rank
        own["_hash"] = hash((self.kind, rank, own["_values"]))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a layer is immutable."""
        raise AttributeError(f"a layer is immutable; {name} stays as it is")

    def __eq__(self, other: object) -> bool:
        """The same kind with the same arguments."""
        return type(self) is type(other) and self._values == other._values and self.rank == other.rank

    def __hash__(self) -> int:
        """Made once: layers are the keys of every table."""
        return self._hash

    def __repr__(self) -> str:
        """As it is written in a spec."""
        return f"<{self.text(self.rank or 2)}>"

    @property
    def name(self) -> str:
        """The kind as it was written: `conv`, `conv2d`."""
        return self.kind if self.rank is None else f"{self.kind}{self.rank}d"

    def config(self, rank: int) -> str:
        """The arguments as they are written in a spec, with the defaults that were assumed."""
        shown = (argument.show(self, rank) for argument in self.arguments)
        return " ".join(text for text in shown if text)

    def text(self, rank: int) -> str:
        """The layer as a statement of the spec language."""
        return f"{self.name} {self.config(rank)}".rstrip()

    def changed(self, **arguments: Any) -> Layer:
        """The same layer with other arguments."""
        own = {argument.name: getattr(self, argument.name) for argument in self.arguments}
        return type(self)(rank=self.rank, **own | arguments)

    # What a kind answers.

    def check(self, *inputs: Shape) -> None:
        """Raise `LayerError` if the layer does not work on such inputs."""
        if self.rank is not None and inputs[0].rank != self.rank:
            raise LayerError(f"`{self.name}` needs {_a(self.rank)}, but gets {inputs[0].described()}")
        if inputs[0].rank not in self.ranks:
            *others, last = [_a(rank) for rank in self.ranks]
            needs = f"{', '.join(others)} or {last}" if others else last
            raise LayerError(f"`{self.name}` needs {needs}, but gets {inputs[0].described()}")

    def geometry(self, shape: Shape) -> tuple[Geometry, ...]:
        """How the output reads the input along each spatial axis."""
        return (SAME_PLACE,) * shape.rank

    def output(self, *inputs: Shape) -> Shape:
        """The shape of the output."""
        (shape,) = inputs
        windows = self.geometry(shape)
        return Shape(
            tuple(window.output(extent) for window, extent in zip(windows, shape.extents, strict=True)),
            self.channels(shape),
        )

    def channels(self, shape: Shape) -> Number:
        """The channels of the output."""
        return shape.channels

    def arrays(self, shape: Shape) -> tuple[Array, ...]:  # noqa: ARG002
        """The layer's learnt arrays."""
        return ()

    def macs(self, shape: Shape, output: Shape) -> Factors:  # noqa: ARG002
        """The products that are summed for one example: the numbers to multiply (for each part of the layer)."""
        return ()

    def fields(self, fields: Sequence[tuple[Field, ...]], inputs: Sequence[Shape], output: Shape) -> tuple[Field, ...]:
        """The receptive fields, one for each axis of the image, from those of the inputs."""
        (read,), (shape,) = fields, inputs
        windows = self.geometry(shape)
        if all(window == SAME_PLACE for window in windows):
            return tuple(field.mixed(shape.rank) for field in read) if self.mixes else read
        through = []
        for field in read:
            axis = field.along or 0
            positions = output.extents[axis] if output.extents else 1
            through.append(field.through(windows[axis], positions) if windows else field)
        return tuple(through)

    def forward(self, *inputs: Tensor, weights: Weights) -> Tensor:
        """What the layer computes, by the definition, in any numbers that add, multiply and compare."""
        raise NotImplementedError

    def renames(self, shape: Shape) -> bool:  # noqa: ARG002
        """Whether it only gives its input's values other names or places, and so puts out none of its own."""
        return False

    def ordinary(self, shape: Shape) -> Layer | None:  # noqa: ARG002
        """The ordinary layer with the same output, where this one does with fewer weights; None where it does not."""
        return None

    def fit(self, value: tuple[Any, ...], shape: Shape, name: str) -> tuple[Any, ...]:
        """One value for each spatial axis of the input. Raises `LayerError` if there are more or fewer."""
        if len(value) not in {1, shape.rank}:
            size = join(value) if not isinstance(value[0], tuple) else f"for {len(value)} axes"
            raise LayerError(f"{name} {size} has {len(value)} axes, but the input is {shape.described()}", at=name)
        return spread(value, shape.rank)


def _a(rank: int) -> str:
    name = RANK_NAMES[rank]
    return f"{'an' if name == 'image' else 'a'} {name}"


@partial_kind
class Learnt(Layer):
    """A layer with parameters, which may be frozen (transfer learning)."""

    frozen: bool = arg("its parameters are not trained", Flag(), default=False, words={"frozen": True})

    def learnt(self, shape: Shape) -> tuple[Array, ...]:
        """The arrays as they are where nothing is frozen."""
        raise NotImplementedError

    def arrays(self, shape: Shape) -> tuple[Array, ...]:
        """The layer's learnt arrays."""
        arrays = self.learnt(shape)
        return tuple(array._replace(trainable=False) for array in arrays) if self.frozen else arrays


def check_groups(groups: Number, number: Number, what: str) -> None:
    """Raise `LayerError` unless the groups divide a number of channels, or of whatever it is."""
    if number % groups > 0:
        raise LayerError(f"{counted(groups, 'group')} do not divide {counted(number, what)}", at="groups")


def merged(fields: Sequence[tuple[Field, ...]], output: Shape) -> tuple[Field, ...]:
    """The receptive fields of a merge, axis by axis of the image."""
    return tuple(union(branches, output.extents or (1,)) for branches in zip(*fields, strict=True))
