#!/usr/bin/env -S uv run --script
# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""Tasks: `nox -l` lists them, `nox` runs lint and test. They run in the environment that nox is started from."""

import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "none"
OLDEST, NEWER = "3.11", ("3.12", "3.13", "3.14")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types, layers, spelling, declared dependencies, and the checks of sp-repo-review."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("pytest", "-n0", "-q", "tests/test_architecture.py", "-k", "contracts_are_kept")
    session.run("typos")
    session.run("rumdl", "check")
    session.run("deptry", ".")
    session.run("repo-review", ".")


@nox.session
def test(session: nox.Session) -> None:
    """The quick tests; arguments after `--` go to pytest."""
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def full(session: nox.Session) -> None:
    """The quick tests, and then those that they leave out."""
    session.run("pytest", *session.posargs)
    session.run("pytest", "-m", "full and not slow", *session.posargs)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """The documentation in site/; a warning is an error. `nox -s docs -- serve` shows it while you write."""
    session.run("mkdocs", *(session.posargs or ("build", "--strict")))


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Ratios of speed within one run, alone on the machine; `pip install -e '.[bench]'` brings all rivals."""
    session.run("pytest", "tests/benchmarks", "--benchmark-only", "-n0", "-m", "", *session.posargs)


@nox.session(default=False)
def canaries(session: nox.Session) -> None:
    """Tell whose output changed without a new version; `nox -s canaries -- NAME` writes a new fingerprint."""
    chosen = ("-k", " or ".join(session.posargs)) if session.posargs else ()
    if session.posargs:
        session.run("python", "tests/every/canaries.py", "--write", *session.posargs)
    session.run("pytest", "tests/every/test_canaries.py", *chosen)


@nox.session(default=False)
def boards(session: nox.Session) -> None:
    """Tune, run and time all methods, and write boards, pictures and prose; days. `-- --help` tells its parts."""
    session.run("python", ".ci/boards.py", *session.posargs)


@nox.session(default=False)
def weights(session: nox.Session) -> None:
    """Train the networks beside gan-d and gan-s again, and ship them; a day of two cores. `-- --data FOLDER`."""
    session.run("python", ".ci/weights.py", *session.posargs)


@nox.session(default=False)
def lowest(session: nox.Session) -> None:
    """The quick tests with the oldest Python and the oldest versions allowed, and with every newer Python here."""
    if shutil.which("uv") is None:
        session.error("uv is not here: pip install uv")
    for python in (OLDEST, *NEWER):
        if not _has(python):
            session.warn(f"There is no Python {python} on the PATH that starts: not tried")
            continue
        environment = Path(session.create_tmp()) / python
        session.run("uv", "venv", "--quiet", "--clear", "--seed", "--python", python, str(environment), external=True)
        resolution = "lowest-direct" if python == OLDEST else "highest"
        interpreter = str(environment / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        install = ("uv", "pip", "install", "--python", interpreter, "--resolution", resolution, "-e", ".[test]")
        session.run(*install, external=True)
        session.run(interpreter, "-m", "pytest", *session.posargs, external=True)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Write requirements.lock: what is there keeps its version; `nox -s lock -- --upgrade` takes the newest."""
    session.run(
        "uv", "pip", "compile", "-q", "pyproject.toml", "--extra", "test", "--generate-hashes", "--no-emit-index-url",
        "--no-annotate", "--python-version", OLDEST, "--universal", "-o", "requirements.lock", *session.posargs,
        external=True,
    )  # fmt: skip


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Tag the version of pyproject.toml, unless boards, canaries, documentation or changelog are stale."""
    session.run("python", ".ci/release.py", *session.posargs)


def _has(python: str) -> bool:
    found = subprocess.run(["uv", "python", "find", "--no-project", python], capture_output=True)
    return found.returncode == 0


if __name__ == "__main__":
    nox.main()
