"""Methods, data sets and metrics that exit, fork, hang or return odd things cost a unit, and are in the exit code."""

import subprocess
import sys
import time

import psutil
import pytest
from program_files import program

import usbench
from usbench.bench.store import Store
from usbench.core.errors import MethodError, reason, sentence

HOSTILE = program("hostile")
REASONS = {
    "exit 0": "raised SystemExit: 0",
    "os exit 0": "took its process down",
    "interrupt": "raised KeyboardInterrupt",
    "base": "raised BaseException: base",
    "generator": "raised GeneratorExit",
    "stop": "raised StopIteration",
    "unspeakable": "raised Unspeakable, whose message cannot be read",
    "unsendable": "raised Unsendable: unsendable",
    "escape": r"ValueError: \x1b[2J|red",
    "meta": "a meta tensor",
    "sparse": "a sparse tensor",
    "quantised": "a quantised tensor",
    "complex": "a complex tensor",
    "gradient": "carries gradients",
    "nested": "a nested tensor",
    "odd": "not to be looked at",
    "stubborn": "took its process down",
    "stopped": "took its process down",
    "prepare exits": "raised SystemExit: 0",
    "prepare hangs": "took its process down",
}
HARMLESS = ("well", "forks", "leaves a child", "leaves a daemon", "keeps a thread")
IN_PROCESS = [how for how in REASONS if how not in ("os exit 0", "stubborn", "stopped", "prepare hangs")]
MARK = "864213.25"


@pytest.fixture
def hostile(tmp_path):
    file = tmp_path / "hostile.py"
    file.write_text(HOSTILE)
    return file


def left_behind() -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", MARK]]


@pytest.mark.full
@pytest.mark.parametrize("options", [[], ["--isolate", "--memory", "8"]], ids=["pool", "isolated"])
def test_each_costs_its_own_rows_and_leaves_nothing(hostile, options, tmp_path):
    """In a process of its own, so that a hang is found and the exit code is the command's."""
    methods = [f"-m{hostile}[how={how}]" for how in (*REASONS, *HARMLESS)]
    command = [sys.executable, "-m", "usbench", "run", *methods, "-d", "natural[size=32]+gamma"]
    command += ["--metric", "psnr", "--no-timing", "--workers", "2", "--limit", "2", "--time-limit", "1"]
    command += ["--results", str(tmp_path / "rows")]
    with (tmp_path / "said").open("w") as said:
        done = subprocess.run([*command, *options], stdout=said, stderr=said, timeout=500)
    text = (tmp_path / "said").read_text()
    assert done.returncode == 1, text
    assert "Internal error" not in text
    assert "usbench/" not in text.partition("Traceback")[2]
    assert "\x1b[2J" not in text
    rows = Store(tmp_path / "rows").read()
    found = rows.groupby("method")["reason"].first()
    wrong = {how: found.get(f"hostile[how={how}]") for how, why in REASONS.items()
             if why not in str(found.get(f"hostile[how={how}]"))}  # fmt: skip
    assert not wrong
    status = rows.groupby("method")["status"].agg(set)
    assert all(status[f"hostile[how={how}]"] == {"failed"} for how in REASONS)
    assert status["hostile"] == status["identity"] == {"ok"}
    assert all(status[f"hostile[how={how}]"] == {"ok"} for how in HARMLESS[1:])
    assert len(rows) == 2 * (len(REASONS) + len(HARMLESS) + 1)
    time.sleep(0.2)
    assert not left_behind()


@pytest.mark.filterwarnings("ignore::UserWarning")  # of torch, which leaves quantised tensors
@pytest.mark.parametrize("how", IN_PROCESS)
def test_in_this_process_too(hostile, how):
    frame = usbench.evaluate(
        usbench.load_method(f"{hostile}[how={how}]"),
        usbench.load_dataset("natural[size=32]+gamma", split="test"),
        [usbench.load_metric("psnr")],
    )
    assert (frame["status"] == "failed").all()
    assert frame["reason"].str.contains(REASONS[how], regex=False).all()


@pytest.mark.parametrize(
    "error", [SystemExit(0), GeneratorExit(), ValueError("no"), KeyboardInterrupt(), StopIteration()]
)
def test_a_data_set_that_raises_costs_the_sample(error):
    from dataclasses import dataclass

    from usbench.core.dataset import Dataset

    whole = usbench.load_dataset("natural[size=32]", split="test")

    @dataclass(frozen=True)
    class Raising(Dataset):
        split: str = "test"
        card = whole.card
        name = "raising"

        def ids(self):
            return whole.ids()[:3]

        def load(self, index):
            if index == 1:
                raise error
            return whole[index]

    frame = usbench.evaluate(usbench.load_method("identity"), Raising(), [usbench.load_metric("mae")])
    assert frame["status"].tolist() == ["ok", "failed", "ok"]
    assert type(error).__name__ in frame["reason"][1]


@pytest.mark.parametrize("error", [SystemExit(0), GeneratorExit(), KeyboardInterrupt()])
def test_a_metric_that_raises_costs_the_value(error, monkeypatch):

    def measure(*_):
        raise error

    metric = usbench.load_metric("psnr")
    monkeypatch.setattr(type(metric), "__call__", measure)
    frame = usbench.evaluate(
        usbench.load_method("identity"),
        usbench.load_dataset("natural[size=32]+gamma", split="test"),
        [metric],
    )
    assert frame["status"].tolist() == ["ok"] * len(frame)
    assert type(error).__name__ in frame["failures"][0]


def test_a_metric_that_hangs_costs_its_value_and_those_of_the_metrics_after_it(monkeypatch):
    from usbench.evaluation.evaluate import _measure

    metrics = [usbench.load_metric(name) for name in ("mae", "psnr", "ssim")]
    sample = usbench.load_dataset("natural[size=32]+gamma", split="test")[0]
    measure = type(metrics[0]).__call__
    slow = lambda self, *given: time.sleep(1e6) if self.name == "psnr" else measure(self, *given)  # noqa: E731
    monkeypatch.setattr(type(metrics[0]), "__call__", slow)
    monkeypatch.setattr("usbench.evaluation.evaluate.LOADING_SECONDS", 2.0)
    row = _measure(sample.image, sample, metrics)
    assert row["mae"] > 0
    assert not {"psnr", "ssim"} & row.keys()
    assert row["failures"].count("exceeded the time limit of 2 s") == 2


@pytest.mark.parametrize("statement", ["sys.exit(0)", "raise GeneratorExit"])
def test_a_file_that_exits_on_import_is_no_success(statement, tmp_path, capsys):
    from usbench.cli.app import run_command

    (tmp_path / "leaving.py").write_text(f"import sys\n{statement}\n")
    assert run_command(["run", "-m", str(tmp_path / "leaving.py"), "-d", "shapes+rayleigh"]) == 1
    assert "cannot be loaded" in capsys.readouterr().err


def test_sentences_of_exceptions_that_cannot_be_read_or_shown():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    class Odd(MethodError):
        def __str__(self):
            raise SystemExit(0)

    assert sentence(Mute()) == "Mute, whose message cannot be read: it raised RuntimeError."
    assert reason(Odd("x")).startswith("Odd, whose message cannot be read")
    assert reason(MethodError("\x1b[31mred\u202e")) == r"\x1b[31mred\u202e"
    assert len(sentence(ValueError("x" * 10_000))) < 600


LATE = program("late")


@pytest.mark.full
def test_a_process_that_dies_between_tasks_costs_no_rows(tmp_path):
    """Nothing runs then, which pebble takes for the end of the whole pool."""
    (tmp_path / "late.py").write_text(LATE)
    command = [
        sys.executable,
        "-m",
        "usbench",
        "run",
        "-d",
        "natural[size=32]+gamma",
        "--metric",
        "psnr",
        "--no-timing",
    ]
    command += [f"-m{tmp_path / 'late.py'}[seconds={seconds}]" for seconds in (0.0, 0.05, 0.2, 0.5)]
    command += ["--workers", "1", "--limit", "1", "--results", str(tmp_path / "rows")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert "Internal error" not in done.stderr
    assert len(Store(tmp_path / "rows").read()) == 5
