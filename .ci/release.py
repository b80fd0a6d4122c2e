"""Tag the version of pyproject.toml, or say what is stale; `--check` tags nothing."""

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROSE = ("README.md", "docs/findings.md")


def version() -> str:
    """Return the version of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def stale_git() -> list[str]:
    """Changes that are not committed, and a tag that is there already."""
    changed = _output("git", "status", "--porcelain", "--untracked-files=no")
    told = [f"{len(changed.splitlines())} files have changes that are not committed."] if changed else []
    tag = f"v{version()}"
    return told + ([f"The tag {tag} is there already."] if _output("git", "tag", "--list", tag) else [])


def stale_texts(root: Path = ROOT) -> list[str]:
    """A changelog whose newest entry has no date or is of another version, and a citation of another version."""
    told = []
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(line for line in changelog.splitlines() if line.startswith("## "))
    if not newest.startswith(f"## {version()} - 2"):
        told.append(f"CHANGELOG.md begins with {newest!r}; expected '## {version()} - YYYY-MM-DD'.")
    if f"\nversion: {version()}\n" not in (root / "CITATION.cff").read_text(encoding="utf-8"):
        told.append(f"CITATION.cff is not of version {version()}.")
    return told


def stale_rows(folder: Path = ROOT / "leaderboards") -> list[str]:
    """Units of the release suite that have no rows of the present versions on the boards."""
    import pandas as pd

    from usbench import registry
    from usbench.bench.plan import make_plan
    from usbench.bench.suites import suite

    methods = [plugin.name for plugin in registry.plugins("methods") if not plugin.broken and not plugin.left_out]
    metrics = [name for name, metric in registry.working("metrics").items() if metric.by_default]
    datasets, _ = suite("release")
    file = folder / "rows.parquet"
    there = set(pd.read_parquet(file, columns=["key"])["key"]) if file.is_file() else set()
    missing = [unit for unit in make_plan(methods, datasets, metrics) if unit.key not in there]
    names = ", ".join(dict.fromkeys(unit.method for unit in missing[:40]))
    return [f"The boards lack {len(missing)} units of the present versions, of {names[:200]}."] if missing else []


def stale_tables(folder: Path = ROOT / "leaderboards") -> list[str]:
    """Boards and prose that are not what the rows give."""
    told = []
    with tempfile.TemporaryDirectory() as made:
        command = ["usbench", "tables", "--results", str(folder), "--out", made]
        if subprocess.run(command, cwd=ROOT, capture_output=True).returncode:
            return [f"`{' '.join(command)}` fails."]
        for file in sorted(Path(made).iterdir()):
            kept = folder / file.name
            if file.suffix in (".md", ".csv") and (not kept.is_file() or kept.read_bytes() != file.read_bytes()):
                told.append(f"leaderboards/{file.name} is not what its rows give: `usbench tables`.")
        for name in PROSE:
            copy = Path(made) / Path(name).name
            copy.write_bytes((ROOT / name).read_bytes())
            subprocess.run(["usbench", "tables", "--results", str(folder), "--fill", str(copy)], capture_output=True)
            if copy.read_bytes() != (ROOT / name).read_bytes():
                told.append(f"The numbers of {name} are not those of the rows: `usbench tables --fill {name}`.")
            if "There are no rows of this version yet" in copy.read_text(encoding="utf-8"):
                told.append(f"{name} has places that no rows fill.")
    return told


def stale_canaries() -> list[str]:
    """Outputs that changed without a new version."""
    return _failing("pytest", "-q", "tests/every/test_canaries.py")


def stale_pictures(folder: Path = ROOT / "docs" / "assets") -> list[str]:
    """Pictures of the documentation that the present simulators and weights would draw otherwise."""
    import imageio.v3 as iio
    import numpy as np

    recipe, told = ROOT / "docs" / "recipes" / "pictures.py", []
    with tempfile.TemporaryDirectory() as made:
        subprocess.run([sys.executable, recipe, made], check=True)
        for file in sorted(Path(made).iterdir()):
            drawn, kept = (iio.imread(path).astype(float) for path in (file, folder / file.name))
            if drawn.shape != kept.shape or np.abs(drawn - kept).mean() > 1:  # fonts may differ a little
                told.append(f"docs/assets/{file.name} is not what {recipe.name} draws now.")
    return told


def stale_docs() -> list[str]:
    """Warnings of the documentation's build."""
    with tempfile.TemporaryDirectory() as folder:
        return _failing("mkdocs", "build", "--strict", "--quiet", "-d", folder)


def wrong_numbers() -> list[str]:
    """Numbers of the boards that another implementation of the metrics does not find."""
    return _failing(sys.executable, ".ci/recompute.py")


CHECKS: tuple[Callable[[], list[str]], ...] = (
    stale_git,
    stale_texts,
    stale_rows,
    stale_tables,
    stale_canaries,
    stale_pictures,
    stale_docs,
    wrong_numbers,
)


def main(arguments: list[str]) -> int:
    """Print what is stale; tag if nothing is."""
    told = [sentence for check in CHECKS for sentence in check()]
    print("\n".join(told) or f"Version {version()} is ready.")
    if told:
        return 1
    if "--check" not in arguments:
        subprocess.run(["git", "tag", "-a", f"v{version()}", "-m", f"usbench {version()}"], cwd=ROOT, check=True)
    return 0


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _failing(*command: str) -> list[str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return [f"`{' '.join(command)}` fails."] if done.returncode else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
