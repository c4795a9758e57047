"""The shipped networks: how they are found, and what their comments say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cnncalc import library
from cnncalc.layers import ALIASES

SPECS = Path(__file__).parents[1] / "specs"


def test_there_are_networks() -> None:
    """Every `.cnn` file of the folder is a shipped network, and there are some."""
    names = library.names()
    assert names == tuple(sorted(path.relative_to(SPECS).with_suffix("").as_posix() for path in SPECS.rglob("*.cnn")))
    assert {"lenet5", "vgg16", "resnet50"} <= set(names)


@pytest.mark.parametrize("name", library.names())
def test_every_network_says_what_it_is(name: str) -> None:
    """Every network states its title, and where its numbers come from."""
    header = library.about(name)
    assert header["title"]
    assert header["source"]


def test_find() -> None:
    """A name finds the text of its network."""
    source = library.find("lenet5")
    assert source is not None
    assert source.text == (SPECS / "lenet5.cnn").read_text(encoding="utf-8")
    assert source.name == library._file("lenet5")


@pytest.mark.parametrize(
    "name", ["", "vgg61", "lenet5.cnn", "../specs/lenet5", "/lenet5", "lenet5/", "./lenet5", "a/../lenet5", "x y"]
)
def test_what_is_no_name(name: str) -> None:
    """Another word is no network, and no name leads out of the folder."""
    assert library.find(name) is None


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("resnet50", "resnet50"),
        ("ResNet-50", "resnet50"),
        ("vgg-16", "vgg16"),
        ("efficientnetb0", "efficientnet_b0"),
        ("mobilenetv2", "mobilenet_v2"),
        ("keras/ResNet50V2", "keras/resnet50_v2"),
        ("SqueezeNet1.1", "squeezenet1_1"),
        ("RegNetX-1.6GF", "regnet_x_1_6gf"),
        ("RegNetX-16GF", "regnet_x_16gf"),
        ("resnet", "resnet"),
        ("vgg61", None),
        ("../specs/vgg-16", None),
        ("-", None),
        ("", None),
    ],
)
def test_named(word: str, name: str | None) -> None:
    """A network is found however people write its name."""
    assert library.named(word) == name


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("SSD", ["ssd300"]),
        ("dcgan", ["dcgan_discriminator", "dcgan_generator"]),
        ("senet", ["senet154"]),
        ("ResNet152V2", ["keras/resnet152_v2"]),
        ("deeplab", ["deeplabv3_resnet50"]),
        ("con", []),
        ("-", []),
    ],
)
def test_beginning_with(word: str, names: list[str]) -> None:
    """A word that more is needed of finds whole words only, and looks into folders."""
    assert library.beginning_with(word) == names


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("inception_v1", ["googlenet"]),
        ("Network-in-Network", ["nin", "nin_cifar10"]),
        ("r3d_18", ["resnet3d_18"]),
        ("con", []),
        ("", []),
        ("vgg17", []),
    ],
)
def test_titled(word: str, names: list[str]) -> None:
    """Networks that are known under other names have these in their titles."""
    assert library.titled(word) == names


def test_no_two_names_are_written_alike() -> None:
    """Every network is found under its own name alone, and none hides a kind of layer."""
    plain = [library.plain(name) for name in library.names()]
    assert len(set(plain)) == len(plain)
    assert not {library.plain(alias) for alias in ALIASES} & set(plain)


def test_about() -> None:
    """The comments at the top are keys and values; what is no `key: value`, and what follows, is not read."""
    header = library.about("lenet5")
    assert header["title"] == "LeNet-5 (modern)"
    assert header["year"] == "1998"
    assert not any("Three things" in key for key in header)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package in another folder, where nothing is remembered."""
    package = tmp_path / "site" / "cnncalc"
    package.mkdir(parents=True)
    monkeypatch.setattr(library, "__file__", str(package / "library.py"))
    for function in (library.folder, library.names, library.read):
        function.cache_clear()
    yield package
    for function in (library.folder, library.names, library.read):
        function.cache_clear()


def test_the_folder_of_an_installed_package(elsewhere: Path) -> None:
    """An installed package has its networks inside; subfolders are part of the name."""
    (elsewhere / "specs" / "keras").mkdir(parents=True)
    shutil.copy(SPECS / "lenet5.cnn", elsewhere / "specs" / "keras" / "small.cnn")
    (elsewhere / "specs" / "net.cnn").write_text("# title: A\n# no key\nrelu\n# year: 1\n", encoding="utf-8")
    (elsewhere / "specs" / "README").touch()
    assert library.folder() == str(elsewhere / "specs")
    assert library.names() == ("keras/small", "net")
    assert library.find("keras/small") is not None
    assert library.about("net") == {"title": "A"}


def test_a_network_of_comments_alone(elsewhere: Path) -> None:
    """Where a file ends in its comments they are read to the end."""
    (elsewhere / "specs").mkdir()
    (elsewhere / "specs" / "net.cnn").write_text("# title: A: B\n#year:1", encoding="utf-8")
    assert library.about("net") == {"title": "A: B", "year": "1"}


def test_the_folder_of_a_checkout(elsewhere: Path) -> None:
    """In a checkout the networks stand beside the package's folder."""
    assert library.folder() == str(elsewhere.parents[1] / "specs")
    assert library.names() == ()
