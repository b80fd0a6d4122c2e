"""The controls do what their names say, and the metrics show it."""

import torch

import usbench


def test_identity_returns_the_input():
    image = torch.rand(2, 1, 5, 7)
    assert torch.equal(usbench.load_method("identity").despeckle(image), image)


def test_constant_is_the_mean_of_each_image():
    image = torch.stack([torch.zeros(1, 4, 4), torch.rand(1, 4, 4)])
    flat = usbench.load_method("constant").despeckle(image)
    assert torch.equal(flat[0], image[0])
    assert torch.allclose(flat[1], image[1].mean().expand(1, 4, 4))


def test_a_filter_that_returns_its_input_is_seen_to_do_so():
    sample = usbench.load_dataset("phantom[count=1]+psf")
    frame = usbench.evaluate(usbench.load_method("identity"), sample)
    assert frame["ssi"].tolist() == [1.0]
    assert frame["gcnr"].notna().all()


def test_a_constant_scores_no_contrast():
    frame = usbench.evaluate(usbench.load_method("constant"), usbench.load_dataset("phantom[count=1]+psf"))
    assert frame["gcnr"].tolist() == [0.0]
    assert frame["epi_beta"].tolist() == [0.0]
