"""The authors' published weights: where to get them, and how a file is validated.

Zenodo record 13788016 has `USGAN_pix2pix_weights.tar.gz` with the generators of `D` and of `S`, each saved by the
pix2pix code base as `latest_net_G.pth` in its own folder. Both are its `unet_256` with one channel in and out and batch
norm.
"""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.weights.archives import MEMBER_BYTES, is_archive, read_members
from usbench.weights.shards import WeightsError, file_hash, weights_hash
from usbench.weights.state_dicts import read_state_dict
from usbench.weights.user import UserWeights, user_index

if TYPE_CHECKING:
    import torch

ARCHIVE = "USGAN_pix2pix_weights.tar.gz"
RECORD = "https://zenodo.org/records/13788016"
FILE = "latest_net_G.pth"
FOLDERS = {"US_denoising_GAN": "gan-d-zenodo", "US_simulator_GAN": "gan-s-zenodo"}

FIRST, LAST = "model.model.0.weight", "model.model.3.weight"
COUNTER = "num_batches_tracked"  # torch before 0.4.1 did not save it
WIDEST = 512


class PublishedWeights:
    """Mixin of the plugins that run on the authors' weights, which the user adds."""

    name: ClassVar[str]

    @classmethod
    def unavailable(cls) -> str:
        """Return a sentence on how to add the weights; empty if they are there."""
        if user_index(cls.name).is_file():
            return ""
        return (
            f"{cls.name} needs the weights of its authors, which are not shipped: download {ARCHIVE} from Zenodo "
            f"record 13788016 ({RECORD}) and run `usbench weights add {cls.name} {ARCHIVE}`."
        )

    @classmethod
    def read_weights(cls, file: Path) -> dict[str, UserWeights]:
        """Return the weights in the published archive or a plain `latest_net_G.pth`."""
        return read_published(cls.name, file)

    def weights_hash(self) -> str:
        """Return the hash of the weights in the user's data folder."""
        return weights_hash(user_index(self.name))


def read_published(name: str, file: Path) -> dict[str, UserWeights]:
    """Return the generators in the published archive by name, or the one in a plain `.pth` file as `name`.

    Raises
    ------
    WeightsError
        If the file is not readable or not safe, has no generator of that name, or holds another network.
    """
    try:
        if is_archive(file):
            contents = read_members(file, _generator_in)
        elif file.stat().st_size > MEMBER_BYTES:
            raise WeightsError(f"{file.name} is larger than {MEMBER_BYTES:,} bytes; a generator takes 218 MB.")
        else:
            contents = {name: file.read_bytes()}
        digest = file_hash(file)
    except OSError as error:
        raise WeightsError(f"The weights file {file} cannot be read: {error.strerror or error}.") from None
    if name not in contents:
        folder = next(folder for folder, known in FOLDERS.items() if known == name)
        raise WeightsError(f"{file.name} holds no {folder}/{FILE}, where the weights of {name} are expected.")
    found = {}
    for key in sorted(contents, key=lambda key: key != name):
        state, width = as_unet_256(read_state_dict(contents.pop(key), _title(file, key)), _title(file, key))
        about = {
            "name": key,
            "network": "unet-256",
            "width": width,
            "origin": file.name,
            "origin_sha256": digest,
            "published": RECORD,
        }
        found[key] = UserWeights(state, about)
    return found


def _generator_in(path: PurePosixPath) -> str | None:
    return FOLDERS.get(path.parent.name) if path.name == FILE else None


def _title(file: Path, name: str) -> str:
    if file.suffix == ".pth":
        return file.name
    folder = next(folder for folder, known in FOLDERS.items() if known == name)
    return f"{folder}/{FILE} in {file.name}"


def as_unet_256(state: "dict[str, torch.Tensor]", what: str) -> "tuple[dict[str, torch.Tensor], int]":
    """Return the state dict in fp32 if it is that of a grey `unet_256`, and the network's width (`ngf`).

    Parameters
    ----------
    state
        Untrusted tensors by name.
    what
        Name of the file in error messages.

    Raises
    ------
    WeightsError
        If names, shapes or values are not those of the network; the message says what was found and expected.
    """
    import torch

    width = _width(state, what)
    expected = expected_shapes(width)
    state = {key: torch.tensor(0) for key in expected if key.endswith(COUNTER)} | state
    _same_names(set(state), set(expected), what)
    for key, shape in expected.items():
        found = tuple(state[key].shape)
        if found != shape:
            raise WeightsError(f"{what}: {key} has shape {found} where unet_256 with ngf {width} has {shape}.")
        if key.endswith(COUNTER):
            state[key] = torch.tensor(0)  # a count of training batches, which is not used
        elif not state[key].is_floating_point() or not bool(torch.isfinite(state[key]).all()):
            raise WeightsError(f"{what}: {key} has values that are not finite floating-point numbers.")
    return {key: state[key].float() for key in expected}, width


def expected_shapes(width: int) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of a `unet_256` of that width."""
    import torch

    from .networks import UnetGenerator

    with torch.device("meta"):
        network: Any = UnetGenerator(width)
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


def _width(state: "dict[str, torch.Tensor]", what: str) -> int:
    """Return the network's width, which is the number of channels of its first layer."""
    if FIRST not in state:
        raise WeightsError(f"{what} is not a unet_256: it has no {FIRST} among its {len(state)} tensors.")
    shape = tuple(state[FIRST].shape)
    if len(shape) != 4 or shape[2:] != (4, 4) or not 1 <= shape[0] <= WIDEST:
        raise WeightsError(f"{what}: {FIRST} has shape {shape} where unet_256 has (ngf, 1, 4, 4).")
    out = state[LAST].shape[1] if LAST in state and state[LAST].ndim == 4 else 1
    if shape[1] != 1 or out != 1:
        raise WeightsError(f"{what} takes {shape[1]} channels and returns {out}; expected is 1 of each, grey.")
    return shape[0]


def _same_names(found: set[str], expected: set[str], what: str) -> None:
    lacking, extra = sorted(expected - found), sorted(found - expected)
    if not lacking and not extra:
        return
    parts = [f"lacks {len(lacking)} of {len(expected)} tensors, such as {lacking[0]}"] if lacking else []
    parts += [f"has {len(extra)} that unet_256 does not have, such as {extra[0][:80]!r}"] if extra else []
    raise WeightsError(f"{what} is not a unet_256 with batch norm: it {' and '.join(parts)}.")
