"""Fetal sets, read from their own files."""

from shared_sets import load


def test_pixel_sizes_of_hc18_come_from_its_table(shared_data):
    sample = load(shared_data, "hc18")[0]
    assert sample.id == "001_HC"
    assert sample.spacing == (0.08965852, 0.08965852)
