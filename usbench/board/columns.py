"""Which metrics a table shows, and in which order."""

from collections.abc import Iterable, Sequence

from usbench.core.errors import UsageError
from usbench.core.parameters import did_you_mean

# A board is ordered by the first of these that it has and that no control wins. A flat image cannot win psnr_affine or
# gcnr, nor can a shift of brightness, both of which may raise psnr, ssim or ssi.
ORDER = ("psnr_affine", "psnr", "ssim", "gaussian_equivalent_4db", "gcnr", "cnr", "ssi", "enl", "epi_beta")
# In the CSV alone: with these a table would be too wide to read.
CSV_ONLY = frozenset(
    {
        "mae", "psnr_matched", "gmsd", "fom", "cnr_db", "contrast_db", "usdsai", "smpi", "rayleigh_ks", "edge_width",
        "ratio_mean", "ratio_variance", "ratio_structure", "residual_axial", "residual_lateral", "wire_axial",
        "wire_lateral", "epi_ratio", "ssnr", "ms_ssim", "fsim", "haarpsi", "vif", "vsi", "lpips", "dists", "gcnr_null",
        "contrast_order", "grey_slope",
    }
)  # fmt: skip


CSV_ONLY_BEGINNINGS = ("lesion_", "gaussian_equivalent_")  # those of `ORDER` and `LESIONS` excepted
LESIONS = ("grain_kept", "lesion_residual_4db")  # to be read beside the Gaussian equivalent


def in_tables(name: str) -> bool:
    """Return whether the tables have a column for a metric; the CSV has one for every metric."""
    return name in (*ORDER, *LESIONS) or not (name in CSV_ONLY or name.startswith(CSV_ONLY_BEGINNINGS))


def in_order(names: Iterable[str]) -> list[str]:
    """Return metrics in the order of the tables: those of `ORDER` first, then the others by name."""
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def chosen_metrics(asked: Sequence[str] | None, known: Iterable[str]) -> list[str]:
    """Return the metrics that a user asked for; those of the tables by default, and every one for `all`.

    Raises
    ------
    UsageError
        If there is no such metric.
    """
    known = in_order(known)
    if not asked:
        return [name for name in known if in_tables(name)]
    if list(asked) == ["all"]:
        return known
    for name in asked:
        if name not in known:
            raise UsageError(f"There is no metric {name!r}.{did_you_mean(name, known)} See `usbench list metrics`.")
    return list(dict.fromkeys(asked))
