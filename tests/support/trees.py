"""Small trees of the layouts of public sets: speckled pictures with a dark disk, and masks as each set stores them."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (96, 120)
CENTRE, RADIUS = (48, 60), 20


def disk(shape=SIZE) -> np.ndarray:
    rows, columns = np.indices(shape)
    return np.hypot(rows - CENTRE[0], columns - CENTRE[1]) <= RADIUS


def speckled(seed=0, shape=SIZE) -> np.ndarray:
    """Rayleigh speckle on a log scale, smooth across the beam, 50 grey levels darker in the disk; uint8."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=shape), (1, 2)) + 1j * gaussian_filter(rng.normal(size=shape), (1, 2))
    decibel = 20 * np.log10(np.abs(field) / np.abs(field).max())
    return np.clip(200 + 3 * np.clip(decibel, -40, 0) - 50 * disk(shape), 4, 250).astype(np.uint8)


def save(path: Path, pixels: np.ndarray, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def white(mask: np.ndarray) -> np.ndarray:
    return mask.astype(np.uint8) * 255


def outline(mask: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_erosion

    return white(mask & ~binary_erosion(mask))


def metaimage(path: Path, array: np.ndarray, *, compressed=False, big=False, spacing=None) -> Path:
    """Write (z, y, x) or (y, x) voxels."""
    import zlib

    kinds = {"uint8": "MET_UCHAR", "int16": "MET_SHORT", "float32": "MET_FLOAT"}
    data = array.astype(array.dtype.newbyteorder(">")).tobytes() if big else array.tobytes()
    data = zlib.compress(data) if compressed else data
    lines = [
        f"NDims = {array.ndim}",
        f"DimSize = {' '.join(map(str, array.shape[::-1]))}",
        f"ElementType = {kinds[array.dtype.name]}",
        f"BinaryDataByteOrderMSB = {big}",
        f"CompressedData = {compressed}",
        *([f"CompressedDataSize = {len(data)}"] if compressed else []),
        *([f"ElementSpacing = {' '.join(map(str, spacing))}"] if spacing else []),
        "ElementDataFile = LOCAL",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\n".join(lines).encode() + b"\n" + data)
    return path


def nifti(path: Path, array: np.ndarray) -> Path:
    """Write (axial, lateral) or (axial, lateral, frames), the lateral axis first as NIfTI has it."""
    import nibabel

    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(np.swapaxes(array, 0, 1), np.eye(4)), path)
    return path


def hc18(root: Path) -> None:
    for number, name in enumerate(("000_HC", "010_HC", "010_2HC")):
        save(root / f"training_set/{name}.png", speckled(number))
    save(root / "training_set/000_HC_Annotation.png", outline(disk()))
    save(root / "training_set/010_HC_Annotation.png", white(disk()))
    save(root / "training_set/010_2HC_Annotation.png", np.repeat(outline(disk())[..., None], 3, axis=2))
    save(root / "test_set/000_HC.png", speckled(9))
    table = "filename,pixel size(mm),head circumference (mm)\n000_HC.png,0.069,44.3\n"
    (root / "training_set_pixel_size_and_HC.csv").write_text(table)


def busi(root: Path) -> None:
    folder = root / "Dataset_BUSI_with_GT"
    left, right = disk(), disk()
    left[:, 60:] = right[:, :60] = False
    for number in (1, 10):
        save(folder / f"benign/benign ({number}).png", np.repeat(speckled(number)[..., None], 3, axis=2))
    save(folder / "benign/benign (1)_mask.png", white(left))
    save(folder / "benign/benign (1)_mask_1.png", white(right))
    save(folder / "benign/benign (10)_mask.png", np.repeat(np.repeat(disk(), 2, 0), 2, 1))
    save(folder / "malignant/malignant (1).png", speckled(3))
    save(folder / "malignant/malignant (1)_mask.png", white(disk()))
    save(folder / "normal/normal (1).png", speckled(4))
    save(folder / "normal/normal (1)_mask.png", white(disk() & False))


def udiat(root: Path) -> None:
    for number in (1, 2):
        save(root / f"BUS/original/{number:06d}.png", speckled(number))
        save(root / f"BUS/GT/{number:06d}.png", white(disk()))


def bus_bra(root: Path) -> None:
    for name in ("0001-l", "0001-r", "0002-l"):
        save(root / f"BUSBRA/Images/bus_{name}.png", speckled(1))
        save(root / f"BUSBRA/Masks/mask_{name}.png", white(disk()))


def brest(root: Path) -> None:
    folder = root / "BrEaST-Lesions_USG-images_and_masks"
    other = np.roll(disk(), 45, axis=1) & ~disk()
    for name in ("case001", "case002"):
        save(folder / f"{name}.png", speckled(1))
        save(folder / f"{name}_tumor.png", white(disk()))
    save(folder / "case001_other1.png", white(other))


def usgra(root: Path) -> None:
    for number in (0, 5):
        save(root / f"dataset/images/{number:04d}.png", speckled(number))
        labels = Image.fromarray((disk() * 2).astype(np.uint8), "P")
        labels.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
        (root / "dataset/masks").mkdir(parents=True, exist_ok=True)
        labels.save(root / f"dataset/masks/{number:04d}.png")


def timtrack(root: Path) -> None:
    for name in ("S1_L20_step_025", "S2_R20_step_175"):
        save(root / f"dataset1_{name[:2]}/{name}.png", speckled(1))
    save(root / "dataset4_SampleB/GM_P_5.bmp", speckled(2))


def cca(root: Path) -> None:
    save(root / "one.bmp", speckled(1))
    save(root / "two.png", speckled(2))


def ccaui(root: Path) -> None:
    for name in ("20220112VAS_slice_1", "20220112VAS_slice_2", "20220113VAS_slice_1"):
        save(root / f"US images/{name}.png", speckled(1))
        save(root / f"Expert mask images/{name}.png", white(disk()))


def tn3k(root: Path) -> None:
    folder = root / "Thyroid Dataset/tn3k"
    for split in ("trainval", "test"):
        for number in (0, 1):
            save(folder / f"{split}-image/{number:04d}.jpg", speckled(number))
            save(folder / f"{split}-mask/{number:04d}.jpg", white(disk()), quality=40)
    (folder / "tn3k-trainval-fold0.json").write_text(json.dumps({"train": [0], "val": [1]}))


def ddti(root: Path) -> None:
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    points = [{"x": CENTRE[1] + RADIUS * np.cos(a), "y": CENTRE[0] + RADIUS * np.sin(a)} for a in angles]
    drawn = json.dumps([{"points": points, "annotation": {}, "regionType": "freehand"}])
    mark = f"<mark><image>1</image><svg>{drawn}</svg></mark><mark><image>2</image><svg></svg></mark>"
    for number in (1, 2):
        save(root / f"7_{number}.jpg", speckled(number), quality=95)
    (root / "7.xml").write_text(f"<case><number>7</number>{mark}</case>")


def fh_ps_aop(root: Path) -> None:
    folder = root / "Pubic Symphysis-Fetal Head Segmentation and Angle of Progression"
    image = speckled(1)
    image[:, :30] = 0
    labels = disk() * np.uint8(2)
    labels[40:50, 10:20] = 1  # outside the scan
    metaimage(folder / "image_mha/00001.mha", np.stack([image] * 3), compressed=True)
    metaimage(folder / "label_mha/00001.mha", labels, compressed=True)


def camus(root: Path) -> None:
    for patient in (1, 401, 451):
        name = f"patient{patient:04d}"
        folder = root / f"database_nifti/{name}"
        for phase in ("ED", "ES"):
            nifti(folder / f"{name}_4CH_{phase}.nii.gz", speckled(patient))
            nifti(folder / f"{name}_4CH_{phase}_gt.nii.gz", disk().astype(np.uint8))
        nifti(folder / f"{name}_4CH_half_sequence.nii.gz", np.stack([speckled(n) for n in range(3)], axis=-1))
        nifti(folder / f"{name}_4CH_half_sequence_gt.nii.gz", np.stack([disk().astype(np.uint8)] * 3, axis=-1))


def echonet(root: Path) -> None:
    from fractions import Fraction

    from usbench.io.video import write_video

    folder = root / "EchoNet-Dynamic"
    (folder / "Videos").mkdir(parents=True)
    frames = [speckled(n) for n in range(5)]
    for name in ("0X1", "0X2"):
        write_video(folder / f"Videos/{name}.avi", iter(frames), Fraction(50))
    (folder / "FileList.csv").write_text("FileName,EF,Split\n0X1,60,TEST\n0X2.avi,55,TRAIN\n")
    rows = ["FileName,X1,Y1,X2,Y2,Frame"]
    for frame in (1, 3):
        rows.append(f"0X1.avi,{CENTRE[1]},{CENTRE[0] - RADIUS},{CENTRE[1]},{CENTRE[0] + RADIUS},{frame}")
        for down in range(-18, 19, 3):
            half = np.sqrt(RADIUS**2 - down**2)
            rows.append(f"0X1.avi,{CENTRE[1] - half},{CENTRE[0] + down},{CENTRE[1] + half},{CENTRE[0] + down},{frame}")
    (folder / "VolumeTracings.csv").write_text("\n".join(rows) + "\n")


def oasbud(root: Path) -> None:
    import scipy.io
    from scipy.ndimage import gaussian_filter1d

    rng = np.random.default_rng(0)
    kind = [(name, object) for name in ("id", "rf1", "rf2", "roi1", "roi2", "birads", "class")]
    lesions = np.zeros((1, 2), kind)
    mask = np.repeat(disk(), 4, axis=0)
    for number in range(2):
        lines = gaussian_filter1d(rng.normal(size=mask.shape), 1.5, axis=0, order=1) * np.where(mask, 0.1, 1) * 1000
        for view in (1, 2):
            lesions[0, number][f"rf{view}"], lesions[0, number][f"roi{view}"] = lines, mask.astype(np.uint8)
        lesions[0, number]["id"] = f"{number}"
    scipy.io.savemat(root / "OASBUD.mat", {"data": lesions})


TREES = {
    "hc18": hc18, "busi": busi, "udiat": udiat, "bus-bra": bus_bra, "brest": brest, "usgra": usgra,
    "timtrack": timtrack, "cca": cca, "ccaui": ccaui, "tn3k": tn3k, "ddti": ddti, "fh-ps-aop": fh_ps_aop,
    "camus": camus, "echonet": echonet, "oasbud": oasbud,
}  # fmt: skip
