"""The house rules that can be read off the files."""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = {"bot", "cogs", "docs", "tests"}
FILES = {"CHANGELOG.md", "LICENSE", "README.md", "config.example.toml", "constraints.txt", "pyproject.toml"}
LONGEST_FILE = 450


def ignored(path: Path) -> bool:
    """Tell whether .gitignore names this top-level path; hidden ones (.git, .venv, .ci) are nobody's business here."""
    patterns = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return path.name.startswith(".") or any(fnmatch(path.name, pattern.strip("/")) for pattern in patterns)


def test_nothing_else_stands_at_the_top_level():
    paths = [path for path in ROOT.iterdir() if not ignored(path)]
    assert {path.name for path in paths if path.is_dir()} - FOLDERS == set()
    assert {path.name for path in paths if path.is_file()} - FILES == set()


def test_no_file_is_long():
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for folder in ("bot", "cogs")
        for file in (ROOT / folder).rglob("*.py")
    }
    assert {file: length for file, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_module_has_a_name_that_says_nothing():
    names = {file.stem for folder in ("bot", "cogs", "tests") for file in (ROOT / folder).rglob("*.py")}
    assert names & {"utils", "util", "helpers", "helper", "misc", "manager"} == set()


def test_arrows_run_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_test_folder_is_a_package():
    """Two test files of one name in two folders collide otherwise."""
    folders = {file.parent for file in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()) == []
