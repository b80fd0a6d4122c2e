"""`usbench picture` shows input, reference and results."""

from usbench import registry
from usbench.cli.app import run_command


def test_picture_shows_input_reference_and_results(capsys, tmp_path):
    import numpy as np
    from PIL import Image

    out = tmp_path / "new" / "picture.png"
    arguments = ["picture", "-m", "identity", "-m", "constant", "-d", "phantom[count=1]+psf", "-d", "echo"]
    assert run_command([*arguments, "--out", str(out)]) == 0
    pixels = np.asarray(Image.open(out))
    assert pixels.shape == (2 * (22 + 4) + 256 + 192, 4 * (256 + 4))
    untouched = registry.load_dataset("phantom[count=1]+psf")[0].image
    assert np.array_equal(pixels[22:278, :256], np.round(255 * untouched))
    assert np.array_equal(pixels[22:278, 520:776], pixels[22:278, :256])
    assert np.ptp(pixels[22:278, 780:1036]) == 0
