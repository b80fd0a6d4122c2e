"""Scan area, burnt-in graphics, regions and JPEG history on pictures that are made here."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from trees import disk, speckled

from usbench.ultrasound.jpeg_traces import jpeg_history
from usbench.ultrasound.rois import homogeneous_window, structure_rois, window_rois
from usbench.ultrasound.scan_area import graphics, scan_area, usable_area

SHAPE = (300, 400)


def scan(seed=1):
    image = np.zeros(SHAPE, np.float32)
    image[30:270, 60:340] = speckled(seed, (240, 280)) / 255
    return image


def test_borders_boxes_and_text_beside_the_scan_are_outside():
    image = scan()
    image[220:270, 60:120] = 0  # a redaction over the edge
    image[100:140, 180:240] = 0  # and one inside
    picture = Image.fromarray((255 * image).astype(np.uint8))
    ImageDraw.Draw(picture).text((350, 100), "12 Hz", fill=255, font=ImageFont.load_default(12))
    found = scan_area(np.asarray(picture) / 255)
    truth = image > 0
    assert (found & truth).sum() / truth.sum() > 0.99
    assert (found & ~truth).sum() / truth.sum() < 0.01


def test_anechoic_tissue_that_shows_noise_stays_inside():
    image = scan()
    rng = np.random.default_rng(0)
    image[100:200, 60:160] = rng.integers(0, 2, (100, 100)) / 255
    assert scan_area(image)[100:200, 70:160].all()


@pytest.mark.parametrize("grey", [255, 190])
def test_text_and_calipers_inside_the_scan_are_found(grey):
    plain = speckled(2, SHAPE) // 3
    picture = Image.fromarray(plain)
    pen = ImageDraw.Draw(picture)
    pen.text((80, 60), "LOGIQ 12.5 cm", fill=grey, font=ImageFont.load_default(16))
    for x, y in ((100, 180), (260, 200)):
        pen.line((x - 5, y, x + 5, y), fill=grey, width=2)
        pen.line((x, y - 5, x, y + 5), fill=grey, width=2)
    drawn = (np.asarray(picture).astype(int) - plain > 80).astype(bool)
    found = graphics(np.asarray(picture) / 255)
    assert (found & drawn).sum() / drawn.sum() > 0.85
    assert not graphics(plain / 255).any()


def test_speckle_that_is_independent_from_pixel_to_pixel_is_no_drawing():
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:256, :320]
    echo = 0.25 + 0.5 * (np.hypot(rows - 128, columns - 160) > 51)
    envelope = rng.rayleigh(1, echo.shape) * echo
    decibels = 20 * np.log10(envelope / envelope.max() + 1e-6)
    image = np.clip(0.7 + 1.25 * decibels / 60, 0, 1).astype(np.float32)  # as dark as clinical B-mode
    assert not graphics(image).any()
    image[100:140, 50:54] = 1
    assert not graphics(image).any()  # a stroke cannot be told from it


def test_colour_is_graphics():
    colour = np.repeat((speckled(1) / 255)[..., None], 3, axis=-1)
    colour[20:30, 40:60, 2] = 1
    found = graphics(colour.mean(axis=-1), colour)
    assert found[20:30, 40:60].all()
    assert not found[60:].any()


def test_regions_keep_off_graphics_and_lie_at_one_depth():
    image = speckled(3) / np.float32(255)
    colour = np.repeat(image[..., None], 3, axis=-1)
    colour[44:52, 56:64] = (1, 1, 0)
    rois = structure_rois(image, usable_area(image, colour), {"lesion": disk()})
    core, ring = rois.masks["lesion"], rois.masks["lesion_background"]
    assert not core[44:52, 56:64].any()
    rows = [np.flatnonzero(mask.any(axis=1)) for mask in (core, ring)]
    assert rows[1].min() >= rows[0].min()
    assert rows[1].max() <= rows[0].max()
    assert not (ring & disk()).any()
    assert not rois.masks["homogeneous"][disk()].any()


def test_a_homogeneous_window_is_not_the_one_of_least_variance():
    """On speckle without structure the rule's window is nearly as variable as any; the least variable is not."""
    ratios, all_windows, least = [], [], []
    for seed in range(30):
        image = speckled(seed, (320, 320)).astype(np.float32) / 255
        window = homogeneous_window(image, ~disk(image.shape))
        ratios.append(image[window].std())
        blocks = image[96:, 96:].reshape(7, 32, 7, 32).swapaxes(1, 2).reshape(-1, 32 * 32)
        all_windows += list(blocks.std(axis=1))
        least.append(blocks.std(axis=1).min())
    assert np.mean(ratios) / np.mean(all_windows) > 0.94
    assert np.mean(least) / np.mean(all_windows) < 0.92


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (7, 9), (40, 3), (64, 64)])
def test_any_size_is_taken(shape):
    image = np.full(shape, 0.5, np.float32)
    assert scan_area(image).shape == shape
    assert graphics(image).shape == shape
    assert window_rois(image, usable_area(image)).homogeneous in ((), ("homogeneous",))
    assert jpeg_history(image).blockiness >= 1
    assert not scan_area(np.zeros(shape, np.float32)).any()


def test_jpeg_leaves_a_trace_with_its_grid():
    found = []
    for seed in range(6):
        image = speckled(seed, (480, 640))
        assert not jpeg_history(image / 255).has_trace
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=40)
        again = np.asarray(Image.open(stream))[3:, 5:]
        history = jpeg_history(again / 255)
        assert history.has_trace
        found.append(history.grid)
    assert set(found) == {(5, 3)}


def test_a_large_image_is_searched_in_parts_with_the_same_result(monkeypatch):
    picture = Image.fromarray((255 * scan()).astype(np.uint8))
    ImageDraw.Draw(picture).text((100, 140), "12 Hz", fill=255, font=ImageFont.load_default(12))
    image = np.asarray(picture) / np.float32(255)
    whole, text = scan_area(image), graphics(image)
    monkeypatch.setattr("usbench.ultrasound.scan_area.LARGE", 30_000)
    assert (scan_area(image) == whole).mean() > 0.98
    assert (graphics(image) == text).mean() > 0.999
    without = np.zeros(image.shape, bool)
    without[:, 200:] = True
    assert not scan_area(image, without)[:, 206:].any()
