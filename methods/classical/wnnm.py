"""Weighted nuclear norm minimisation."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from usbench.core.method import MethodCard
from usbench.core.search_space import Real, over

from .groups import in_window, key_places, match, padded_for, put_back, shrink, take
from .stack import StackMethod

BATCH = 2048  # groups that are decomposed at once


@dataclass(frozen=True)
class Wnnm(StackMethod):
    r"""Repeated low-rank approximation of groups of similar patches, with some of the noise added back each time.

    .. math:: \hat X = U \Sigma' V^T, \quad \sigma_i' = \frac{\sigma_i + \sqrt{\sigma_i^2 - 4 C}}{2}, \quad
        C = 2 c \sqrt n\, \nu^2

    for each group of :math:`n` patches minus their mean patch (:math:`\sigma_i' = 0` where the root is not real). Each
    round starts from :math:`y + \delta (x - y)`. The noise is :math:`\nu = \sigma` in the first round and
    :math:`\nu = \gamma \sqrt{|\sigma^2 - \overline{(x - y)^2}|}` over each key patch in later ones. Patches are matched
    every second round. A pixel is the mean of all restored patches that contain it.

    Parameters
    ----------
    sigma
        Standard deviation :math:`\sigma` of the noise, on a grey scale of 0 to 1. Log-compressed Rayleigh speckle at
        60 dB has 0.093.
    patch, search
        Height and width of a patch, and the greatest distance in pixels at which patches are compared; 6 to 9 and 30 in
        the paper.
    similar
        :math:`n`; 70 to 140 in the paper.
    step
        Distance of key patches in pixels.
    iterations
        Rounds; 8 to 14 in the paper.
    c, delta, gamma
        :math:`2 \sqrt 2`, 0.1, and 0.54 to 0.58 in the paper.

    References
    ----------
    Gu, Zhang, Zuo, Feng, "Weighted nuclear norm minimization with application to image denoising", CVPR 2014.
    """

    name = "wnnm"
    card = MethodCard(
        title="Weighted nuclear norm minimisation",
        family="patches",
        citation="Gu, Zhang, Zuo, Feng, CVPR 2014",
        doi="10.1109/CVPR.2014.366",
        note="Fewer rounds (4) and key patches (every 4th pixel) than the paper's, for time.",
        default_from={
            "sigma": "ours",
            "patch": "paper",
            "search": "ours",
            "similar": "paper",
            "step": "ours",
            "iterations": "ours",
            "c": "paper",
            "delta": "paper",
            "gamma": "paper",
        },
    )
    space = over(sigma=Real(0.02, 0.5, log=True))

    sigma: Annotated[float, Field(gt=0, le=1)] = 0.1
    patch: Annotated[int, Field(ge=2, le=16)] = 6
    search: Annotated[int, Field(ge=1, le=60)] = 15
    similar: Annotated[int, Field(ge=2, le=200)] = 70
    step: Annotated[int, Field(ge=1, le=16)] = 4
    iterations: Annotated[int, Field(ge=1, le=50)] = 4
    c: Annotated[float, Field(gt=0, le=100)] = 2.828
    delta: Annotated[float, Field(ge=0, lt=1)] = 0.1
    gamma: Annotated[float, Field(gt=0, le=2)] = 0.56

    def despeckle_stack(self, stack: np.ndarray) -> np.ndarray:
        """Denoise display images one by one."""
        return np.stack([self.denoised(frame) for frame in stack])

    def denoised(self, image: np.ndarray) -> np.ndarray:
        """Denoise one image."""
        noisy = padded_for(image, self.patch, self.search)
        similar = in_window(self.similar, self.search)
        rows, columns = (key_places(extent, self.patch, self.step) for extent in noisy.shape)
        estimate = noisy
        for turn in range(self.iterations):
            estimate = estimate + self.delta * (noisy - estimate)
            if turn % 2 == 0:
                found = match(estimate, rows, columns, self.patch, self.search, similar)
            groups = take(estimate, found, self.patch)
            removed = (noisy - estimate) ** 2
            variance = np.full(len(groups), self.sigma**2)
            if turn:
                already = take(removed, found[:, :1], self.patch).mean(axis=(1, 2))
                variance = self.gamma**2 * np.abs(self.sigma**2 - already)
            for start in range(0, len(groups), BATCH):
                part = groups[start : start + BATCH]
                mean = part.mean(axis=2, keepdims=True)
                penalty = 2 * self.c * np.sqrt(similar) * variance[start : start + BATCH, None]
                part[:] = shrink(part - mean, penalty) + mean
            estimate = put_back(groups, found, self.patch, *noisy.shape)
        return estimate[: image.shape[0], : image.shape[1]].astype(np.float32)
