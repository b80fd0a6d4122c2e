"""Downloads of public sets, with hashes checked by pooch; an interrupted download is resumed."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from usbench.core.errors import StoreError
from usbench.io.atomic_write import write_whole
from usbench.public_data.index import data_folder
from usbench.weights.shards import file_hash

CONNECT_SECONDS, READ_SECONDS = 8, 60
CHUNK = 2**16  # bytes


@dataclass(frozen=True)
class Download:
    """A file of a set at a stable address, whose licence allows anyone to download it.

    Attributes
    ----------
    url
        The address.
    name
        Of the local file; `.zip` files are unpacked.
    known_hash
        `sha256:...` or `md5:...`, as for pooch; empty if none is published: the hash of the first download is then
        recorded, and later ones must match it.
    """

    url: str
    name: str
    known_hash: str = ""


def fetch(
    name: str, downloads: tuple[Download, ...], progress: Callable[[int, int], None] = lambda _a, _b: None
) -> Path:
    """Download and unpack the files of a set into the user's data folder; return the folder.

    Parameters
    ----------
    name
        Of the set.
    downloads
        Its files; those that exist with the right hash are not downloaded.
    progress
        Called with the number of bytes that are here, and of all bytes (0 if the server does not say).

    Raises
    ------
    StoreError
        If there is no network, the server refuses, the hash does not match, or the folder cannot be written.
    """
    import pooch

    from usbench.io.unzip import unzip

    pooch.get_logger().setLevel("ERROR")
    folder = data_folder() / "files" / name
    for download in downloads:
        file = folder / download.name
        known = download.known_hash or _recorded(download.url)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            resume = _Resuming(folder / f".{download.name}.part", progress)
            pooch.retrieve(download.url, known or None, download.name, folder, downloader=resume)
        except ValueError as error:
            resume.forget()
            raise StoreError(f"{download.url} is not the expected file: {_line(error)}.") from None
        except OSError as error:  # requests' errors are OSErrors
            raise StoreError(_sentence(download.url, error)) from None
        if not known:
            _record(download.url, f"sha256:{file_hash(file)}")
        if file.suffix == ".zip" and not (folder / f".{download.name}.unpacked").is_file():
            unzip(file, folder)
            (folder / f".{download.name}.unpacked").touch()
    return folder


class _Resuming:
    """A downloader for pooch that resumes an interrupted download."""

    def __init__(self, part: Path, progress: Callable[[int, int], None]) -> None:
        self._part = part
        self._progress = progress

    def __call__(self, url: str, output_file: Any, pooch: Any) -> None:
        import requests

        here = self._part.stat().st_size if self._part.is_file() else 0
        headers = {"Range": f"bytes={here}-"} if here else {}
        with requests.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as answer:
            if answer.status_code == 416:  # all of it is here
                answer.close()
            else:
                answer.raise_for_status()
                here = here if answer.status_code == 206 else 0
                total = here + int(answer.headers.get("Content-Length") or 0)
                with self._part.open("ab" if here else "wb") as stream:
                    for chunk in answer.iter_content(CHUNK):
                        stream.write(chunk)
                        here += len(chunk)
                        self._progress(here, total)
                if total and here < total:
                    raise requests.ConnectionError("the connection ended before the file did")
        os.replace(self._part, output_file)

    def forget(self) -> None:
        self._part.unlink(missing_ok=True)


def _sentence(url: str, error: OSError) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{url} cannot be downloaded: the server answers {error.response.status_code}."
    if isinstance(error, requests.RequestException):
        return f"{url} cannot be reached, or the connection was lost; the same command resumes the download."
    return f"{url} cannot be downloaded: {_line(error)}."


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200].rstrip(".") if lines else type(error).__name__


def _records() -> Path:
    return data_folder() / "files" / "hashes.json"


def _recorded(url: str) -> str:
    try:
        return str(json.loads(_records().read_text()).get(url, ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _record(url: str, digest: str) -> None:
    try:
        known = json.loads(_records().read_text())
    except (OSError, ValueError):
        known = {}
    write_whole(_records(), (json.dumps(known | {url: digest}, indent=1, sort_keys=True) + "\n").encode())
