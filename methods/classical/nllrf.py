"""Non-local low-rank filtering."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, over

from .groups import in_window, key_places, match, padded_for, put_back, shrink, take
from .separable import gaussian_weights, smooth
from .stack import StackMethod

BATCH = 2048  # groups that are decomposed at once


@dataclass(frozen=True)
class Nllrf(StackMethod):
    r"""Groups of patches that are similar in a guidance image are split into a low-rank part and sparse columns.

    .. math:: \min_{L, S} \; \frac12 \|Y - L - S\|_F^2 + \sum_i w_i \sigma_i(L) + \tau \|S\|_{2, 1}, \quad
        w_i = C / \sigma_i(L)

    is minimised in turn over :math:`L`, by the shrinkage of singular values of `wnnm` with
    :math:`C = 2 c \sqrt n\, \sigma^2`, and over each column of :math:`S`, the misfit of a patch, whose length is shrunk
    by :math:`\tau`. Patches are matched in a smoothed image, so that they are not chosen by their speckle. A pixel is
    the mean of all low-rank patches that contain it.

    Parameters
    ----------
    sigma
        Standard deviation of the noise, on a grey scale of 0 to 1.
    guidance
        Standard deviation of the Gaussian that smooths the guidance image, in pixels.
    patch, search
        Height and width of a patch, and the greatest distance in pixels at which patches are compared.
    similar
        :math:`n`, the number of patches in a group.
    step
        Distance of key patches in pixels.
    tau
        Length of a misfit above which it is moved to :math:`S`, in units of :math:`\sigma` times the patch's height.
    turns
        Number of alternations.
    c
        Factor of the weights.

    References
    ----------
    Zhu, Fu, Brown, Wang, Heng, "A non-local low-rank framework for ultrasound speckle reduction", CVPR 2017, pp.
    5650-5658. We did not have the text: guidance, low rank and structured sparsity are the paper's, while their weights
    and the Gaussian guidance are ours.
    """

    name = "nllrf"
    card = MethodCard(
        title="Non-local low-rank framework",
        family="patches",
        citation="Zhu, Fu, Brown, Wang, Heng, CVPR 2017",
        doi="10.1109/CVPR.2017.60",
        note="Our reading: weights, counts and the Gaussian guidance are ours.",
        default_from={
            "sigma": "ours",
            "guidance": "ours",
            "patch": "ours",
            "search": "ours",
            "similar": "ours",
            "step": "ours",
            "tau": "ours",
            "turns": "ours",
            "c": "ours",
        },
    )
    space = over(sigma=Real(0.02, 0.5, log=True), guidance=Real(0.7, 4, log=True))

    sigma: Annotated[float, Field(gt=0, le=1)] = 0.1
    guidance: Annotated[float, Field(gt=0, le=10)] = 1.5
    patch: Annotated[int, Field(ge=2, le=16)] = 7
    search: Annotated[int, Field(ge=1, le=60)] = 12
    similar: Annotated[int, Field(ge=2, le=200)] = 60
    step: Annotated[int, Field(ge=1, le=16)] = 4
    tau: Annotated[float, Field(gt=0, le=100)] = 1.5
    turns: Annotated[int, Field(ge=1, le=50)] = 3
    c: Annotated[float, Field(gt=0, le=100)] = 2.828

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Filter display images one by one."""
        guides = smooth(stack, gaussian_weights(self.guidance))
        return np.stack([self.filtered(frame, guide) for frame, guide in zip(stack, guides, strict=True)])

    def filtered(self, image: np.ndarray, guide: np.ndarray) -> np.ndarray:
        """Filter one image."""
        padded, guide = (padded_for(plane, self.patch, self.search) for plane in (image, guide))
        similar = in_window(self.similar, self.search)
        rows, columns = (key_places(extent, self.patch, self.step) for extent in padded.shape)
        found = match(guide, rows, columns, self.patch, self.search, similar)
        groups = take(padded, found, self.patch)
        penalty = np.full((1, 1), 2 * self.c * np.sqrt(similar) * self.sigma**2)
        bound = self.tau * self.sigma * self.patch
        for start in range(0, len(groups), BATCH):
            part = groups[start : start + BATCH]
            sparse = np.zeros_like(part)
            for _ in range(self.turns):
                mean = (part - sparse).mean(axis=2, keepdims=True)
                low_rank = shrink(part - sparse - mean, penalty) + mean
                misfit = part - low_rank
                length = np.sqrt((misfit**2).sum(axis=1, keepdims=True))
                sparse = misfit * np.maximum(1 - bound / np.maximum(length, 1e-12), 0)
            part[:] = low_rank
        restored = put_back(groups, found, self.patch, *padded.shape)
        return restored[: image.shape[0], : image.shape[1]].astype(np.float32)
