"""The contract of a despeckling method, and its card.

A method is a frozen set of parameters. `prepare` may be slow and is never timed; `despeckle` is the only timed call.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_type_hints, overload

import numpy as np

from usbench.core.card import Card
from usbench.core.errors import MethodError, PluginError
from usbench.core.parameters import Parameters, did_you_mean
from usbench.core.search_space import Space

if TYPE_CHECKING:
    import torch

Domain = Literal["display", "envelope"]
Origin = Literal["paper", "authors' code", "usual", "model", "ours"]


class MethodCard(Card):
    """Origin, licence and training data of a method.

    `domain` is the input of `despeckle`: the display image, or the envelope (the harness converts both ways).
    `trained_on` and `tuned_on` name data sets with their split, so that leaks into a test can be found.
    `default_from` gives the origin of each parameter's default: the paper, the authors' code, common use in the field,
    the model of the input (such as fully developed speckle), or this project.
    """

    title: str
    family: str
    citation: str = ""
    doi: str = ""
    licence: str = "Apache-2.0"
    domain: Domain = "display"
    trained_on: tuple[str, ...] = ()
    tuned_on: tuple[str, ...] = ()
    note: str = ""
    default_from: Mapping[str, Origin] = {}


class Method(Parameters):
    """Base of every despeckling method: subclass it with `@dataclass(frozen=True)`; the fields are the parameters.

    `version` changes whenever results change for the same parameters and weights: stored results are identified by it.
    A method in a user's own file without a version has a hash of the file's code as one.
    """

    card: ClassVar[MethodCard]
    name: ClassVar[str] = ""
    version: ClassVar[str] = "1"
    space: ClassVar[Space] = {}  # the parameters that `usbench tune` searches

    @classmethod
    def unavailable(cls) -> str:
        """Return why the method cannot be used here and what to do, in one sentence; empty if it can be used.

        For methods that need something that cannot be shipped. They are listed, a run of everything leaves them out,
        and asking for one by name raises an error with this sentence.
        """
        return ""

    def prepare(self, device: "str | torch.device" = "cpu") -> None:
        """Prepare on `device`: load weights, compile. Called once before the first image and never timed."""

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Return the despeckled image. This call is timed.

        Parameters
        ----------
        image
            float32 tensor (B, 1, H, W) in [0, 1] of any H and W, in the domain of the card.

        Returns
        -------
        torch.Tensor
            float32, of the same shape and on the same device.
        """
        raise PluginError(f"{type(self).__name__} does not define despeckle(image).")

    def weights_hash(self) -> str:
        """Return a hash of the method's trained weights; empty if there are none."""
        return ""

    @property
    def label(self) -> str:
        """The canonical name with the parameters that differ from the defaults, such as `srad[iterations=200]`."""
        return (self.name or type(self).__name__) + self.suffix()


class PlaneMethod(Method):
    """A method that works on one 2-D NumPy image at a time."""

    def despeckle_plane(self, image: np.ndarray) -> np.ndarray:
        """Return the despeckled image.

        Parameters
        ----------
        image
            (axial, lateral), float32 in [0, 1]: a copy that may be overwritten.

        Returns
        -------
        numpy.ndarray
            Of the same shape.
        """
        raise PluginError(f"{type(self).__name__} does not define despeckle_plane(image).")

    def despeckle(self, image: "torch.Tensor") -> "torch.Tensor":
        """Apply `despeckle_plane` to each image of the batch."""
        import torch

        planes = image.detach().to("cpu", torch.float32)[:, 0].numpy().copy()
        cleaned = [self._as_plane(self.despeckle_plane(plane)) for plane in planes]
        shapes = {plane.shape for plane in cleaned}
        if shapes != {planes.shape[1:]}:
            found = " and ".join(str(shape) for shape in sorted(shapes))
            raise MethodError(f"{self.label} returned an image of shape {found} for one of shape {planes.shape[1:]}.")
        stack = cleaned[0][None] if len(cleaned) == 1 else np.stack(cleaned)
        return torch.from_numpy(np.require(stack, requirements=["C", "W"]))[:, None].to(image.device)

    def _as_plane(self, result: Any) -> np.ndarray:
        if not isinstance(result, np.ndarray):
            raise MethodError(f"{self.label} returned {type(result).__name__} where a NumPy array is expected.")
        return result.astype(np.float32, copy=False)


@overload
def numpy_method(function: Callable[..., np.ndarray], *, space: Space | None = None, **card: Any) -> type[Any]: ...


@overload
def numpy_method(
    function: None = None, *, space: Space | None = None, **card: Any
) -> Callable[[Callable[..., np.ndarray]], type[Any]]: ...


def numpy_method(function: Callable[..., np.ndarray] | None = None, *, space: Space | None = None, **card: Any) -> Any:
    """Return a `Method` class made of a function from a 2-D float32 image in [0, 1] to one of the same shape.

    Parameters
    ----------
    function
        Its keyword arguments, which need defaults, become the method's parameters.
    space
        What `usbench tune` searches, by parameter: `space=usbench.over(size=usbench.Whole(3, 11, step=2))`.
    **card
        Fields of its `MethodCard`, and `version`.

    Raises
    ------
    PluginError
        If a parameter has no default, `space` names none of them, or the card has no such field.

    Examples
    --------
    >>> from scipy.ndimage import uniform_filter
    >>> @numpy_method(title="Box filter", family="smoothing")
    ... def box(image, size: int = 5):
    ...     return uniform_filter(image, size)
    >>> box(size=3).label
    'box[size=3]'
    """
    if function is None:
        return lambda plain: numpy_method(plain, space=space, **card)

    _, *parameters = inspect.signature(function).parameters.values()
    hints = get_type_hints(function, include_extras=True)
    fields = []
    for parameter in parameters:
        if parameter.default is parameter.empty:
            raise PluginError(f"Parameter {parameter.name!r} of {function.__name__} needs a default value.")
        kind = hints.get(parameter.name, type(parameter.default))
        fields.append((parameter.name, kind, dataclasses.field(default=parameter.default)))

    known = [name for name, *_ in fields]
    for name in space or ():
        if name not in known:
            has = f"The space of {function.__name__} has {name!r}, which is not one of its parameters."
            raise PluginError(has + did_you_mean(name, known))

    def despeckle_plane(self: PlaneMethod, image: np.ndarray) -> np.ndarray:
        return function(image, **self.values())

    card.setdefault("title", function.__name__.replace("_", " "))
    card.setdefault("family", "user")
    namespace: dict[str, Any] = {"version": str(card.pop("version"))} if "version" in card else {}
    namespace |= {"despeckle_plane": despeckle_plane, "card": MethodCard(**card), "name": function.__name__}
    namespace["space"] = dict(space or {})
    made = dataclasses.make_dataclass(
        function.__name__,
        fields,
        bases=(PlaneMethod,),
        frozen=True,
        namespace=namespace,
    )
    made.__module__ = function.__module__
    made.__doc__ = function.__doc__
    return made
