"""Figures: the right images, the right part of them, the right numbers, and text that stays text."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import usbench
from usbench.cli.app import run_command
from usbench.cli.figure import default_captions
from usbench.core.errors import UsageError
from usbench.core.sample import Sample
from usbench.figures.figure import captions, draw, save_figure
from usbench.figures.inset import Inset, most_detailed, parse_inset
from usbench.figures.panels import Panels, panels

ARGUMENTS = ["figure", "-d", "phantom[count=2]+psf", "--sample", "test-0001", "-m", "median", "-m", "constant"]


@pytest.fixture(scope="module")
def shown() -> Panels:
    methods = [usbench.load_method(name) for name in ("median", "constant")]
    return panels(methods, usbench.load_dataset("phantom[count=2]+psf", split="test"), 1)


def test_captions_are_the_metrics_of_each_image(shown):
    metrics = [usbench.load_metric(name) for name in ("psnr", "gcnr")]
    found = captions(shown, metrics)
    assert set(found) == {"input", "median", "constant"}
    psnr = metrics[0](shown.images["median"], shown.sample)
    assert found["median"].startswith(f"psnr {psnr:.1f} dB, gcnr 0.9")


def test_a_metric_that_does_not_apply_is_refused(shown):
    with pytest.raises(UsageError, match="lesion_auc does not apply to test-0001: no inserted lesions"):
        captions(shown, [usbench.load_metric("lesion_auc")])


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("phantom[count=1]+psf", ("psnr_affine", "ssim")),
        ("phantom[count=1]+psf+lesions", ("psnr_affine", "ssim")),
        ("echo", ("gcnr", "ssi")),
        ("echo+lesions", ("gaussian_equivalent_4db", "grain_kept")),
    ],
)
def test_the_first_caption_is_the_metric_that_orders_the_board(label, names, monkeypatch):
    dataset = usbench.load_dataset(label, split="test")
    found = panels([usbench.load_method("median")], dataset, 0, with_lesions=True)
    assert default_captions(dataset.kind, found.sample) == names
    metrics = [usbench.load_metric(name) for name in names]
    whole = dataset.ids()
    monkeypatch.setattr(type(dataset), "ids", lambda self: whole[:1])
    rows = usbench.evaluate(usbench.load_method("median"), dataset, metrics)
    said = captions(found, metrics)["median"].split(", ")
    for name, text in zip(names, said, strict=True):
        assert float(text.split()[1]) == pytest.approx(rows[name][0], rel=0.01)


def test_the_part_that_is_enlarged_is_where_the_edges_are():
    image = np.full((120, 160), 0.5, np.float32)
    image[70:90:4, 100:120] = 1.0
    inset = most_detailed(Sample("s", image))
    assert inset.size == 30
    assert inset.row <= 70
    assert inset.row + 30 >= 87
    assert inset.column <= 100
    assert inset.column + 30 >= 120
    noisy = Sample("s", np.random.default_rng(0).random((120, 160), np.float32), reference=image)
    assert most_detailed(noisy) == inset
    assert most_detailed(Sample("s", image[:5, :3])).of(image[:5, :3]).shape == (3, 3)


def test_insets_are_read_and_must_be_inside():
    assert parse_inset("3,4,5", (8, 9)) == Inset(3, 4, 5)
    for text in ("3,4", "a,b,c", "-1,0,3", "4,4,5", "0,5,5", "0,0,0", "1,2,3,4"):
        with pytest.raises(UsageError):
            parse_inset(text, (8, 9))


def test_samples_are_found_by_id_or_number():
    dataset = usbench.load_dataset("phantom[count=2]+psf", split="test")
    assert dataset.find("test-0001") == dataset.find("1") == 1
    for unknown in ("x", "2", "-1"):
        with pytest.raises(UsageError, match=f"has no sample '{unknown}' in the split 'test'; it has 2, such"):
            dataset.find(unknown)


def test_the_same_figure_is_the_same_bytes_in_each_format(shown, tmp_path):
    for suffix in (".png", ".pdf", ".svg"):
        for name in ("a", "b"):
            save_figure(
                draw(shown, captions(shown, [usbench.load_metric("psnr")]), Inset(10, 10, 40)),
                tmp_path / f"{name}{suffix}",
            )
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_text_is_text_and_pixels_are_the_images(shown, tmp_path):
    hostile = Panels(shown.sample, {**shown.images, "<script>$x^": shown.images["median"]})
    save_figure(draw(hostile, {"median": "psnr 1 dB"}, None), tmp_path / "a.svg")
    svg = (tmp_path / "a.svg").read_text()
    assert [text for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg) if text in ("median", "psnr 1 dB")]
    assert "&lt;script&gt;$x^" in svg
    assert "<script" not in svg
    save_figure(draw(hostile, {}, None), tmp_path / "a.pdf")
    fonts = re.findall(rb"/Subtype /(Type\d\w*|TrueType|CIDFontType2)", (tmp_path / "a.pdf").read_bytes())
    assert fonts
    assert b"Type3" not in fonts


def test_the_command_writes_every_format_that_is_named(tmp_path, capsys):
    files = [tmp_path / "new" / f"figure{suffix}" for suffix in (".png", ".pdf", ".svg")]
    assert run_command([*ARGUMENTS, *(f"--out={path}" for path in files)]) == 0
    assert capsys.readouterr().out.count("Wrote") == 3
    assert np.asarray(Image.open(files[0]).convert("L")).std() > 20
    assert files[1].read_bytes().startswith(b"%PDF")
    assert "test-" not in files[2].read_text()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--out", "figure.gif"], "A figure is written as .png, .pdf, .svg, not as 'figure.gif'."),
        (["--inset", "0,0,999"], "is not inside the image of 256 x 256 pixels"),
        (["--sample", "nosuch"], "has no sample 'nosuch'"),
    ],
)
def test_wrong_usage_is_a_sentence(more, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_command([*ARGUMENTS, *more]) == 2
    assert sentence in capsys.readouterr().err
    assert not list(Path(tmp_path).iterdir())
