"""Methods, data sets and metrics that exit, hang or return odd things cost a sample or a value."""

import json
import time

import pytest
from hostile_reasons import IN_PROCESS, REASONS
from program_files import program

import usbench

HOSTILE = program("hostile")


@pytest.fixture
def hostile(tmp_path):
    file = tmp_path / "hostile.py"
    file.write_text(HOSTILE)
    return file


@pytest.mark.filterwarnings("ignore::UserWarning")  # of torch, which leaves quantised tensors
@pytest.mark.parametrize("how", IN_PROCESS)
def test_in_this_process_too(hostile, how):
    frame = usbench.evaluate(
        usbench.load_method(f"{hostile}[how={how}]"),
        usbench.load_dataset("shapes[count=2]+gamma", split="test"),
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
        usbench.load_dataset("shapes[count=2]+gamma", split="test"),
        [metric],
    )
    assert frame["status"].tolist() == ["ok"] * len(frame)
    assert type(error).__name__ in frame["failures"][0]


def test_a_metric_that_hangs_costs_its_value_and_those_of_the_metrics_after_it(monkeypatch):
    from usbench.evaluation.evaluate import _measure

    metrics = [usbench.load_metric(name) for name in ("mae", "psnr", "ssim")]
    sample = usbench.load_dataset("shapes[count=2]+gamma", split="test")[0]
    measure = type(metrics[0]).__call__
    slow = lambda self, *given: time.sleep(1e6) if self.name == "psnr" else measure(self, *given)  # noqa: E731
    monkeypatch.setattr(type(metrics[0]), "__call__", slow)
    monkeypatch.setattr("usbench.evaluation.evaluate.LOADING_SECONDS", 2.0)
    row = _measure(sample.image, sample, metrics)
    assert row["mae"] > 0
    assert not {"psnr", "ssim"} & row.keys()
    assert row["failures"].count("exceeded the time limit of 2 s") == 2


def test_rows_keep_what_the_method_was_trained_on(tmp_path):
    from usbench import registry
    from usbench.evaluation.evaluate import describe

    method = registry.load_method("dncnn")
    about = describe(method, registry.load_dataset("natural+rayleigh"), [], device="cpu")
    assert tuple(json.loads(about["trained_on"])) == method.card.trained_on != ()
