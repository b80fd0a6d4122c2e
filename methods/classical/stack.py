"""Filters that take a whole stack of planes at once, so that frames too can be spread over cores."""

from typing import TYPE_CHECKING

import numpy as np

from usbench.method import Method

if TYPE_CHECKING:
    import torch

PREPARED_WITH = 16  # pixels on a side; the image that `prepare` filters to have every loop compiled


class StackMethod(Method):
    """A method whose work is `despeckle_stack`; planes and batches are stacks."""

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
        ramp = np.linspace(0.1, 0.9, PREPARED_WITH**2, dtype=np.float32)
        self.despeckle_stack(ramp.reshape(1, PREPARED_WITH, PREPARED_WITH))

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the despeckled 2-D image, (axial, lateral), float32."""
        return self.despeckle_stack(np.ascontiguousarray(image, np.float32)[None])[0]

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Filter the frames of a batch together."""
        import torch

        stack = image.detach().to("cpu", torch.float32)[:, 0].contiguous().numpy()
        return torch.from_numpy(self.despeckle_stack(stack))[:, None].to(image.device)
