"""Base of filters that process a stack of frames at once, so that frames can be distributed over cores too."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from usbench.core.method import Method
from usbench.runtime.numba_loops import start_threads

if TYPE_CHECKING:
    import torch

PREPARED_WITH = 16  # pixels; side of the image that `prepare` filters to compile every loop
WORTH_THREADS = 1 << 15  # pixels; for fewer, a second thread costs more time than it saves


class StackMethod(Method):
    """A method defined by `despeckle_stack`, which serves single planes and batches alike."""

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Return the despeckled frames.

        Parameters
        ----------
        stack
            (frames, axial, lateral), float32 in [0, 1], contiguous. It must not be written to.

        Returns
        -------
        numpy.ndarray
            float32, of the same shape.
        """
        raise NotImplementedError

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Compile the loops, or load them from numba's cache, by filtering a small ramp."""
        start_threads()
        ramp = np.linspace(0.1, 0.9, PREPARED_WITH**2, dtype=np.float32)
        self._despeckle(ramp.reshape(1, PREPARED_WITH, PREPARED_WITH))

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the despeckled 2-D image, (axial, lateral), float32."""
        return self._despeckle(np.ascontiguousarray(image, np.float32)[None])[0]

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Filter the frames of a batch together."""
        import torch

        stack = image.detach().to("cpu", torch.float32)[:, 0].contiguous().numpy()
        return torch.from_numpy(self._despeckle(stack))[:, None].to(image.device)

    def _despeckle(self, stack: np.ndarray) -> np.ndarray:
        if stack.size >= WORTH_THREADS:
            return self.despeckle_stack(stack)
        with one_thread():
            return self.despeckle_stack(stack)


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit the loops of the block to one thread."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)
