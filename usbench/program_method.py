"""Methods that are programs: executables, or MATLAB, Octave or R scripts, that read a file and write one.

Examples
--------
A C++ program that is called as `despeckle IN.npy OUT.npy --window 7`, in a user's file `my_program.py`:

>>> from dataclasses import dataclass
>>> import usbench
>>> from usbench.program_method import ProgramMethod
>>> @dataclass(frozen=True)
... class MyProgram(ProgramMethod):
...     '''Smooths with the program of our 2019 paper.'''
...
...     card = usbench.MethodCard(title="My program", family="external", licence="MIT")
...     command = ("./despeckle", "{input}", "{output}", "--window", "{window}")
...     window: int = 7
>>> MyProgram(window=9).arguments("in.npy", "out.npy")[1:]
['in.npy', 'out.npy', '--window', '9']
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from usbench.core.errors import MethodError, PluginError
from usbench.core.method import PlaneMethod
from usbench.weights.shards import file_hash

GREYS = 65535  # of a 16-bit picture


def write_npy(path: Path, image: np.ndarray) -> None:
    """Write a NumPy file, float32."""
    np.save(path, image)


def read_npy(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Read a NumPy file without running anything in it."""
    return np.load(path, allow_pickle=False)


def write_raw(path: Path, image: np.ndarray) -> None:
    """Write little-endian float32, row after row, without a header."""
    path.write_bytes(image.astype("<f4").tobytes())


def read_raw(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Read little-endian float32, row after row, without a header."""
    found, expected = path.stat().st_size, 4 * shape[0] * shape[1]
    if found != expected:
        raise ValueError(f"{found} bytes where {expected} are expected, 4 a pixel")
    return np.fromfile(path, "<f4").reshape(shape)


def write_png(path: Path, image: np.ndarray) -> None:
    """Write 16-bit grey."""
    from PIL import Image

    Image.fromarray(np.round(image * GREYS).astype(np.uint16)).save(path)


def read_png(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Read 8- or 16-bit grey."""
    from usbench.io import read_image

    return read_image(path, full_range=True).pixels


@dataclass(frozen=True)
class Exchange:
    """A file format in which images are exchanged with a program.

    Attributes
    ----------
    suffix
        Of both files.
    write
        Called with a path and a float32 image in [0, 1].
    read
        Called with a path and the expected shape.
    """

    suffix: str
    write: Callable[[Path, np.ndarray], None]
    read: Callable[[Path, tuple[int, int]], np.ndarray]


EXCHANGES = {
    "npy": Exchange(".npy", write_npy, read_npy),
    "raw": Exchange(".raw", write_raw, read_raw),
    "png": Exchange(".png", write_png, read_png),
}


class ProgramMethod(PlaneMethod):
    """Base of a method that runs a program on a file per image: subclass it with `@dataclass(frozen=True)`.

    The program runs in an empty temporary folder, without a shell. Its process group is ended when its time is up, and
    the folder is always removed. Its start is part of the time that `usbench time` measures.

    Attributes
    ----------
    command
        The program and its arguments. `{input}` and `{output}` stand for the files, `{height}` and `{width}` for the
        image's size, `{python}` for this interpreter, and the name of a parameter for its value. A program with a
        folder in its name (`./despeckle`) is looked for in the folder of the file that defines the method, any other on
        the PATH. `{here}` is that folder, for scripts.
    exchange
        `npy` and `raw` (little-endian float32, row by row, no header) are lossless; `png` has 16 bits of grey and
        rounds to 1/65535.
    seconds
        The time limit of one image.
    files
        Other files next to the method's own on which the result depends, such as scripts that the command does not name
        as `{here}/FILE`. Results of a changed program or file are computed again.
    """

    command: ClassVar[tuple[str, ...]] = ()
    exchange: ClassVar[str] = "npy"
    seconds: ClassVar[float] = 60.0
    files: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def unavailable(cls) -> str:
        """Return a sentence if the program is not on this machine, else an empty string."""
        if not cls.command:
            return (
                f"{cls.__name__} has no command; expected the program and its arguments, such as ('./despeckle', ...)."
            )
        program = cls._program()
        if shutil.which(program) is None:
            return f"{cls.name or cls.__name__} needs the program {program}, which is not here or cannot be executed."
        return ""

    def weights_hash(self) -> str:
        """Return a hash of the program and of its files, so that another build is another method.

        Raises
        ------
        PluginError
            If one of `files` does not exist.
        """
        named = [Path(part) for part in self.arguments("", "")[1:] if part.startswith(str(self._home()))]
        paths = [Path(shutil.which(self._program()) or self._program()), *(path for path in named if path.is_file())]
        paths += [self._home() / file for file in self.files]
        missing = [path for path in paths if not path.is_file()]
        if missing:
            raise PluginError(f"{self.label}: the file {missing[0]} does not exist.")
        return hashlib.sha256("".join(map(file_hash, paths)).encode()).hexdigest()[:16]

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Run the program on an image, (axial, lateral), float32 in [0, 1].

        Raises
        ------
        MethodError
            If the program cannot be started, fails, takes too long, or writes no readable image. The message has its
            exit code and the last line of its standard error.
        """
        exchange = self._exchange()
        with tempfile.TemporaryDirectory(prefix="usbench-") as folder:
            source, target = (Path(folder) / f"{name}{exchange.suffix}" for name in ("input", "output"))
            exchange.write(source, image)
            self._run(self.arguments(str(source), str(target), image.shape), folder)
            if not target.is_file():
                raise MethodError(f"{self.label}: the program succeeded but wrote no {target.name}.")
            try:
                return np.asarray(exchange.read(target, image.shape), dtype=np.float32)
            except Exception as error:  # the program may have written anything
                raise MethodError(f"{self.label}: the program's {target.name} cannot be read: {error}.") from error

    def arguments(self, source: str, target: str, shape: tuple[int, ...] = (0, 0)) -> list[str]:
        """Return the command for one image.

        Raises
        ------
        PluginError
            If the command has a name in braces that is neither a file nor a parameter.
        """
        height, width = shape
        words = {**self.values(), "input": source, "output": target, "height": height, "width": width}
        words |= {"python": sys.executable, "here": str(self._home())}
        try:
            filled = [part.format(**words) for part in self.command]
        except (KeyError, IndexError, ValueError) as error:
            raise PluginError(f"{self.label}: its command has {error}, which is no parameter of it.") from None
        return [self._program(), *filled[1:]]

    @classmethod
    def _home(cls) -> Path:
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        return Path(file).resolve().parent if file else Path.cwd()

    @classmethod
    def _program(cls) -> str:
        program = cls.command[0].format(python=sys.executable, here=cls._home())
        return str(cls._home() / program) if os.path.dirname(program) and not os.path.isabs(program) else program

    def _exchange(self) -> Exchange:
        if self.exchange not in EXCHANGES:
            raise PluginError(f"{self.label}: exchange is {self.exchange!r}; expected {', '.join(EXCHANGES)}.")
        return EXCHANGES[self.exchange]

    def _run(self, command: list[str], folder: str) -> None:
        errors = Path(folder) / "errors"
        try:
            with errors.open("wb") as stream:
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=stream,
                    start_new_session=True,
                )
        except OSError as error:
            reason = error.strerror or error
            raise MethodError(f"{self.label}: the program {command[0]} cannot be started: {reason}.") from None
        try:
            code = process.wait(self.seconds)
        except subprocess.TimeoutExpired:
            raise MethodError(f"{self.label}: the program exceeded its time limit of {self.seconds:g} s.") from None
        finally:
            _end_group(process)
        if code != 0:
            raise MethodError(f"{self.label}: the program ended with {ending(code)}{_last_line(errors)}.")


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """End the program and everything that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def ending(code: int) -> str:
    """Return in words how a process ended: its exit code, or the signal that ended it."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _last_line(errors: Path) -> str:
    lines = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f": {lines[-1].strip()[:200]}" if lines else ""
