"""Deep image prior: a network fitted to one image and stopped before it fits the noise."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from usbench.core.method import MethodCard

from .zero_shot import ZeroShot, middle, mirrored, seeded

if TYPE_CHECKING:
    import torch

DEPTH, SKIP = 32, 4
INPUT = 0.1  # upper bound of the uniform noise that is the input
FADING = 0.99  # decay of the running mean over results


@dataclass(frozen=True)
class Dip(ZeroShot):
    r"""A convolutional network is fitted to produce the speckled image from fixed noise, and stopped early.

    .. math:: \hat x = f_{\theta_T}(z), \qquad
              \theta_{t + 1} = \theta_t - \eta_t \nabla_\theta \overline{(f_\theta(z + \sigma n_t) - y)^2}

    The hourglass with skip connections fits smooth and repeated structure before it fits noise, so the number of steps
    :math:`T` is the parameter that matters. The input :math:`z` is perturbed at each step, and the result is a running
    mean over the last steps, as in the authors' denoising. The optimiser is Adam. Nothing is learned from other images.

    Parameters
    ----------
    iterations
        Steps of Adam, after which the fit is stopped. The paper's denoising figures are for 1,800.
    seed
        Seed of the initial weights and all noise. The same image gives the same result.
    width
        Channels of the network; the paper has 128. The time of a step grows with its square.
    learning_rate
        Learning rate of Adam.
    disturbance
        Standard deviation :math:`\sigma` of the perturbation of the input at each step.

    References
    ----------
    Ulyanov, Vedaldi, Lempitsky, "Deep image prior", Int. J. Comput. Vis. 128:1867-1888, 2020 (CVPR 2018).
    """

    name = "dip"
    card = MethodCard(
        title="Deep image prior",
        family="deep, zero-shot",
        citation="Ulyanov, Vedaldi, Lempitsky, IJCV 128:1867-1888, 2020",
        doi="10.1007/s11263-020-01303-4",
        note="Nothing is trained beforehand. A 256 x 256 image takes 40 minutes of one core of an Intel Xeon (AVX-512; "
        "from the time of a few of its 1,800 steps), and up to 2 hours in a run.",
        default_from={"iterations": "paper", "width": "paper", "learning_rate": "paper", "disturbance": "paper"},
    )
    hours = "dip takes 40 minutes of one core for 256 x 256 pixels; name it with --method."
    seconds_per_image = 7200.0

    iterations: Annotated[int, Field(ge=1)] = 1800
    width: Annotated[int, Field(ge=1)] = 128
    learning_rate: Annotated[float, Field(gt=0)] = 0.01
    disturbance: Annotated[float, Field(ge=0)] = 1 / 30

    def fit(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the running mean over the last steps, (1, 1, H, W)."""
        import torch

        from .networks.hourglass import Hourglass

        levels = 5
        height, width = image.shape[2:]
        shape = mirrored(image, 2**levels, 2 ** (levels + 1)).shape[2:]
        network = seeded(lambda: Hourglass(DEPTH, self.width, SKIP, levels), self.seed).to(image.device)
        generator = torch.Generator(image.device).manual_seed(self.seed)
        noise = INPUT * torch.rand(1, DEPTH, *shape, generator=generator, device=image.device)
        optimiser = torch.optim.Adam(network.parameters(), self.learning_rate)
        mean = torch.zeros_like(image)
        for step in range(self.iterations):
            change = torch.randn(noise.shape, generator=generator, device=image.device)
            made = middle(network(noise + self.disturbance * change), height, width)
            optimiser.zero_grad()
            ((made - image) ** 2).mean().backward()
            optimiser.step()
            fading = FADING if step else 0.0
            mean = fading * mean + (1 - fading) * made.detach()
        return mean
