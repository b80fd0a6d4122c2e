"""What a unit's key depends on, and what it does not."""

import dataclasses

import pytest
from program_files import program

import usbench
from usbench import registry
from usbench.bench.plan import make_plan, unit_key
from usbench.evaluation import evaluate, provenance

SET = "phantom[count=2]+psf"


def key(method="median", dataset=SET, metrics=("psnr",), **options):
    return make_plan([method], [dataset], metrics, **options)[0].key


def test_parameters_data_and_metrics_are_in_the_key():
    others = [key("median[size=9]"), key("mean"), key(dataset="phantom[count=2]+rayleigh"), key(metrics=("ssim",))]
    others += [key(limit=1), key(dataset="phantom[count=2]+psf[axial=2]"), key(split="val")]
    assert len({key(), *others}) == 8


def test_defaults_written_out_are_the_same_unit():
    size = registry.load_method("median").values()["size"]
    assert key(f"median[size={size}]") == key()


def test_a_version_makes_another_key(monkeypatch):
    before = key()
    for target, value in (
        (registry.find("methods", "median").target, "7"),
        (registry.find("simulators", "psf").target, "7"),
        (registry.find("datasets", "phantom").target, "7"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(target, "version", value)
            assert key() != before
    with monkeypatch.context() as patch:
        patch.setattr(evaluate, "PROTOCOL", 99)
        assert key() != before
    newer = dataclasses.replace(registry.load_metric("psnr"), version="7")
    with monkeypatch.context() as patch:
        patch.setattr(registry, "load_metric", lambda name: newer)
        assert key() != before
    assert key() == before


def test_provenance_is_not_in_the_key(monkeypatch):
    (unit,) = make_plan(["median"], [SET], ["psnr"])
    ids = usbench.load_dataset(SET).ids()
    elsewhere = dict.fromkeys(("origin", "source_hash", "libraries", "commit", "specs", "domain", "kind"), "other")
    assert unit_key(unit.about | elsewhere, ids) == unit.key
    assert (
        unit_key(unit.about | {"device": "cuda:1"}, ids) == unit_key(unit.about | {"device": "cuda"}, ids) != unit.key
    )
    monkeypatch.setattr(provenance, "commit", lambda: "0" * 40)
    assert key() == unit.key


@pytest.mark.parametrize(
    ("old", "new"), [("import usbench", "# another remark\nimport usbench"), ("A method that halves", "It halves")]
)
def test_prose_in_a_users_file_is_not_in_the_key(tmp_path, old, new):
    plain = program("half")
    assert old in plain
    keys = set()
    for folder, source in (("one", plain), ("two", plain.replace(old, new)), ("three", plain.replace("0.5", "0.25"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "half.py").write_text(source)
        keys.add(key(str(tmp_path / folder / "half.py")))
    assert len(keys) == 2
