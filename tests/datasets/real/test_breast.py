"""Sets of the breast, read from their own files."""

from shared_sets import load


def test_a_cyst_is_darker_than_its_background_in_every_busi_image_of_one(shared_data):
    dataset = load(shared_data, "busi")
    cysts = [f"benign ({n})" for n in (18, 26, 33, 36, 38, 41, 45, 48, 49)]
    for sample in (dataset[dataset.ids().index(cyst)] for cyst in cysts):
        lesion, ring = (sample.image[sample.rois.masks[name]].mean() for name in ("lesion", "lesion_background"))
        assert lesion < 0.6 * ring, sample.id
