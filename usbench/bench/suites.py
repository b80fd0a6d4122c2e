"""Named lists of data sets and controls. Names only: the harness knows no data set."""

from usbench import registry
from usbench.core.errors import PluginError, UsageError, UsbenchError
from usbench.core.parameters import did_you_mean

# Small enough for a laptop; every kind of source and a real set are in it.
DEFAULT = (
    "natural+rayleigh",
    "mri[template=2,redrawn=2]+gan-s",
    "phantom+psf+lesions",
    "abdomen+psf+lesions",
    "echo+lesions",
)

# Sources and simulators that no shipped network was trained on; a test holds this against all cards. Fine and coarse
# grain, drawn anatomy, images with the statistics of natural ones, radio-frequency simulation, and real B-mode with
# inserted lesions.
VERDICT = (
    "abdomen[count=48]+psf+lesions",
    "abdomen[count=48]+psf[axial=2.2,lateral=4]+lesions",
    "abdomen[count=48]+psf[axial=3,lateral=6]+lesions",
    "leaves[count=48]+psf",
    "leaves[count=48]+psf[axial=3,lateral=6]",
    "simus-phantom+lesions",
    "echo+lesions",
    "busi+lesions",
    "pluslib+lesions",
)

# A column of the transfer board for each simulator.
TRANSFER = tuple(f"abdomen+{name}" for name in ("gan-s", "loupas", "psf", "rayleigh", "recpad", "varied"))
WHOLE = "[whole=true]"  # of disk, itk and pluslib all recordings are test images anyway
REAL = (f"busi{WHOLE}", "disk", f"hc18{WHOLE}", "itk", "pluslib", f"timtrack{WHOLE}", f"usgra{WHOLE}")

# What the boards of a release are made from: also sets that networks were trained on (marked, and without a place),
# those of the transfer board, and all images of each real set, with and without lesions.
RELEASE = (
    "carotid+psf",
    "contrast-speckle+psf",
    "fetal-head+psf",
    "gradient+psf",
    "mri+psf",
    "muscle+psf",
    "natural+psf",
    "phantom+processed",
    "resolution+psf",
    "shapes[count=24]+recpad",
    *TRANSFER,
    "echo",
    *(name + lesions for name in REAL for lesions in ("", "+lesions")),
)

SUITES = {"default": DEFAULT, "verdict": VERDICT, "release": tuple(dict.fromkeys((*DEFAULT, *VERDICT, *RELEASE)))}

CONTROLS = (
    "identity", "constant", "blur[sigma=1]", "blur[sigma=2]", "blur[sigma=4]", "blur[sigma=8]", "half-blur", "sharpen",
    "filaments", "stored-image",
)  # fmt: skip


def suite(name: str) -> tuple[list[str], list[str]]:
    """Return the data sets of a suite that are here, and a sentence on each that is not.

    Raises
    ------
    UsageError
        If there is no suite of the name.
    """
    if name not in SUITES:
        raise UsageError(
            f"There is no suite {name!r}; there are {', '.join(SUITES)}.{did_you_mean(name, SUITES)}"
        )  # fmt: skip
    here, absent = [], []
    for dataset in SUITES[name]:
        try:
            registry.load_dataset(dataset)
        except PluginError as error:
            absent.append(str(error))
        except UsbenchError as error:
            absent.append(f"{dataset} is left out: {error}")
        else:
            here.append(dataset)
    return here, absent
