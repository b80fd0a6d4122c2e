"""Calls of a despeckling method, with the tests of its contract's rules."""

import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from usbench.conformance.findings import NotApplicable, require
from usbench.conformance.trial import PREPARING, Trial
from usbench.conformance.watch import torch_is_seeded_by
from usbench.core.errors import sentence
from usbench.core.method import Method
from usbench.core.sample import Sample
from usbench.evaluation.checked_estimate import HIGHEST, LOWEST
from usbench.evaluation.evaluate import despeckle_sample

if TYPE_CHECKING:
    import torch

REPEATS_TO = 1e-5  # of the grey range; differences by memory alignment between calls are smaller
BATCHES_TO = 1e-4  # of the grey range; kernels for batches sum in another order
DEVICES_TO = 0.5 / 255  # half a grey level of 8 bits; accelerators round float32 products to fewer bits
SHAPES = (*((n, n) for n in range(1, 17)), (1, 40), (40, 1), (3, 2), (17, 33), (255, 257))
USUAL = (48, 40)
TIMED = (128, 128)
OVERSHOOT, OUTSIDE = 0.05, 0.01  # outside [0, 1], and the share of pixels that may be outside
THREADS = 4


@dataclass
class Calls:
    """Calls of one method; each public function tests a rule."""

    method: Method
    trial: Trial

    def prepare(self) -> None:
        """Prepare it, and a second instance to see whether that seeds torch."""
        quiet = ("random", "numpy.random")  # layers of networks draw from torch's generator before weights are loaded
        self.trial.call(lambda: self.method.prepare("cpu"), images=PREPARING, generators=quiet)
        again = [type(self.method).create(self.method.values()) for _ in range(2)]
        seeded = self.trial.call(
            lambda: torch_is_seeded_by(lambda: again.pop().prepare("cpu")), images=2 * PREPARING, generators=quiet
        )
        if seeded:
            self.trial.watch.generators.add("torch")

    def in_time(self) -> str:
        """Time an image after a warm-up."""
        image = _tensor(_speckle(TIMED))
        start = time.perf_counter()
        try:
            self.raw(image)
            start = time.perf_counter()
            self.raw(image)
        except Exception as error:
            if time.perf_counter() - start >= self.trial.seconds:
                raise
            raise NotApplicable(f"it raises in the warm-up: {sentence(error)}") from error
        return f"{TIMED[0]} x {TIMED[1]} pixels in {time.perf_counter() - start:.2g} s"

    def shaped(self) -> None:
        """Test the shape of the result for a batch of one."""
        import torch

        image = _tensor(_speckle(USUAL))
        result = self.raw(image)
        require(isinstance(result, torch.Tensor), f"it returned {type(result).__name__} where a tensor is expected")
        found, expected = tuple(result.shape), tuple(image.shape)
        require(found == expected, f"it returned shape {found} for an image of shape {expected}")

    def typed(self) -> None:
        """Test the type and device of the result."""
        import torch

        result = self.raw(_tensor(_speckle(USUAL)))
        require(result.dtype == torch.float32, f"it returned {result.dtype} where torch.float32 is expected")
        require(result.device.type == "cpu", f"it returned a tensor on {result.device} for one on the CPU")

    def finite(self) -> None:
        """Test for NaN and infinity."""
        bad = int((~np.isfinite(self.usual)).sum())
        require(bad == 0, f"{bad} of {self.usual.size} pixels of the result for an ordinary image are NaN or infinity")

    def in_range(self) -> None:
        """Test whether clipping would change pixels visibly."""
        outside = (self.usual < -OVERSHOOT) | (self.usual > 1 + OVERSHOOT)
        low, high = _extremes(self.usual)
        require(outside.mean() <= OUTSIDE, f"the result for an ordinary image in [0, 1] is in [{low:.3g}, {high:.3g}]")

    def any_size(self) -> None:
        """Try shapes from one pixel to 255 x 257."""
        for shape in SHAPES:
            image = _tensor(_speckle(shape))
            try:
                result = self.raw(image)
            except Exception as error:
                raise type(error)(f"at {shape[0]} x {shape[1]} pixels: {error}") from error
            found = tuple(getattr(result, "shape", ()))
            require(found == tuple(image.shape), f"{shape[0]} x {shape[1]} pixels came back as {found[2:]}")

    def flat(self) -> None:
        """Try flat images."""
        for name, value in (("black", 0.0), ("grey", 0.5), ("white", 1.0)):
            result = self.plane(np.full((24, 24), value, np.float32))
            require(bool(np.isfinite(result).all()), f"the result for a {name} image has NaN or infinity")

    def input_kept(self) -> None:
        """Compare the input with a copy."""
        import torch

        image = _tensor(_speckle(USUAL))
        before = image.clone()
        self.raw(image)
        require(bool(torch.equal(image, before)), "despeckle overwrote its input")

    def repeatable(self) -> None:
        """Despeckle the same image twice in a row."""
        image = _speckle(USUAL)
        first, second = self.plane(image), self.plane(image)
        require(_same(first, second), f"the same image gave two results, {_gap(first, second)} apart")

    def stateless(self) -> None:
        """Despeckle another image between two calls with the same."""
        image = _speckle(USUAL)
        before, again = self.plane(image), self.plane(image)
        if not _same(before, again):
            raise NotApplicable("the same image twice in a row differs already")
        for other in (_speckle(USUAL, 1), 1 - image, np.full((9, 31), 0.9, np.float32)):
            self.plane(other)
        after = self.plane(image)
        require(_same(again, after), f"its result changed by {_gap(again, after)} after other images")

    def batch(self) -> None:
        """Compare a batch with its images one by one."""
        import torch

        planes = torch.cat([_tensor(_speckle(USUAL[::-1], n)) for n in range(3)])
        together = self.raw(planes)
        found, expected = tuple(getattr(together, "shape", ())), tuple(planes.shape)
        require(found == expected, f"a batch {expected} came back as {found}")
        alone = torch.cat([self.raw(plane[None]) for plane in planes])
        require(
            bool(torch.allclose(together, alone, rtol=0, atol=BATCHES_TO, equal_nan=True)),
            "an image's result depends on the rest of its batch",
        )

    def bad_pixel(self) -> str:
        """Despeckle a batch with a NaN in its second image, and an ordinary image afterwards."""
        import torch

        planes = torch.cat([_tensor(_speckle(USUAL, n)) for n in range(3)])
        alone = [self.raw(planes[n : n + 1]) for n in (0, 2)]
        planes[1, 0, 20, 17] = float("nan")
        try:
            result = self.raw(planes)
        except Exception as error:
            note = f"refuses NaN: {sentence(error)}"
        else:
            for n, expected in zip((0, 2), alone, strict=True):
                clean = torch.allclose(result[n : n + 1], expected, rtol=0, atol=BATCHES_TO, equal_nan=True)
                require(clean, "a NaN in one image of a batch changed another image")
            note = "NaN stay in the image" if bool(result[1].isnan().any()) else "NaN are replaced"
        after = self.raw(_tensor(_speckle(USUAL)))
        clean = torch.allclose(after, alone[0], rtol=0, atol=BATCHES_TO, equal_nan=True)
        require(clean, "a NaN in one image changed the image after it")
        return note

    def strided(self) -> None:
        """Despeckle every second row and third column of a larger array, and a flipped image."""
        import torch

        image = _speckle(USUAL)
        spread = torch.from_numpy(np.repeat(np.repeat(image, 2, 0), 3, 1))[None, None][:, :, ::2, ::3]
        turned = torch.from_numpy(np.ascontiguousarray(image.T))[None, None].transpose(2, 3)
        for strided in (spread, turned):
            result = self.raw(strided)[0, 0].numpy()
            require(_same(result, self.usual), f"its result changed by {_gap(result, self.usual)}")

    def no_reference(self) -> None:
        """Run it in the harness on one image with two different references."""
        self._on_scale()
        image = _speckle(USUAL)
        first, second = (self._with_reference(image, reference) for reference in (1 - image, image / 2))
        read = self.trial.watch.samples_read
        require(not read, f"it opens files of the harness's sample cache, such as {read[0] if read else ''}")
        if not _same(self.plane(image), self.plane(image)):
            raise NotApplicable("the same image gives two results already")
        require(_same(first, second), "its result changes with the reference, which it is not given")

    def threads(self) -> None:
        """Despeckle several images at once in separate threads."""
        images = [_tensor(_speckle(USUAL, n % THREADS)) for n in range(2 * THREADS)]
        serial = [self.raw(image) for image in images]
        results: list[Any] = [None] * len(images)
        errors: list[BaseException] = []
        numbers = iter(range(len(images)))
        lock, started = threading.Lock(), threading.Barrier(THREADS)

        def work() -> None:
            started.wait()  # or the first would be done before the last begins
            while True:
                with lock:
                    n = next(numbers, None)
                if n is None:
                    return
                try:
                    results[n] = self.method.despeckle(images[n])
                except BaseException as error:
                    errors.append(error)
                self.trial.watch.end_if_copied()

        def together() -> None:
            workers = [threading.Thread(target=work, daemon=True) for _ in range(THREADS)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        self.trial.call(together, images=len(images))
        require(not errors, f"it raised {sentence(errors[0]) if errors else ''}")
        for expected, result in zip(serial, results, strict=True):
            require(_same(expected.numpy(), result.numpy()), "an image's result depends on other threads' images")

    def accelerator(self) -> str:
        """Compare the CPU with an accelerator."""
        device = _accelerator()
        if not device:
            raise NotApplicable("there is no accelerator here")
        other = type(self.method).create(self.method.values())
        self.trial.call(lambda: other.prepare(device), images=PREPARING, generators=())
        image = _tensor(_speckle(USUAL)).to(device)
        result = self.trial.call(lambda: other.despeckle(image))
        require(result.device.type == device, f"the result for a tensor on {device} is on {result.device}")
        plane = result[0, 0].cpu().numpy()
        require(_same(plane, self.usual, DEVICES_TO), f"{device} and CPU are {_gap(plane, self.usual)} apart")
        return f"{device}, {_gap(plane, self.usual)} apart"

    def made_again(self) -> None:
        """Make it again from its parameters."""
        again = type(self.method).create(self.method.values())
        require(
            again == self.method and again.label == self.method.label,
            "its parameters do not make the same method again",
        )
        require(again.values_hash() == self.method.values_hash(), "its hash is not stable")

    @cached_property
    def usual(self) -> np.ndarray:
        """The result for an ordinary image."""
        return self.plane(_speckle(USUAL))

    def raw(self, image: "torch.Tensor") -> Any:
        """Return the result of despeckle, unchecked."""
        return self.trial.call(lambda: self.method.despeckle(image), images=len(image))

    def plane(self, image: np.ndarray) -> np.ndarray:
        """Return the result for one image as an array, unchecked."""
        return self.raw(_tensor(image))[0, 0].numpy()

    def _with_reference(self, image: np.ndarray, reference: np.ndarray) -> np.ndarray:
        sample = Sample("check", image, reference)
        return self.trial.call(lambda: despeckle_sample(self.method, sample))

    def display(self, image: np.ndarray) -> np.ndarray:
        """Return the result for one image of the display domain as in a run: converted, checked, clipped."""
        self._on_scale()
        return self.trial.call(lambda: despeckle_sample(self.method, Sample("check", image, dynamic_range_db=60.0)))

    def _on_scale(self) -> None:
        low, high = _extremes(self.usual)
        if low < LOWEST or high > HIGHEST:
            raise NotApplicable("a run refuses its results, which are far outside [0, 1]")


def _tensor(image: np.ndarray) -> "torch.Tensor":
    import torch

    return torch.from_numpy(image.copy())[None, None]


def _speckle(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(0.4 * rng.rayleigh(0.8, shape), 0, 1).astype(np.float32)


def _same(first: np.ndarray, second: np.ndarray, within: float = REPEATS_TO) -> bool:
    return first.shape == second.shape and np.allclose(first, second, rtol=0, atol=within, equal_nan=True)


def _gap(first: np.ndarray, second: np.ndarray) -> str:
    if first.shape != second.shape:
        return f"shapes {first.shape} and {second.shape}"
    with np.errstate(invalid="ignore"):  # of infinity from infinity
        return f"{_extremes(np.abs(first - second))[1]:.2g}"


def _extremes(values: np.ndarray) -> tuple[float, float]:
    """Return the least and the greatest value; NaN does not count, and is returned if there is nothing else."""
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.max())) if known.size else (float("nan"), float("nan"))


def _accelerator() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else ""
