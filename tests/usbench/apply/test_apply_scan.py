"""What of a picture is despeckled: the scan, in its own colours, without what is drawn beside it."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicoms import region, written
from PIL import Image, ImageDraw
from program_files import plugin_file
from pydicom.sequence import Sequence
from trees import speckled

import usbench
from usbench.apply.plan import make_jobs
from usbench.apply.run import apply_all, rewrite
from usbench.cli.app import run_command
from usbench.ultrasound.grey_map import PLAIN, find_grey_map


def darker(image, spacing):
    return image * np.float32(0.5)


def screen(label="LIVER") -> np.ndarray:
    """A scan in the middle of a black screen, with a colour bar, a ruler and text beside it and text over it."""
    picture = Image.new("L", (320, 240))
    picture.paste(Image.fromarray(speckled(1, (160, 200))), (60, 40))
    draw = ImageDraw.Draw(picture)
    for level in range(100):
        draw.line([(8, 60 + level), (16, 60 + level)], fill=255 - 2 * level)
    for tick in range(0, 160, 20):
        draw.line([(290, 40 + tick), (296, 40 + tick)], fill=255)
    draw.text((60, 10), "ABDOMEN MI 0.8", fill=255)
    draw.text((120, 100), label, fill=255)
    return np.asarray(picture)


def test_only_the_scan_changes(tmp_path):
    before = screen()
    Image.fromarray(before).save(tmp_path / "a.png")
    rewrite(tmp_path / "a.png", tmp_path / "b.png", darker, "test")
    after = np.asarray(Image.open(tmp_path / "b.png"))
    outside = np.ones(before.shape, bool)
    outside[36:204, 56:264] = False
    assert np.array_equal(after[outside], before[outside])
    inside = (slice(45, 195), slice(65, 255))
    halved = np.abs(after[inside].astype(int) - np.round(before[inside] / 2)) <= 1
    assert halved.mean() > 0.97
    text = (before != screen("")) & (before > 220)
    assert text.sum() > 30
    assert (after[text] == before[text]).mean() > 0.9
    rewrite(tmp_path / "a.png", tmp_path / "c.png", darker, "test", whole=True)
    assert np.abs(np.asarray(Image.open(tmp_path / "c.png")).astype(int) - np.round(before / 2)).max() <= 1


@pytest.mark.parametrize("tint", [(1, 0.82, 0.58), (0.8, 0.93, 1), (1, 0.85, 0.9), (0.6, 1, 0.7)])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_tinted_map_is_worked_on_as_grey_and_kept(tmp_path, tint, suffix):
    grey = speckled(3).astype(float) / 255
    before = np.round(255 * grey[..., None] * np.array(tint)).astype(np.uint8)
    before[10:14, 20:40] = (30, 220, 255) if tint[0] == 1 else (255, 40, 0)
    Image.fromarray(before).save(
        tmp_path / f"a{suffix}", **({"quality": 98, "subsampling": 0} if suffix == ".jpg" else {})
    )
    seen = []
    rewrite(
        tmp_path / f"a{suffix}",
        tmp_path / f"b{suffix}",
        lambda image, spacing: seen.append(image) or image * 0.5,
        "test",
    )
    after = np.asarray(Image.open(tmp_path / f"b{suffix}")).astype(int)
    drawn = np.zeros(grey.shape, bool)
    drawn[8:16, 16:44] = True
    level = 2 if suffix == ".png" else 8
    assert np.abs(seen[0][~drawn] - grey[~drawn]).max() <= level / 255
    assert np.abs(after - before / 2)[~drawn].max() <= 2 * level
    assert np.abs(after[11:13, 22:38].astype(int) - before[11:13, 22:38]).max() <= (0 if suffix == ".png" else 12)


def test_doppler_and_grey_pictures_have_no_tint():
    grey = np.repeat(speckled(1)[..., None], 3, axis=-1) / 255
    assert find_grey_map(grey) is PLAIN
    doppler = grey.copy()
    doppler[20:60, 20:60, 1:] *= 0.3
    doppler[20:60, 60:100, :2] *= 0.3
    assert find_grey_map(doppler) is PLAIN
    full = np.where(np.random.default_rng(0).random((96, 120, 1)) < 0.5, (1, 0.2, 0.1), (0.1, 0.2, 1)) * grey
    assert find_grey_map(full) is PLAIN


def test_a_tinted_cine_is_one_grey_scale():
    frames = [
        np.round(speckled(n)[..., None] * np.array((1, 0.82, 0.58))) / 255 * gain for n, gain in ((1, 1), (2, 0.7))
    ]
    assert find_grey_map(frames[0]).white == pytest.approx(find_grey_map(frames[1]).white, abs=0.01)


def test_each_region_of_a_header_is_despeckled_by_itself(tmp_path):
    both = np.concatenate([speckled(1), speckled(2), speckled(3)], axis=1)
    regions = [region(0, 0, 119, 95, delta=0.02), region(120, 0, 239, 95, delta=0.04), region(240, 0, 359, 95, kind=3)]
    written(tmp_path / "a.dcm", both, SequenceOfUltrasoundRegions=Sequence(regions))
    seen = []

    def method(image, spacing):
        seen.append((image.shape, spacing))
        return image * np.float32(0.5)

    rewrite(tmp_path / "a.dcm", tmp_path / "b.dcm", method, "test")
    assert seen == [((96, 120), (0.1, 0.2)), ((96, 120), (0.2, 0.4))]
    after = pydicom.dcmread(tmp_path / "b.dcm").pixel_array
    assert np.array_equal(after[:, 240:], both[:, 240:])
    assert (np.abs(after[:, :240].astype(int) - np.round(both[:, :240] / 2)) <= 1).mean() > 0.97
    rewrite(tmp_path / "a.dcm", tmp_path / "c.dcm", method, "test", whole=True)
    assert (pydicom.dcmread(tmp_path / "c.dcm").pixel_array[:, 240:] < both[:, 240:]).mean() > 0.95


def test_a_spectrum_alone_is_no_scan(tmp_path, capsys):
    spectrum = region(0, 0, 119, 95, kind=3)
    spectrum.RegionSpatialFormat = 3
    written(tmp_path / "a.dcm", speckled(1), SequenceOfUltrasoundRegions=Sequence([spectrum]))
    command = ["apply", str(tmp_path / "a.dcm"), "-m", "identity", "-o", str(tmp_path / "b.dcm")]
    assert run_command(command) == 1
    assert "has no B-mode region" in capsys.readouterr().err
    assert run_command([*command, "--whole"]) == 0


def test_regions_of_different_pixel_sizes_have_no_common_one(tmp_path):
    from usbench.io import read_image

    both = np.concatenate([speckled(1), speckled(2)], axis=1)
    two = [region(0, 0, 119, 95, delta=0.02), region(120, 0, 239, 95, delta=0.04)]
    assert read_image(written(tmp_path / "a.dcm", both, SequenceOfUltrasoundRegions=Sequence(two))).spacing is None


def test_a_method_of_another_scale_is_an_error(tmp_path, capsys):
    Image.fromarray(speckled(1)).save(tmp_path / "a.png")
    file = str(plugin_file(tmp_path, "eight_bit"))
    command = ["apply", str(tmp_path / "a.png"), "-m", file, "-o", str(tmp_path / "b.png")]
    assert run_command(command) == 1
    assert "returned values up to 200 where [0, 1] is expected" in capsys.readouterr().err
    assert not (tmp_path / "b.png").exists()
    frame = usbench.evaluate(usbench.load_method(file), usbench.load_dataset(f"folder:{tmp_path}"))
    assert set(frame["status"]) == {"failed"}


@pytest.mark.parametrize("bits", [10, 12])
def test_a_few_of_sixteen_bits_are_seen_as_eight_are_and_it_is_said_once(tmp_path, capsys, bits):
    eight = speckled(1)
    eight[0, :2] = 0, 255
    deep = np.round(eight / 255 * (2**bits - 1)).astype(np.uint16)
    for number in range(2):
        Image.fromarray(deep).save(tmp_path / f"{number}.png")
    written(tmp_path / "2.dcm", deep, bits=16)
    Image.fromarray(eight).save(tmp_path / "eight.png")
    for name in ("0.png", "1.png", "2.dcm", "eight.png"):
        assert not apply_all("median", make_jobs([str(tmp_path / name)], tmp_path / "out"))
    expected = np.asarray(Image.open(tmp_path / "out/eight.png")).astype(int)
    results = [np.asarray(Image.open(tmp_path / f"out/{n}.png")) for n in range(2)]
    results.append(pydicom.dcmread(tmp_path / "out/2.dcm").pixel_array)
    for result in results:
        assert np.abs(result / (2**bits - 1) * 255 - expected).max() <= 1
    deep_files = [str(tmp_path / name) for name in ("0.png", "1.png", "2.dcm")]
    assert run_command(["apply", *deep_files, "-m", "median", "-o", str(tmp_path / "again")]) == 0
    said = capsys.readouterr().err
    assert said.count(f"{bits} of 16 bits are used, so {2**bits - 1} is taken as white") == 1
    assert Path(deep_files[0]).name in said


@pytest.mark.parametrize(
    ("content", "name"), [("PNG", "a.bmp"), ("JPEG", "a.png"), ("BMP", "a.tif"), ("TIFF", "a.jpg")]
)
def test_a_picture_with_the_suffix_of_another_kind_is_what_its_bytes_say(tmp_path, content, name):
    from usbench.io import read_image

    Image.fromarray(speckled(1)).save(tmp_path / "x", content)
    (tmp_path / "x").rename(tmp_path / name)
    assert read_image(tmp_path / name).pixels.shape == (96, 120)
    assert not apply_all("identity", make_jobs([str(tmp_path / name)], tmp_path / "out" / name))
    assert Image.open(tmp_path / "out" / name).format == content
