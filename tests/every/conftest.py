"""Plugins that run on weights of somebody else get small random ones here, so that they keep the contract too."""

import pytest


@pytest.fixture(autouse=True, scope="module")
def published_weights(tmp_path_factory):
    from published_layout import FOLDERS, published_archive

    from usbench.weights.add import add_weights

    folder = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USBENCH_WEIGHTS", str(folder / "weights"))
        archive = published_archive(folder / "USGAN_pix2pix_weights.tar.gz")
        assert set(add_weights("gan-d-zenodo", archive).names) == set(FOLDERS)
        yield
