"""Files of every supported kind over its options, and what independent libraries see in them."""

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import h5py
import imagecodecs
import nibabel
import nrrd
import numpy as np
import pydicom
import scipy.io
import tifffile
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, generate_uid

SHAPES = st.tuples(st.integers(17, 40), st.integers(18, 44).filter(lambda side: side % 2 == 0))
DEPTHS = st.sampled_from(["u1", "u2", "f4"])


def grey(seed: int, shape, dtype="u1", bits: int = 0) -> np.ndarray:
    """Speckle that uses all of its bits, and has a black and a white pixel."""
    rng = np.random.default_rng(seed)
    speckle = np.clip(rng.rayleigh(0.35, shape), 0, 1)
    speckle.flat[:2] = 0, 1
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return speckle.astype(kind)
    return np.round(speckle * (2 ** (bits or 8 * kind.itemsize) - 1)).astype(kind)


def coloured(seed: int, shape, dtype="u1") -> np.ndarray:
    """Grey speckle with a coloured drawing, or the same through a tinted map."""
    plane = grey(seed, shape, dtype)
    rgb = np.repeat(plane[..., None], 3, axis=-1)
    if seed % 3 == 0:
        rgb = np.round(rgb * np.array([1, 0.82, 0.58])).astype(dtype)
    top = np.iinfo(dtype).max
    rgb[3:8, 4:12] = (top, top // 6, 0)
    return rgb


@st.composite
def png(draw, folder: Path):
    kind = draw(st.sampled_from(["L", "LA", "I;16", "RGB", "RGBA", "P", "P+alpha", "RGB16", "L+alpha", "2 bits"]))
    shape, seed = draw(SHAPES), draw(st.integers(0, 99))
    path = folder / "a.png"
    text = PngImagePlugin.PngInfo()
    text.add_text("PixelSize", "0.1 mm")
    text.add_itxt("Kommentar", "Größe")
    options = {"pnginfo": text, "dpi": (200, 300)} if draw(st.booleans()) else {}
    if kind == "RGB16":
        path.write_bytes(imagecodecs.png_encode(coloured(seed, shape, "u2")))
    elif kind == "2 bits":
        path.write_bytes(_two_bit_png(grey(seed, shape) // 64))
    elif kind in ("LA", "RGBA"):
        alpha = Image.fromarray(grey(seed + 1, shape))
        whole = Image.fromarray(grey(seed, shape) if kind == "LA" else coloured(seed, shape))
        whole.putalpha(alpha)
        whole.save(path, **options)
    elif kind.startswith("P"):
        picture = Image.fromarray(coloured(seed, shape)) if seed % 2 else Image.fromarray(grey(seed, shape))
        picture = picture.quantize(draw(st.integers(2, 256)))
        picture.save(path, **options, **({"transparency": 0} if "alpha" in kind else {}))
    elif kind == "L+alpha":
        Image.fromarray(grey(seed, shape)).save(path, transparency=255, **options)
    else:
        values = {"L": grey(seed, shape), "RGB": coloured(seed, shape)}.get(kind)
        if kind == "I;16":
            values = grey(seed, shape, "u2", draw(st.integers(6, 16)))
        Image.fromarray(values).save(path, **options)
    return path


def _two_bit_png(values: np.ndarray) -> bytes:
    rows, columns = values.shape
    packed = np.packbits(((values[..., None] >> np.array([1, 0])) & 1).astype(np.uint8).reshape(rows, -1), axis=1)
    raw = b"".join(b"\0" + row.tobytes() for row in packed)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 2, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw)),
        (b"IEND", b""),
    ]
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def seen_png(path: Path):
    if path.read_bytes()[24] == 16 and path.read_bytes()[25] == 2:
        return imagecodecs.png_decode(path.read_bytes()), None
    with Image.open(path) as picture:
        deep = picture.mode.startswith("I")
        pixels = np.asarray(picture if deep else picture.convert("RGBA"))
        return pixels, ({**picture.text}, picture.info.get("dpi"))


@st.composite
def bmp(draw, folder: Path):
    shape, seed = draw(SHAPES), draw(st.integers(0, 99))
    picture = Image.fromarray(grey(seed, shape) if seed % 2 else coloured(seed, shape))
    if draw(st.booleans()):
        picture = picture.quantize(draw(st.integers(2, 256)))
    picture.save(folder / "a.bmp", dpi=(100, 100))
    return folder / "a.bmp"


@st.composite
def gif(draw, folder: Path):
    shape, seed, frames = draw(SHAPES), draw(st.integers(0, 99)), draw(st.integers(1, 4))
    make = grey if seed % 2 else coloured
    pictures = [Image.fromarray(make(3 * seed + 7 * n + 1, shape)).quantize(64) for n in range(frames)]
    times = [40 + 30 * n for n in range(frames)]
    options = {"duration": times, "loop": 0} if frames > 1 else {}
    pictures[0].save(folder / "a.gif", save_all=frames > 1, append_images=pictures[1:], comment=b"scan", **options)
    return folder / "a.gif"


def seen_picture(path: Path):
    frames, times = [], []
    with Image.open(path) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("RGBA")))
            times.append(picture.info.get("duration") or 0)
        return np.stack(frames), (times, picture.info.get("loop"), picture.info.get("dpi"), picture.info.get("comment"))


@st.composite
def tiff(draw, folder: Path):
    kind = draw(st.sampled_from(["minisblack", "miniswhite", "rgb", "rgba", "planar", "palette", "grey+alpha"]))
    dtype = (
        "u1" if kind in ("palette", "rgba") else draw(DEPTHS if kind == "minisblack" else st.sampled_from(["u1", "u2"]))
    )
    seed, pages = draw(st.integers(0, 99)), draw(st.integers(1, 3))
    own_sizes, shape = draw(st.booleans()), draw(SHAPES)
    options = {
        "compression": draw(st.sampled_from([None, "zlib", "lzw", "packbits"])),
        "tile": draw(st.sampled_from([None, (16, 32)])),
        "resolution": (1 / 0.1, 1 / 0.2), "resolutionunit": 3, "metadata": None,
        "software": "a scanner", "datetime": "2020:01:02 03:04:05",
    }  # fmt: skip
    orientation = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8]))
    extra = [(274, 3, 1, orientation, True), (65000, 2, 0, "private", True)]
    with tifffile.TiffWriter(
        folder / "a.tif", byteorder=draw(st.sampled_from("<>")), bigtiff=draw(st.booleans())
    ) as writer:
        for page in range(pages):
            size = (shape[0] + 3 * page, shape[1]) if own_sizes else shape
            values, more = _tiff_page(kind, seed + page, size, dtype)
            writer.write(values, description=f"time={page * 40} ms", extratags=extra, **options, **more)
    return folder / "a.tif"


def _tiff_page(kind, seed, shape, dtype):
    plane = grey(seed, shape, dtype)
    if kind == "palette":
        colours = np.random.default_rng(seed).integers(0, 256, (3, 256)).astype(np.uint16) * 257
        if seed % 2:
            colours = np.stack([np.random.default_rng(1).permutation(256) * 257] * 3).astype(np.uint16)
        return plane, {"photometric": "palette", "colormap": colours}
    if kind == "grey+alpha":
        pair = np.stack([plane, grey(seed + 9, shape, dtype)], -1)
        return pair, {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]}
    if kind in ("rgb", "rgba", "planar"):
        rgb = coloured(seed, shape, dtype)
        if kind == "planar":
            return np.moveaxis(rgb, -1, 0), {"photometric": "rgb", "planarconfig": "separate"}
        rgba = np.dstack([rgb, grey(seed + 9, shape, dtype)])
        return (
            (rgba, {"photometric": "rgb", "extrasamples": ["unassalpha"]})
            if kind == "rgba"
            else (rgb, {"photometric": "rgb"})
        )
    return plane, {"photometric": kind}


def seen_tiff(path: Path):
    pages, about = [], []
    with tifffile.TiffFile(path) as stored:
        about.append((stored.byteorder, stored.is_bigtiff))
        for page in stored.pages:
            values = page.asarray()
            if page.photometric == 3:
                values = (np.asarray(page.colormap) >> 8).astype(np.uint8).T[values]
            if page.photometric == 0:
                values = np.iinfo(values.dtype).max - values
            if page.planarconfig == 2 and page.samplesperpixel > 1:
                values = np.moveaxis(values, 0, -1)
            if values.ndim == 3 and values.shape[-1] == 3 and not np.ptp(values, axis=-1).any():
                values = values[..., 0]
            pages.append(values)
            tags = [page.tags[code].value for code in (274, 282, 283, 296, 270, 305, 306, 65000)]
            about.append((tags, page.is_tiled))
    return pages, about


SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")
COMPRESSED = {
    "1.2.840.10008.1.2.5": None,
    "1.2.840.10008.1.2.4.80": "jpegls_encode",
    "1.2.840.10008.1.2.4.90": "jpeg2k_encode",
}
KEPT = (
    "FrameTime", "FrameTimeVector", "FrameIncrementPointer", "PixelSpacing", "PatientName", "StudyInstanceUID",
    "WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept", "PixelPaddingValue", "NumberOfFrames",
)  # fmt: skip


@st.composite
def dicom(draw, folder: Path):
    photometric = draw(
        st.sampled_from(["MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR"])
    )
    shape, seed, frames = draw(SHAPES), draw(st.integers(0, 99)), draw(st.integers(1, 3))
    mono = photometric.startswith("MONO")
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    syntax = draw(st.sampled_from(SYNTAXES[:3] if not mono else (*SYNTAXES, *COMPRESSED)))
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.3.1", generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.PatientName, dataset.Modality = "A^B", "US"
    dataset.ImageType = draw(st.sampled_from([["ORIGINAL"], ["ORIGINAL", "PRIMARY", "", "0001"]]))
    dataset.Rows, dataset.Columns = shape
    dataset.PhotometricInterpretation = photometric
    dataset.SamplesPerPixel = 1 if mono or photometric == "PALETTE COLOR" else 3
    dataset.PixelSpacing = [0.1, 0.2]
    if frames > 1:
        dataset.NumberOfFrames, dataset.FrameTimeVector = frames, [0, 33.3, 41][:frames]
        dataset.FrameIncrementPointer = 0x00181065
    allocated = draw(st.sampled_from([8, 16])) if mono or photometric == "RGB" else 8
    stored = draw(st.integers(6, allocated))
    if mono and syntax in COMPRESSED:
        stored = allocated if allocated == 8 else draw(st.integers(10, 16))
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        stored = 8
    low = 0 if syntax in COMPRESSED or not mono else draw(st.integers(0, allocated - stored))
    signed = mono and syntax not in COMPRESSED and draw(st.booleans())
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, stored, low + stored - 1
    dataset.PixelRepresentation = int(signed)
    dtype = f"u{allocated // 8}"
    if mono:
        values = np.stack([grey(seed + n, shape, "u2", stored) for n in range(frames)])
        if signed:
            values = (values.astype(np.int32) - (2 ** (stored - 1))) & (2**stored - 1)
            if draw(st.booleans()):
                dataset.RescaleSlope, dataset.RescaleIntercept = draw(st.sampled_from(["1", "-1", "0.5"])), "-1024"
        overlay = np.random.default_rng(seed).integers(0, 2**16, values.shape)
        beside = ~((2**stored - 1) << low) & (2**allocated - 1)
        if syntax in COMPRESSED:
            beside = 0
        words = ((values.astype(np.int64) << low) | (overlay & beside)).astype(dtype)
    elif photometric == "PALETTE COLOR":
        words = np.stack([grey(seed + n, shape) for n in range(frames)])
        deep = draw(st.booleans())
        for colour in ("Red", "Green", "Blue"):
            lut = np.random.default_rng([seed, ord(colour[0])]).integers(0, 256, 256)
            setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16 if deep else 8])
            words_of_lut = lut * 256 if deep else lut[::2] + 256 * lut[1::2]
            data = words_of_lut.astype(_order(syntax) + "u2").tobytes()
            setattr(dataset, f"{colour}PaletteColorLookupTableData", data)
            dataset[f"{colour}PaletteColorLookupTableData"].VR = "OW"
        dataset.PaletteColorLookupTableUID = generate_uid()
    else:
        words = np.stack([coloured(seed + n, shape) for n in range(frames)]).astype(dtype)
        planar = photometric in ("RGB", "YBR_FULL") and draw(st.booleans())
        dataset.PlanarConfiguration = int(planar)
        words = np.moveaxis(words, -1, 1) if planar else words
        if photometric == "YBR_FULL_422":
            pairs = words.reshape(frames, shape[0], shape[1] // 2, 2, 3)
            words = np.concatenate([pairs[..., 0], pairs[..., 0, 1:]], axis=-1)
    if COMPRESSED.get(syntax):
        encoded = [getattr(imagecodecs, COMPRESSED[syntax])(frame, **_lossless(syntax)) for frame in words]
        dataset.PixelData = pydicom.encaps.encapsulate(encoded)
        dataset["PixelData"].VR = "OB"
    else:
        data = words.astype(_order(syntax) + dtype).tobytes()
        dataset.PixelData = data + b"\0" * (len(data) % 2)
        dataset["PixelData"].VR = "OW" if allocated > 8 else "OB"
        if syntax in COMPRESSED:
            dataset.file_meta.TransferSyntaxUID = UID(SYNTAXES[1])
            dataset.compress(UID(syntax))
    if draw(st.booleans()):
        dataset.WindowCenter, dataset.WindowWidth = "100", "200"
    if mono and not signed and draw(st.booleans()):
        dataset.PixelPaddingValue = 0
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    path = folder / draw(st.sampled_from(["a.dcm", "IM_0001", "1.2.840.113619.2.55.3"]))
    dataset.save_as(path, enforce_file_format=True)
    return path


def _order(syntax: str) -> str:
    return ">" if syntax == SYNTAXES[2] else "<"


def _lossless(syntax: str) -> dict:
    return {"reversible": True, "codecformat": "j2k", "level": 0} if syntax.endswith("4.90") else {}


def seen_dicom(path: Path):
    from pydicom.pixels import apply_color_lut, pixel_array

    dataset = pydicom.dcmread(path)
    grey_or_indices = dataset.SamplesPerPixel == 1
    if grey_or_indices and not dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        order = ">" if dataset.file_meta.TransferSyntaxUID == SYNTAXES[2] else "<"
        shape = (-1, dataset.Rows, dataset.Columns)
        count = int(dataset.get("NumberOfFrames", 1)) * dataset.Rows * dataset.Columns
        values = np.frombuffer(dataset.PixelData, f"{order}u{dataset.BitsAllocated // 8}", count).reshape(shape)
    else:
        values = pixel_array(dataset)
        values = values.reshape(-1, dataset.Rows, dataset.Columns) if grey_or_indices else values
    values = values.astype(values.dtype.newbyteorder("="))
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        if dataset.file_meta.TransferSyntaxUID == SYNTAXES[2]:  # which pydicom does not turn
            for colour in ("Red", "Green", "Blue"):
                element = dataset[f"{colour}PaletteColorLookupTableData"]
                element.value = np.frombuffer(element.value, "u2").byteswap().tobytes()
        values = apply_color_lut(values[0] if len(values) == 1 else values, dataset)
        values = (values >> 8 if values.dtype.itemsize > 1 else values).astype(np.uint8)
    kept = {key: dataset.get(key) for key in KEPT}
    if dataset.PhotometricInterpretation.startswith("MONO"):
        for key in ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PhotometricInterpretation"):
            kept[key] = dataset[key].value
    else:
        values = values.astype(np.uint8)
    return values, kept


@st.composite
def nifti(draw, folder: Path):
    dtype = draw(st.sampled_from(["u1", "i2", "u2", "i4", "f4", "f8", "rgb"]))
    shape, seed = draw(SHAPES), draw(st.integers(0, 99))
    more = draw(st.sampled_from([(), (3,), (1,), (2, 3), (1, 1, 4)]))
    kind = draw(st.sampled_from([nibabel.Nifti1Image, nibabel.Nifti2Image]))
    order = draw(st.sampled_from("<>"))
    if dtype == "rgb":
        values = np.round(255 * np.random.default_rng(seed).random((*shape, *(more or (1,)), 3))).astype(np.uint8)
        values = values.view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0]
    else:
        bits = {"i2": 15, "i4": 16}.get(dtype, 0)
        values = grey(seed, (*shape, *more), dtype if dtype[0] != "i" else "u2", bits).astype(order + dtype)
    affine = np.array([[0.3, 0.1, 0, 5], [0, 0.2, 0, 6], [0, 0, 1.5, 7], [0, 0, 0, 1.0]])
    image = kind(values, affine, kind.header_class(endianness=order))
    image.set_data_dtype(values.dtype)
    image.header["descrip"] = b"carotid"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"made by hand"))
    if dtype[0] in "iu" and draw(st.booleans()):
        top = float(values.max())
        slope, inter = draw(st.sampled_from([(1 / top, 0.0), (2.0, 0.0), (0.5, 3.0), (1.0, 5.0)]))
        image.header.set_slope_inter(slope, inter)
    path = folder / draw(st.sampled_from(["a.nii", "a.nii.gz"]))
    nibabel.save(image, path)
    return path


def seen_nifti(path: Path):
    image = nibabel.load(path)
    values = np.asanyarray(image.dataobj)
    header = image.header
    about = [image.affine.tolist(), header["descrip"].item(), header.get_data_dtype(), header.get_zooms()]
    return values, (about, header.extensions, (image.dataobj.slope, image.dataobj.inter), type(image))


@st.composite
def metaimage(draw, folder: Path):
    dtype, kind = draw(
        st.sampled_from([("u1", "UCHAR"), ("i2", "SHORT"), ("u2", "USHORT"), ("f4", "FLOAT"), ("f8", "DOUBLE")])
    )
    shape, seed, frames = draw(SHAPES), draw(st.integers(0, 99)), draw(st.sampled_from([0, 1, 3]))
    big, packed, apart, colour = (draw(st.booleans()) for _ in range(4))
    values = grey(
        seed, (*((frames,) if frames else ()), *shape, *((3,) if colour else ())), dtype if dtype != "i2" else "u1"
    )
    data = values.astype((">" if big else "<") + dtype).tobytes()
    data = zlib.compress(data) if packed else data
    sizes = values.shape[:-1] if colour else values.shape
    lines = [
        "ObjectType = Image", f"NDims = {len(sizes)}", f"DimSize = {' '.join(map(str, sizes[::-1]))}",
        *(["ElementNumberOfChannels = 3"] if colour else []), f"BinaryDataByteOrderMSB = {big}",
        f"CompressedData = {packed}", f"ElementSpacing = {' '.join(['0.1', '0.2', '1.5'][: len(sizes)])}",
        "SeqFrame0000_Timestamp = 0.25", f"ElementType = MET_{kind}",
        f"ElementDataFile = {'a.bin' if apart else 'LOCAL'}",
    ]  # fmt: skip
    path = folder / ("a.mhd" if apart else "a.mha")
    (folder / "a.bin").write_bytes(data)
    path.write_bytes("\n".join(lines).encode() + b"\n" + (b"" if apart else data))
    return path


def seen_metaimage(path: Path):
    content = path.read_bytes()
    head, _, rest = content.partition(b"ElementDataFile = ")
    name, _, data = rest.partition(b"\n")
    fields = dict(line.split(" = ") for line in head.decode().strip().splitlines())
    data = data if name == b"LOCAL" else (path.parent / name.decode()).read_bytes()
    data = zlib.decompress(data) if fields["CompressedData"] == "True" else data
    fields.pop("CompressedDataSize", None)
    kind = {"UCHAR": "u1", "SHORT": "i2", "USHORT": "u2", "FLOAT": "f4", "DOUBLE": "f8"}[fields["ElementType"][4:]]
    return np.frombuffer(data, (">" if fields["BinaryDataByteOrderMSB"] == "True" else "<") + kind), fields


@st.composite
def nrrd_file(draw, folder: Path):
    dtype = draw(st.sampled_from(["u1", "u2", "i2", "f4", "f8"]))
    shape, seed = draw(SHAPES), draw(st.integers(0, 99))
    frames, colour = draw(st.sampled_from([0, 1, 3])), draw(st.booleans())
    size = (*((3,) if colour else ()), *shape, *((frames,) if frames else ()))
    values = grey(seed, size, dtype if dtype != "i2" else "u1").astype(dtype)
    header = {"encoding": draw(st.sampled_from(["raw", "gzip"])), "endian": draw(st.sampled_from(["little", "big"]))}
    header |= {"my key": "my value"}
    if colour:
        header["kinds"] = ["RGB-color", *["domain"] * (len(size) - 1)]
    else:
        header["spacings"] = [0.1, 0.2, 1.5][: len(size)]
    nrrd.write(str(folder / "a.nrrd"), values, header)
    return folder / "a.nrrd"


def seen_nrrd(path: Path):
    values, header = nrrd.read(str(path))
    return values, repr(dict(header))


def _array(draw, seed):
    dtype = draw(st.sampled_from(["u1", "<u2", ">u2", "f4", ">f8", "i4"]))
    shape, more = draw(SHAPES), draw(st.sampled_from(["", "frames", "last", "colour", "colours"]))
    size = {"": shape, "frames": (20, *shape), "last": (*shape, 5), "colour": (*shape, 3), "colours": (2, *shape, 4)}[
        more
    ]
    return grey(seed, size, "u2" if dtype == "i4" else np.dtype(dtype).newbyteorder("=")).astype(dtype)


@st.composite
def numpy_file(draw, folder: Path):
    values = _array(draw, draw(st.integers(0, 99)))
    values = np.asfortranarray(values) if draw(st.booleans()) else values
    kind = draw(st.sampled_from(["npy", "npz", "packed"]))
    if kind == "npy":
        np.save(folder / "a.npy", values)
        return folder / "a.npy"
    write = np.savez if kind == "npz" else np.savez_compressed
    write(folder / "a.npz", rate=4e6, times=np.arange(9), bmode=values)
    return folder / "a.npz"


def seen_numpy(path: Path):
    stored = np.load(path)
    if isinstance(stored, np.ndarray):
        return stored, (stored.dtype, stored.flags.f_contiguous)
    return stored["bmode"], (stored["bmode"].dtype, float(stored["rate"]), stored["times"].tolist(), stored.files)


@st.composite
def matlab(draw, folder: Path):
    values = _array(draw, draw(st.integers(0, 99)))
    values = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("=")))
    others = {"fs": 4e6, "US": {"img": values, "dx": 0.1}, "name": "scan", "cell": np.array(["a", 1], dtype=object)}
    path = folder / "a.mat"
    if draw(st.booleans()):
        scipy.io.savemat(path, {"first": 1, "bmode": values, **others}, do_compression=draw(st.booleans()))
        return path
    with h5py.File(path, "w", userblock_size=512) as stored:
        stored.create_dataset("bmode", data=values.T, compression=draw(st.sampled_from([None, "gzip"])))
        stored["bmode"].attrs["MATLAB_class"] = np.bytes_("uint8")
        stored["fs"] = 4e6
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(116) + b"\0" * 8 + b"\x00\x02IM")
    return path


def seen_matlab(path: Path):
    if h5py.is_hdf5(path):
        with h5py.File(path) as stored:
            return stored["bmode"][()].T, (dict(stored["bmode"].attrs), stored["fs"][()], path.read_bytes()[:128])
    stored = scipy.io.loadmat(path)
    values = stored.pop("bmode")
    return values, (scipy.io.whosmat(path), repr({key: value for key, value in stored.items() if key[0] != "_"}))


@st.composite
def hdf5(draw, folder: Path):
    values = _array(draw, draw(st.integers(0, 99)))
    with h5py.File(folder / "a.h5", "w") as stored:
        kind = draw(st.sampled_from(["plain", "chunks", "gzip", "virtual"]))
        options = {"chunks": {"chunks": True}, "gzip": {"compression": "gzip", "shuffle": True}}.get(kind, {})
        if kind == "virtual":
            with h5py.File(folder / "beside.h5", "w") as other:
                other["data"] = values
            layout = h5py.VirtualLayout(values.shape, values.dtype)
            layout[...] = h5py.VirtualSource("beside.h5", "data", values.shape)
            stored.create_virtual_dataset("scan/image", layout)
        else:
            stored.create_dataset("scan/image", data=values, **options)
        stored["scan/image"].attrs["unit"] = "grey"
        stored["scan/rate"] = 4e6
        stored["again"] = h5py.SoftLink("/scan/image")
    return folder / "a.h5"


def seen_hdf5(path: Path):
    with h5py.File(path) as stored:
        return stored["again"][()], (
            dict(stored["scan/image"].attrs),
            stored["scan/rate"][()],
            stored["scan/image"].dtype,
        )


@st.composite
def video(draw, folder: Path):
    from usbench.io.video import Timing, write_video

    suffix = draw(st.sampled_from([".avi", ".mkv", ".mp4", ".mov"]))
    shape, seed, frames = draw(SHAPES), draw(st.integers(0, 99)), draw(st.integers(1, 6))
    shape = (shape[0] // 2 * 2, shape[1])
    deep = draw(st.sampled_from(["", "gray10le", "gray12le", "gray16le"])) if suffix == ".mkv" else ""
    bits = int(deep[4:6]) if deep else 8
    planes = [
        grey(seed + n, shape, "u2", bits) if deep else (grey if seed % 2 else coloured)(seed + n, shape)
        for n in range(frames)
    ]
    times = [0, 40, 70, 150, 151, 400][:frames] if suffix != ".avi" and draw(st.booleans()) else []
    aspect = draw(st.sampled_from([Fraction(1), Fraction(4, 3)]))
    timing = Timing(Fraction(draw(st.sampled_from([25, 30, 50]))), Fraction(1, 1000), times, aspect, {"title": "scan"})
    write_video(folder / f"a{suffix}", iter(planes), timing, deep)
    return folder / f"a{suffix}"


def seen_video(path: Path):
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames, times = [], []
        for frame in container.decode(stream):
            deep = frame.format.name if frame.format.name[-2:] == "le" else "rgb24"
            frames.append(frame.to_ndarray(format=deep))
            times.append(round(1000 * float(frame.pts * frame.time_base)))
        aspect = stream.sample_aspect_ratio or 1
        return np.stack(frames), ([time - times[0] for time in times], aspect, container.metadata.get("title"))


@st.composite
def jpeg(draw, folder: Path):
    shape, seed = draw(SHAPES), draw(st.integers(0, 99))
    smooth = np.asarray(Image.fromarray(grey(seed, (9, 9))).resize(shape[::-1], Image.Resampling.BICUBIC))
    picture = Image.fromarray(smooth)
    picture = picture.convert(draw(st.sampled_from(["L", "RGB"])))
    exif = Image.Exif()
    exif[0x0112] = draw(st.integers(1, 8))
    picture.save(folder / "a.jpg", quality=90, exif=exif, comment=b"scan", dpi=(100, 100))
    return folder / "a.jpg"


def seen_jpeg(path: Path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int), (dict(picture.getexif()), picture.info["comment"])


KINDS = {
    "png": (png, seen_png), "bmp": (bmp, seen_picture), "gif": (gif, seen_picture), "tiff": (tiff, seen_tiff),
    "dicom": (dicom, seen_dicom), "nifti": (nifti, seen_nifti), "metaimage": (metaimage, seen_metaimage),
    "nrrd": (nrrd_file, seen_nrrd), "numpy": (numpy_file, seen_numpy), "matlab": (matlab, seen_matlab),
    "hdf5": (hdf5, seen_hdf5), "video": (video, seen_video), "jpeg": (jpeg, seen_jpeg),
}  # fmt: skip
