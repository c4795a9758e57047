"""Arguments to fields: what an option may be called, and which values it may have."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.layers import KINDS, Layer
from cnncalc.layers.arguments import Arg
from cnncalc.spec.source import SpecError


def layer(spec: str) -> Layer:
    """The last layer of a spec."""
    return cnncalc.analyze(f"input 16x16x8; {spec}").records[-1].layer


OPTIONS = [(kind, argument) for kind in KINDS.values() for argument in kind.arguments if argument.words]


@pytest.mark.parametrize(("kind", "argument"), OPTIONS, ids=[f"{kind.kind}.{arg.name}" for kind, arg in OPTIONS])
def test_a_word_sets_what_its_key_sets(kind: type[Layer], argument: Arg) -> None:
    """`nobias` is `bias=no`, `relu` is `activation=relu`; a yes or no may also be 1 or 0."""
    needed = {"filters": "8", "kernel": "3", "window": "3", "units": "8", "cells": "1", "groups": "2", "size": "8"}
    given = " ".join(needed.get(slot.name, "2") for slot in kind.arguments if slot.required)
    shape = "9x8" if kind.ranks[-1] else "8"
    for word, value in argument.words.items():
        written = {True: "yes", False: "no"}.get(value, value)
        by_word, by_key, by_number = (
            cnncalc.analyze(f"input {shape if kind.kind != 'dense' else 8}; {kind.kind} {given} {option}")
            .records[0]
            .layer
            for option in (
                word,
                f"{argument.name}={written}",
                f"{argument.name}={int(value) if value in {0, 1} else written}",
            )
        )
        assert getattr(by_word, argument.name) == value
        assert by_word == by_key == by_number


@pytest.mark.parametrize(
    ("spec", "message", "at", "hint"),
    [
        ("conv 8 3x3 5", "`conv` has no place for `5`", "5", "`conv` takes filters, kernel, stride, padding, "),
        ("conv 8 3x3 foo", "`conv` has no option `foo`", "foo", "`conv` takes filters, "),
        ("conv foo 3x3", "`conv` has no option `foo`", "foo", "`conv` takes filters, "),
        ("conv 8 3x3 foo=1", "`conv` has no option `foo`", "foo=1", "`conv` takes filters, "),
        ("conv 8 3x3 strides=1", "`conv` has no option `strides`", "strides=1", "did you mean `stride`?"),
        ("conv 8 3x3 nobais", "`conv` has no option `nobais`", "nobais", "did you mean `nobias`?"),
        ("conv 8 3x3 m2", "`conv` has no option `m2`", "m2", "`conv` takes filters, "),
        ("conv 8 3x3 m(2)", "`conv` has no option `m(2)`", "m(2)", "`conv` takes filters, "),
        ("conv 8 3x3 filters2", "`conv` has no option `filters2`", "filters2", "did you mean `filters`?"),
        ("conv 8 foo?", "`conv` has no option `foo?`", "foo?", "`conv` takes filters, "),
        ("relu 3", "`relu` has no place for `3`", "3", "`relu` takes no arguments"),
        ("conv 8 3x3 kernel", "`kernel` needs a value", "kernel", "`kernel=...`"),
        ("conv 8 3x3 S", "`S` needs a value", "S", "`s=...`"),
        ("conv 8", "`conv` needs kernel: size of the filters", "conv 8", "`conv 8 3x3` is 8 filters of 3x3; "),
        ("maxpool", "`maxpool` needs window: size of the window", "maxpool", "`maxpool` takes window, "),
        ("conv (2*4)", "`conv` needs kernel: size of the filters", "conv (2*4)", "`conv 8 3x3` is 8 filters"),
        ("conv 2*4 3x3", "`conv` has no place for `3x3`", "3x3", "`2*4` is a size; arithmetic stands in parenth"),
        ("conv filters=2*4 kernel=3", "filters expected a number, found the size `2x4`", "filters=2*4", "a bare `2*3`"),
        ("conv 8 3x3 kernel=5", "`conv` has no place for `3x3`", "3x3", "`kernel=5` is given already"),
        ("conv 8 3x3 same p1", "padding is given twice: `same` and `p1`", "p1", ""),
        ("conv 8 3x3 s1 s1", "stride is given twice: `s1` and `s1`", "s1", ""),
        ("conv 8 3x3 s=relu", "stride expected a number, found `relu`", "s=relu", ""),
        ("conv 8 3x3 p=relu", "padding expected cells, found `relu`", "p=relu", ""),
        ("conv 8 3x3 p=foo", "unknown name `foo`", "foo", "it is one of `same`, `valid`, `full`, `causal`"),
        ("conv 8 3x3 p=vaild", "unknown name `vaild`", "vaild", "did you mean `valid`?"),
        ("conv 8 3x3 s=foo", "unknown name `foo`", "foo", ""),
        ("conv 8 3x3 bias=2", "bias expected `yes` or `no`, found `2`", "bias=2", ""),
        ("conv 8 3x3 bias=never", "unknown name `never`", "never", "it is one of `yes`, `no`"),
        ("conv 8 3x3 activation=same", "activation expected one of `relu`, ", "activation=same", ""),
        ("dropout 2", "rate must lie between 0 and 1, found 2", "2", ""),
        ("conv 8 0:1", "kernel expected a number, found `0:1`", "0:1", ""),
        ("conv 8 3x_", "kernel expected a number, found `_`", "3x_", ""),
        ("slice 3:1", "part 3:1 is empty", "3:1", ""),
        ("slice a:b c:d", "`slice` has no option `c:d`", "c:d", "`slice` takes part, "),
        ("convt 8 3x3 full", "`convt` has no option `full`", "full", ""),
        ("permute c q", "axes must be among l, d, h, w, c; found `q`", "c q", ""),
    ],
)
def test_arguments_that_a_kind_does_not_have(spec: str, message: str, at: str, hint: str) -> None:
    """The fact, the words, and what to do about it."""
    with pytest.raises(SpecError) as caught:
        layer(spec)
    assert caught.value.message.startswith(message)
    assert caught.value.span.text == at
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ("conv 8 3x3 relu", "conv 8 3x3 activation=relu"),
        ("slice axis=h", "slice axis=H"),
        ("let h = 3; slice 0:4 axis=h", "slice 0:4 axis=h"),
        ("permute c h w", "let c = 3; let h = 3; permute C H w"),
        ("prelu shared", "prelu slopes=shared"),
        ("leakyrelu 0.2", "leakyrelu slope=(1/5)"),
        ("gelu tanh", "gelu approximate=tanh"),
        ("conv 8 3x3 tanh", "let t = tanh; conv 8 3x3 activation=t"),
        ("conv 8 3x3 same", "let p = same; conv 8 3x3 p=p"),
        ("convt 8 3x3 s2 op1", "convt 8 3x3 s2 output_padding=1"),
        ("convt 8 3x3 s2 op1", "let k = 1; convt 8 3x3 s2 opk"),
        ("gn 4", "gn groups=4"),
        ("pad 1 channels=8:8", "pad cells=1 channels=8"),
        ("conv 1 3x3", "conv 3x3"),
        ("conv 1 3x5", "let k = 3x5; conv k"),
    ],
)
def test_spellings_of_options(spec: str, same: str) -> None:
    """Both set the same fields."""
    assert layer(spec) == layer(same)


def test_one_filter_is_assumed_and_said() -> None:
    """A size where the filters should stand leaves one filter, and one note for all such layers."""
    report = cnncalc.analyze("input 16x16x3; conv 3x3 s2; sepconv 3x3; conv 2 3x3")
    (note,) = [note for note in report.notes if note.code == "assumed-filters"]
    assert (note.text, note.layers) == ("the number of filters is not given: 1 is taken", ("conv1", "sepconv1"))


def test_a_statement_means_something_else_where_its_names_do() -> None:
    """The same words in a block called with other values make another layer, and the same one with the same."""
    report = cnncalc.analyze(
        """
        input 16x16x8
        def unit(n, p) { conv n 3x3 p=p sk; conv (channels) 1x1; conv channels 1x1 }
        let k = 1
        unit 4 same; unit 4 valid; unit 5 1; unit 4 same; unit (2 + 2) same
        repeat 20 { let j = channels + 1; conv j 1x1 }
        """
    )
    layers = [record.layer for record in report.records]
    assert [record.config for record in report.records[:9:3]] == ["4 3x3 s1 same", "4 3x3 s1 valid", "5 3x3 s1 p1"]
    assert layers[9] is layers[0] is layers[12]
    assert [record.output.channels for record in report.records[1:15:3]] == [4, 4, 5, 4, 4]
    assert report.records[-1].output.channels == 24


def test_a_name_that_gets_a_value_later_is_no_symbol_then() -> None:
    """`sk` is a stride of `k` only while `sk` itself has no value."""
    report = cnncalc.analyze("input 16x16x3; let k = 2; conv sk 1x1 8x1".replace(" 8x1", ""))
    assert report.records[-1].config == "1 1x1 s2 valid"
    report = cnncalc.analyze("input 16x16x3; let k = 2; repeat 2 { conv sk 1x1; let sk = 5 }")
    assert [record.config for record in report.records] == ["1 1x1 s2 valid", "5 1x1 s1 valid"]


def test_true_is_not_one() -> None:
    """`yes` and `1` are equal numbers, and yet a count cannot be `yes`."""
    with pytest.raises(SpecError, match="expected a number, found `yes`"):
        cnncalc.analyze("input 8x8x3; def unit(n) { conv n 1x1 }; unit 1; unit yes")
