"""The metric by which methods are judged first, one a kind of set: boards, tuning and the terminal share it."""

SIMULATED_HEAD = "psnr_affine"
LESION_HEAD = "gaussian_equivalent_4db"  # of real sets with inserted lesions
REAL_HEAD = "gcnr"


def head_metric(kind: str, *, lesions: bool) -> str:
    """Return the metric of a `simulated`, `clean` or `real` set; `lesions` says whether it has inserted ones."""
    if kind == "real":
        return LESION_HEAD if lesions else REAL_HEAD
    return SIMULATED_HEAD
