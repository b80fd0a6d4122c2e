"""`usbench weights add` on files that mean well, and on files that do not: one sentence, and nothing written."""

import gzip
import io
import json
import os
import pickle
import tarfile
import zipfile

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from published_layout import FOLDERS, pth, published_archive, random_unet, write_archive

from usbench.cli.app import run_command
from usbench.core.errors import UsbenchError
from usbench.weights import archives
from usbench.weights import user as user_weights
from usbench.weights.add import add_weights
from usbench.weights.shards import WeightsError, load_weights
from usbench.weights.user import kept, user_index

D, S = "gan-d-zenodo", "gan-s-zenodo"
GOOD = pth(random_unet(2).state_dict())


@pytest.fixture(autouse=True)
def weights_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("USBENCH_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "USGAN_pix2pix_weights.tar.gz"


def refused(file, sentence: str, weights_folder, capsys, name: str = D) -> None:
    """The command line says one sentence with `sentence` in it, and the data folder stays as it was."""
    before = sorted(weights_folder.rglob("*"))
    assert run_command(["weights", "add", name, str(file)]) in (1, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert sentence in captured.err, captured.err
    assert "Traceback" not in captured.err
    assert "error of its own" not in captured.err
    assert sorted(weights_folder.rglob("*")) == before


def test_one_archive_gives_both(file, capsys):
    published_archive(file)
    assert run_command(["weights", "add", S, str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] == [S, D]
    assert user_index(D).is_file()


@pytest.mark.parametrize("top", ["", "./", "a/b/c/"])
@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_folders_may_be_anywhere_in_the_archive(file, top, mode):
    write_archive(file, {S: GOOD, f"{top}US_denoising_GAN/latest_net_D.pth": b"not looked at"}, top, mode)
    assert add_weights(S, file).names == (S,)


@pytest.mark.parametrize("name", [D, S])
@pytest.mark.parametrize("old", [False, True])
def test_a_plain_file_serves_either_name(tmp_path, name, old):
    file = tmp_path / "latest_net_G.pth"
    file.write_bytes(pth(random_unet(2).state_dict(), _use_new_zipfile_serialization=not old))
    assert add_weights(name, file).names == (name,)
    assert kept()[0]["origin"] == "latest_net_G.pth"


def test_parallel_prefix_and_older_batch_norm(tmp_path):
    state = random_unet(2).state_dict()
    state = {f"module.{key}": value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    file = tmp_path / "latest_net_G.pth"
    file.write_bytes(pth(state))
    add_weights(D, file)
    loaded = load_weights(user_index(D))
    assert torch.equal(loaded["model.model.0.weight"], state["module.model.model.0.weight"])


def test_nothing_is_overwritten_without_force(file, tmp_path, weights_folder, capsys):
    published_archive(file)
    add_weights(D, file)
    first = user_index(D).read_text()
    refused(file, "are there already; --force replaces them", weights_folder, capsys)
    other = tmp_path / "other.pth"
    other.write_bytes(pth(random_unet(3, 5).state_dict()))
    assert run_command(["weights", "add", D, str(other), "--force"]) == 0
    assert user_index(D).read_text() != first
    assert len([path for path in weights_folder.iterdir() if path.is_dir()]) == 2  # the replaced files are gone
    assert load_weights(user_index(D))["model.model.0.weight"].shape[0] == 3


def test_what_is_there_already_is_left_when_the_other_is_added(file, tmp_path):
    one = tmp_path / "one.pth"
    one.write_bytes(pth(random_unet(3, 5).state_dict()))
    add_weights(S, one)
    added = add_weights(D, published_archive(file))
    assert (added.names, added.left) == ((D,), (S,))
    assert load_weights(user_index(S))["model.model.0.weight"].shape[0] == 3


def test_force_repairs_damage(file, weights_folder, capsys):
    add_weights(D, published_archive(file))
    for shard in weights_folder.rglob("*.safetensors"):
        shard.write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="is damaged"):
        load_weights(user_index(D))
    add_weights(D, file, force=True)
    assert load_weights(user_index(D))


def test_list_and_remove(file, weights_folder, capsys):
    assert run_command(["weights", "list"]) == 0
    assert "Not added: gan-d-zenodo, gan-s-zenodo" in capsys.readouterr().out
    add_weights(D, published_archive(file))
    (weights_folder / "broken.json").write_text('{"files": 3}')
    assert run_command(["weights", "list", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    import hashlib

    assert entries[D]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert entries[D]["bytes"] == sum(path.stat().st_size for path in weights_folder.glob(f"{D}-*/*"))
    assert "damaged" in entries["broken"]["problem"]
    assert run_command(["weights", "list"]) == 0
    assert "from USGAN_pix2pix_weights.tar.gz, SHA-256" in capsys.readouterr().out
    for name in (D, S, "broken"):
        assert run_command(["weights", "remove", name]) == 0
    assert list(weights_folder.iterdir()) == []


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "nosuch", "", "Ä", "a/b", "."])
def test_remove_stays_in_its_folder(name, tmp_path, capsys):
    (tmp_path / "outside.json").write_text("{}")
    assert run_command(["weights", "remove", name]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "outside.json").is_file()


def test_remove_trusts_no_path_in_a_card(weights_folder, tmp_path):
    precious = tmp_path / f"{D}-0123456789abcdef"
    precious.mkdir()
    weights_folder.mkdir()
    (weights_folder / f"{D}.json").write_text(json.dumps({"files": {f"../{precious.name}/x": "", f"{precious}/x": ""}}))
    assert run_command(["weights", "remove", D]) == 0
    assert precious.is_dir()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gan-d", "'gan-d' takes no weights; those that do are gan-d-zenodo, gan-s-zenodo"),
        ("gan-d-zenod", "Did you mean"),
    ],
)
def test_a_name_that_takes_no_weights(name, sentence, file, weights_folder, capsys):
    refused(published_archive(file), sentence, weights_folder, capsys, name)


def test_a_folder_that_cannot_be_written(file, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("USBENCH_WEIGHTS", "/proc/weights")
    assert run_command(["weights", "add", D, str(published_archive(file))]) == 1
    assert "cannot be written to /proc/weights" in capsys.readouterr().err


def test_a_write_that_fails_leaves_the_old_weights(file, tmp_path, weights_folder, monkeypatch):
    add_weights(D, published_archive(file))
    before = sorted(weights_folder.rglob("*"))
    other = tmp_path / "other.pth"
    other.write_bytes(pth(random_unet(3, 5).state_dict()))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(user_weights, "save_weights", full)
    with pytest.raises(UsbenchError, match="No space left"):
        add_weights(D, other, force=True)
    assert sorted(weights_folder.rglob("*")) == before
    assert load_weights(user_index(D))


# What follows means harm, or is broken.


def member(name: str, **fields) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


HARMFUL = {
    "traversal": (member("../../evil.pth", size=4), "would leave the folder"),
    "deep traversal": (member("a/b/../../../evil", size=4), "would leave the folder"),
    "absolute": (member("/tmp/evil.pth", size=4), "would leave the folder"),
    "windows": (member("..\\evil.pth", size=4), "would leave the folder"),
    "drive": (member("C:/evil.pth", size=4), "would leave the folder"),
    "symlink": (member("US_denoising_GAN/latest_net_G.pth", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "is a link"),
    "hard link": (member("x", type=tarfile.LNKTYPE, linkname="../../etc/passwd"), "is a link"),
    "character device": (member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3), "is a device"),
    "block device": (member("disk", type=tarfile.BLKTYPE, devmajor=8), "is a device"),
    "pipe": (member("pipe", type=tarfile.FIFOTYPE), "is a device"),
}


@pytest.mark.parametrize("case", HARMFUL)
@pytest.mark.parametrize("last", [False, True])
def test_harmful_members(case, last, file, weights_folder, capsys):
    made, sentence = HARMFUL[case]
    with tarfile.open(file, "w:gz") as archive:
        if not last:
            archive.addfile(made, io.BytesIO(b"evil"))
        archive.addfile(member("US_denoising_GAN/latest_net_G.pth", size=len(GOOD)), io.BytesIO(GOOD))
        if last:
            archive.addfile(made, io.BytesIO(b"evil"))
    refused(file, sentence, weights_folder, capsys)


@pytest.mark.parametrize(
    ("size", "sentence"), [(2**40, "says that it is"), (2**31, "at most 1,073,741,824 is read"), (10**6, "cut short")]
)
def test_a_member_that_says_it_is_huge(size, sentence, file, weights_folder, capsys):
    header = member("US_denoising_GAN/latest_net_G.pth", size=size).tobuf(tarfile.GNU_FORMAT)
    file.write_bytes(gzip.compress(header + b"x" * 512))
    refused(file, sentence, weights_folder, capsys)


def test_a_header_extension_that_says_it_is_huge(file, weights_folder, capsys):
    header = member("long", size=2**30, type=tarfile.GNUTYPE_LONGNAME).tobuf(tarfile.GNU_FORMAT)
    file.write_bytes(gzip.compress(header + bytes(512)))
    refused(file, "headers is longer than 1,048,576 bytes", weights_folder, capsys)


def test_a_decompression_bomb_stops_at_the_bound(file, weights_folder, capsys, monkeypatch):
    monkeypatch.setattr(archives, "ARCHIVE_BYTES", 2**21)
    with tarfile.open(file, "w:gz") as archive:
        for n in range(4):
            archive.addfile(member(f"zeros{n}", size=2**20), io.BytesIO(bytes(2**20)))
    assert file.stat().st_size < 10_000
    refused(file, "unpacks to more than 2,097,152 bytes", weights_folder, capsys)


def test_too_many_members(file, weights_folder, capsys):
    with tarfile.open(file, "w:gz") as archive:
        for n in range(archives.MEMBERS + 1):
            archive.addfile(member(f"{n}"))
    refused(file, "more than 1000 members", weights_folder, capsys)


def test_two_members_for_one_network(file, weights_folder, capsys):
    write_archive(file, {D: GOOD, "other/US_denoising_GAN/latest_net_G.pth": GOOD})
    refused(file, "more than one member is US_denoising_GAN/latest_net_G.pth", weights_folder, capsys)


def test_an_archive_without_the_network(file, weights_folder, capsys):
    write_archive(file, {S: GOOD})
    refused(file, "holds no US_denoising_GAN/latest_net_G.pth", weights_folder, capsys)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive(keep, file, weights_folder, capsys):
    data = published_archive(file).read_bytes()
    file.write_bytes(data[: int(keep * len(data))])
    refused(file, "cut short or damaged", weights_folder, capsys)


class Bomb:
    """Unpickled without care, it makes a folder named `boom`."""

    def __reduce__(self):
        return os.mkdir, ("boom",)


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_pickle_bomb_is_not_run(as_zip, file, tmp_path, weights_folder, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = pth({"model.model.0.weight": Bomb()}) if as_zip else pickle.dumps(Bomb(), protocol=2)
    write_archive(file, {D: content})
    refused(file, "nothing in it was run" if as_zip else "refused", weights_folder, capsys)
    plain = tmp_path / "latest_net_G.pth"
    plain.write_bytes(content)
    refused(plain, "latest_net_G.pth", weights_folder, capsys)
    assert not (tmp_path / "boom").exists()


def compressed(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    return stream.getvalue()


def changed(**values) -> dict:
    return random_unet(2).state_dict() | {key.replace("__", "."): value for key, value in values.items()}


FIRST = "model.model.0.weight"
WRONG = {
    "colour": (random_unet(2, channels=3).state_dict(), "takes 3 channels and returns 3; expected is 1 of each, grey"),
    "shape": (
        changed(model__model__3__bias=torch.zeros(5)),
        "model.model.3.bias has shape (5,) where unet_256 with ngf 2",
    ),
    "first layer": (changed(model__model__0__weight=torch.zeros(2, 1, 7, 7)), "where unet_256 has (ngf, 1, 4, 4)"),
    "lacking": ({FIRST: torch.zeros(2, 1, 4, 4)}, "lacks 68 of 82 tensors, such as model.model.1.model.1.weight"),
    "extra": (changed(model__extra=torch.zeros(1)), "has 1 that unet_256 does not have, such as 'model.extra'"),
    "other network": ({"conv.weight": torch.zeros(3)}, "has no model.model.0.weight"),
    "not a number": (changed(model__model__3__bias=torch.tensor([float("nan")])), "not finite"),
    "integers": (changed(model__model__3__bias=torch.tensor([1])), "not finite floating-point"),
    "a list": ([torch.zeros(3)], "holds a list where a state dict"),
    "empty": ({}, "holds an empty dict where a state dict"),
    "numbers": ({FIRST: 3}, "holds a int under 'model.model.0.weight'"),
    "sparse": ({FIRST: torch.zeros(2, 2).to_sparse()}, "where a dense tensor by name is expected"),
    "numbered": ({3: torch.zeros(1)}, "where a dense tensor by name is expected"),
    "huge view": (
        changed(model__model__3__bias=torch.zeros(1).expand(10**6, 10**6)),
        "has shape (1000000, 1000000) where",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_other_contents(case, file, weights_folder, capsys):
    state, sentence = WRONG[case]
    refused(write_archive(file, {D: pth(state)}), sentence, weights_folder, capsys)


BROKEN = {
    "text": b"this is a text",
    "empty": b"",
    "html": b"<html>404</html>" * 100,
    "half": GOOD[: len(GOOD) // 2],
    "gzip of a pth": gzip.compress(GOOD),
    "empty tar": bytes(10240),
    "zip": b"PK\x03\x04" + bytes(100),
}


@pytest.mark.parametrize("case", BROKEN)
def test_other_files(case, tmp_path, weights_folder, capsys):
    file = tmp_path / "latest_net_G.pth"
    file.write_bytes(BROKEN[case])
    refused(file, "latest_net_G.pth", weights_folder, capsys)


def test_compressed_records(tmp_path, weights_folder, capsys):
    file = tmp_path / "latest_net_G.pth"
    file.write_bytes(compressed(GOOD))
    refused(file, "compressed records", weights_folder, capsys)


def test_a_file_that_is_not_there_or_a_folder(tmp_path, weights_folder, capsys):
    refused(tmp_path / "nosuch", "does not exist", weights_folder, capsys)
    refused(tmp_path, "does not exist", weights_folder, capsys)


ARCHIVE = None


def small_archive() -> bytes:
    global ARCHIVE
    if ARCHIVE is None:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for folder in FOLDERS.values():
                content = pth({FIRST: torch.zeros(2, 1, 4, 4)})
                archive.addfile(member(f"{folder}/latest_net_G.pth", size=len(content)), io.BytesIO(content))
        ARCHIVE = stream.getvalue()
    return ARCHIVE


CHANGES = st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=12)), min_size=1, max_size=6)
RUBBISH = st.one_of(
    st.binary(max_size=600),
    st.binary(max_size=200).map(lambda data: b"\x1f\x8b\x08\x00" + data),
    st.binary(max_size=200).map(lambda data: b"PK\x03\x04" + data),
    st.binary(max_size=200).map(lambda data: b"\x80\x02" + data),
    CHANGES,
)


@given(rubbish=RUBBISH, zipped=st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_never_ends_in_a_traceback(rubbish, zipped, tmp_path, weights_folder, capsys):
    data = rubbish
    if isinstance(rubbish, list):  # a good archive with bytes changed here and there
        data = bytearray(small_archive())
        for place, piece in rubbish:
            data[place : place + len(piece)] = piece
    file = tmp_path / "rubbish"
    file.write_bytes(gzip.compress(bytes(data)) if zipped else bytes(data))
    refused(file, "rubbish", weights_folder, capsys)
