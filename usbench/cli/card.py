"""The card of a method as a person reads it."""

from collections.abc import Iterator, Mapping
from typing import Any

from usbench.cli.progress import duration
from usbench.core.formatting import significant
from usbench.core.head_metric import SIMULATED_HEAD


def method_card(about: Mapping[str, Any], typed: str, *, trainable: bool) -> list[tuple[str, str]]:
    """Return (label, text) lines of a method's card, of what `plugin_card` returns; `typed` names the method."""
    training = about.get("training", {})
    lines = [
        ("what", f"{about['title']} ({about['family']}; works on the {about['domain']})"),
        ("source", ", ".join(filter(None, [about.get("citation"), doi(about.get("doi", ""))])) or "none stated"),
        ("licence", about.get("licence", "")),
        ("here", about.get("not available here", "")),
        ("parameters", ", ".join(f"{name}={value}" for name, value in about["parameters"].items()) or "none"),
        ("trained on", sets(about.get("trained_on", ())) or "nothing: it is not trained"),
        ("tuned on", sets(about.get("tuned_on", ()))),
        ("training", ", ".join(_effort(training))),
        ("how good", how_good(training.get("figures", {}))),
        ("to know", about.get("note", "")),
        ("run it", f"usbench run -m {typed}"),
        ("make again", f"usbench train {about['name']}" if trainable else ""),
        ("all of it", f"usbench show {typed} --json"),
    ]
    return [(label, text) for label, text in lines if text]


def doi(name: str) -> str:
    """Return the address of a DOI."""
    return f"https://doi.org/{name}" if name else ""


def sets(names: Any) -> str:
    """Return `mri (psf, varied), echo` for data sets of which several have one source; splits are left out."""
    simulators: dict[str, list[str]] = {}
    for name in names:
        source, _, simulator = name.partition("/")[0].partition("+")
        found = simulators.setdefault(source, [])
        if simulator and simulator not in found:
            found.append(simulator)
    return ", ".join(f"{source} ({', '.join(found)})" if found else source for source, found in simulators.items())


def how_good(figures: Mapping[str, Any]) -> str:
    """Return the range of the head metric over the sets on which trained weights were judged; empty without any."""
    ending = f" {SIMULATED_HEAD}"
    found = {key.removesuffix(ending): value for key, value in figures.items() if key.endswith(ending)}
    if not found:
        return ""
    worst, best = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    if len(found) == 1:
        return f"{SIMULATED_HEAD} {significant(found[best])} dB on {best}"
    ends = f"{significant(found[worst])} dB ({worst}) to {significant(found[best])} dB ({best})"
    return f"{SIMULATED_HEAD} from {ends}, on {len(found)} sets like those of its training"


def _effort(training: Mapping[str, Any]) -> Iterator[str]:
    if "seconds" in training:
        yield duration(training["seconds"])
    if "hardware" in training:
        yield str(training["hardware"])
    if "images_seen" in training:
        yield f"{training['images_seen']:,} images seen"
