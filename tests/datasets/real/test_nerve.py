"""The set of nerves, read from its own files."""

import numpy as np
from shared_sets import load


def test_vessels_are_darker_than_their_surroundings_in_most_images(shared_data):
    darker = []
    for sample in load(shared_data, "usgra"):
        if ("vessel", "vessel_background") in sample.rois.contrast:
            vessel, ring = (sample.image[sample.rois.masks[n]].mean() for n in ("vessel", "vessel_background"))
            darker.append(vessel < ring)
    assert len(darker) > 30
    assert np.mean(darker) > 0.9
