"""The short form of the soak; the long one is `python tests/soak/soak.py --minutes 120`."""

import pytest
from soak import ATTEMPTS, Soak


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_a_round_of_kills_damage_and_runs_side_by_side_ends_with_the_rows_of_a_clean_run(tmp_path, monkeypatch):
    monkeypatch.setattr("soak.ATTEMPTS", ATTEMPTS // 3)
    soak = Soak(tmp_path, seed=11)
    assert soak.round() == ""
    assert soak.counts["rows"] >= 10
    assert soak.counts["damaged"] >= 1
    assert soak.counts["kill"] + soak.counts["worker"] + soak.counts["interrupt"] >= 1


def test_a_lost_a_doubled_and_another_row_are_found(tmp_path):
    import pandas as pd
    from soak import difference

    rows = pd.DataFrame({"method": "m", "dataset": "d", "sample": ["a", "b"], "psnr": [1.0, 2.0]})
    assert difference(rows, rows) == ""
    assert "shape" in difference(rows, rows[:1])
    assert difference(rows, pd.concat([rows, rows[:1]])) == "1 rows are doubled"
    assert "psnr" in difference(rows, rows.assign(psnr=[1.0, 2.0 + 1e-15]))
