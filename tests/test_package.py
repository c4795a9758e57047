"""What people install is whole."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cnncalc import library

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_holds_the_networks_and_works_outside_of_the_tree(tmp_path: Path) -> None:
    """A wheel built from the tree, unpacked elsewhere, knows the same networks as the tree."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "import cnncalc; from cnncalc import library; print(cnncalc.__file__); print(*library.names())"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    where, names = result.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert tuple(names.split()) == library.names()


def test_the_package_is_typed() -> None:
    """Type checkers are told that the package has types."""
    assert (ROOT / "src" / "cnncalc" / "py.typed").exists()
