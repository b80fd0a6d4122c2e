"""`usbench data`: adding, listing, fetching and drawing public sets."""

import http.server
import json
import threading
import zipfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import requests
from PIL import Image
from trees import TREES, save, speckled

import usbench
from usbench.cli.app import run_command
from usbench.core.errors import ImageError, StoreError
from usbench.io.unzip import unzip
from usbench.public_data.download import CONNECT_SECONDS, READ_SECONDS, Download, fetch
from usbench.public_data.manage import public_sets

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("USBENCH_DATA", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def udiat(tmp_path):
    TREES["udiat"](tmp_path / "mine")
    return tmp_path / "mine"


def run(capsys, *arguments):
    code = run_command([str(argument) for argument in arguments])
    return code, capsys.readouterr()


def test_what_is_added_is_listed_loaded_and_forgotten(udiat, capsys):
    code, printed = run(capsys, "data", "add", "udiat", udiat)
    assert code == 0
    assert "2 samples, 2 with masks, 4 files" in printed.out
    _, printed = run(capsys, "data", "list", "--json")
    lines = {line["name"]: line for line in json.loads(printed.out)}
    assert set(lines) == set(public_sets())
    assert lines["udiat"]["here"] == str(udiat)
    assert not lines["busi"]["here"]
    assert all(line["licence"] and line["size"] and line["home"] for line in lines.values())
    dataset = usbench.load_dataset("udiat[whole=true]")
    assert dataset.label == "udiat[whole=True]"
    assert dataset.content_hash() == usbench.load_dataset(f"udiat:{udiat}", whole=True).content_hash()
    assert run(capsys, "data", "remove", "udiat")[0] == 0
    assert run(capsys, "data", "remove", "udiat")[0] == 2


def test_the_index_holds_hashes_and_notices_a_changed_file(udiat, capsys, tmp_path):
    run(capsys, "data", "add", "udiat", udiat)
    index = json.loads((tmp_path / "index" / "udiat.json").read_text())
    assert set(index["files"]) == {f"BUS/{folder}/00000{n}.png" for folder in ("original", "GT") for n in (1, 2)}
    assert all(len(entry[2]) == 64 for entry in index["files"].values())
    before = usbench.load_dataset("udiat").content_hash()
    save(udiat / "BUS/original/000001.png", speckled(7))
    assert usbench.load_dataset("udiat").content_hash() != before


def test_files_that_went_are_told_of(udiat, capsys):
    run(capsys, "data", "add", "udiat", udiat)
    (udiat / "BUS/GT/000001.png").unlink()
    _, printed = run(capsys, "data", "list", "--json")
    problem = next(line["problem"] for line in json.loads(printed.out) if line["name"] == "udiat")
    assert problem == "1 of its 4 files are missing, such as BUS/GT/000001.png"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["data", "add", "udiat", "."], "is not the set udiat: it holds none of the images original/000001.png"),
        (["data", "add", "udiat", "nosuch"], "does not exist"),
        (["data", "add", "echo", "."], "is not read from the user's disk"),
        (["data", "add", "bussi", "."], "Did you mean 'busi'"),
        (["data", "get", "camus"], "then `usbench data add camus DIR`"),
        (["data", "get", "echo"], "nothing to download"),
        (["data", "show", "echo", "--sample", "frame-99"], "has no sample 'frame-99'"),
        (["run", "-m", "median", "-d", "busi"], "`usbench data add busi DIR`"),
    ],
)
def test_wrong_usage_is_one_sentence(arguments, sentence, capsys):
    code, printed = run(capsys, *arguments)
    assert code == 2
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


def test_a_set_with_a_broken_image_is_not_added(udiat, capsys):
    (udiat / "BUS/original/000001.png").write_bytes(b"\x89PNG nothing")
    code, printed = run(capsys, "data", "add", "udiat", udiat)
    assert code == 1
    assert "000001.png cannot be read as .png" in printed.err


def test_show_draws_regions(udiat, capsys, tmp_path):
    assert run(capsys, "data", "show", f"udiat:{udiat}", "--sample", "000002", "-o", "x.png")[0] == 0
    picture = np.asarray(Image.open(tmp_path / "x.png"))
    red = (picture == (255, 70, 70)).all(axis=-1)
    rois = usbench.load_dataset(f"udiat:{udiat}", whole=True)[1].rois
    drawn = red[:96, :120]
    assert drawn.any()
    assert not (drawn & ~rois.masks["lesion"]).any()
    assert run(capsys, "data", "show", "phantom[count=1]+psf")[0] == 0
    assert list(tmp_path.glob("phantom*.png"))


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one file with ranges; the first answer breaks off half-way."""

    content = b""
    ranges: ClassVar[list] = []
    broken = True

    def do_GET(self):
        start = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
        type(self).ranges.append(start)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        end = len(self.content) // 2 if type(self).broken else len(self.content)
        type(self).broken = False
        self.wfile.write(self.content[start:end])

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    TREES["udiat"](tmp_path / "made")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as packed:
        for file in (tmp_path / "made").rglob("*.png"):
            packed.write(file, file.relative_to(tmp_path / "made"))
        packed.writestr("more.bin", np.random.default_rng(0).bytes(400_000))
    Server.content, Server.ranges, Server.broken = (tmp_path / "set.zip").read_bytes(), [], True
    running = http.server.HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/set.zip"
    running.shutdown()
    running.server_close()


def test_a_download_goes_on_where_it_broke_and_its_hash_is_kept(server, tmp_path, monkeypatch, capsys):
    target = public_sets()["udiat"]
    monkeypatch.setattr(target, "downloads", (Download(server, "set.zip"),))
    code, printed = run(capsys, "data", "get", "udiat")
    assert code == 1
    assert "the same command resumes the download" in printed.err
    assert printed.err.count("\n") == 1
    code, printed = run(capsys, "data", "get", "udiat")
    assert code == 0, printed.err
    assert Server.ranges[0] == 0
    assert len(Server.content) // 2 - 2**16 <= Server.ranges[1] <= len(Server.content) // 2
    assert "2 samples" in printed.out
    assert len(usbench.load_dataset("udiat", whole=True)) == 2
    # another file at the same address is noticed
    (tmp_path / "index/files/udiat/set.zip").unlink()
    Server.content = Server.content + b"x"
    with pytest.raises(StoreError, match="is not the expected file"):
        fetch("udiat", target.downloads)


def test_without_a_network_it_is_tried_once_and_told(monkeypatch, capsys):
    target, asked, get = public_sets()["udiat"], [], requests.get

    def counted(url, **options):
        asked.append((url, options["timeout"]))
        return get(url, **options)

    monkeypatch.setattr(target, "downloads", (Download("http://127.0.0.1:9/set.zip", "set.zip"),))
    monkeypatch.setattr(requests, "get", counted)
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail(f"it waits {seconds} s to try again"))
    code, printed = run(capsys, "data", "get", "udiat")
    assert code == 1
    assert asked == [("http://127.0.0.1:9/set.zip", (CONNECT_SECONDS, READ_SECONDS))]
    assert "cannot be reached" in printed.err


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("../out.png", {}, "would leave the folder"),
        ("/etc/out.png", {}, "would leave the folder"),
        ("a/../../out.png", {}, "would leave the folder"),
        ("..\\out.png", {}, "would leave the folder"),
        ("C:\\out.png", {}, "would leave the folder"),
        ("link", {"external_attr": 0o120777 << 16}, "is a link"),
    ],
)
def test_zip_tricks_are_refused(tmp_path, name, options, reason):
    member = zipfile.ZipInfo(name)
    for key, value in options.items():
        setattr(member, key, value)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("fine.png", b"fine")
        packed.writestr(member, b"target")
    with pytest.raises(ImageError, match=reason):
        unzip(tmp_path / "a.zip", tmp_path / "deep" / "out")
    assert not list(tmp_path.rglob("*.png"))


def test_zip_bombs_twins_and_torn_archives_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb", bytes(30_000_000))
    with pytest.raises(ImageError, match="says that it is 30,000,000 bytes"):
        unzip(tmp_path / "bomb.zip", tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "twins.zip", "w") as packed:
        packed.writestr("a", b"1")
        packed.writestr("./a", b"2")
    with pytest.raises(ImageError, match="twice"):
        unzip(tmp_path / "twins.zip", tmp_path / "out")
    whole = (tmp_path / "twins.zip").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "torn.zip").write_bytes(whole[:length])
        with pytest.raises(ImageError):
            unzip(tmp_path / "torn.zip", tmp_path / "out")
    assert not Path(tmp_path / "out").exists()
