"""The cards of plugins as a person reads them."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from usbench.cli.progress import duration
from usbench.core.formatting import significant
from usbench.core.head_metric import SIMULATED_HEAD, head_metric

BETTER = {"higher": "higher is better", "lower": "lower is better", "one": "1 is ideal, both sides are worse"}
NEEDS = {
    "reference": "a reference", "input": "the input", "reference_or_input": "a reference, or else the input",
    "response": "the result for the image with lesions", "contrast": "pairs of regions (target, background)",
    "homogeneous": "homogeneous regions", "points": "wires", "dynamic_range": "a known dynamic range",
    "linear_or_range": "a known dynamic range", "lesions": "inserted lesions (DATASET+lesions)",
}  # fmt: skip


def method_card(about: Mapping[str, Any], typed: str, *, trainable: bool) -> list[tuple[str, str]]:
    """Return (label, text) lines of a method's card, of what `plugin_card` returns; `typed` names the method."""
    training = about.get("training", {})
    lines = [
        ("what", f"{about['title']} ({about['family']}; works on the {about['domain']})"),
        ("source", _source(about) or "none stated"),
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


def dataset_card(about: Mapping[str, Any], typed: str, images: Sequence[str]) -> list[tuple[str, str]]:
    """Return (label, text) lines of a data set's card; `images` are the words on its test split, if it is here."""
    kind, lesions = str(about["kind"]), typed.endswith("+lesions")
    clean = kind == "clean"
    named = f"{typed}+psf" if clean else typed
    lines = [
        ("what", f"{about['title']} ({kind}; {about['anatomy']})"),
        ("images", about["description"]),
        ("how many", ", ".join(images)),
        ("splits", about["splits"]),
        ("groups", about.get("groups", "")),
        ("size", about.get("size", "")),
        ("source", _source(about)),
        ("licence", about.get("licence", "")),
        ("home", about.get("home", "")),
        ("here", about.get("not available here", "")),
        ("parameters", _parameters(about)),
        ("ordered by", head_metric(kind, lesions=lesions) + (" of the set with speckle" if clean else "")),
        ("use it", f"usbench run -m gan-d -d {shlex.quote(named)}"),
    ]
    return _ended(lines, typed)


def simulator_card(about: Mapping[str, Any], typed: str, *, trainable: bool) -> list[tuple[str, str]]:
    """Return (label, text) lines of a simulator's card."""
    lines = [
        ("what", about["title"]),
        ("speckle", about.get("speckle", "")),
        ("source", _source(about)),
        ("licence", about.get("licence", "")),
        ("here", about.get("not available here", "")),
        ("parameters", _parameters(about)),
        ("trained on", sets(about.get("trained_on", ()))),
        ("training", ", ".join(_effort(about.get("training", {})))),
        ("use it", f"usbench run -m gan-d -d {shlex.quote(f'mri+{typed}')}"),
        ("make again", f"usbench train {about['name']}" if trainable else ""),
    ]
    return _ended(lines, typed)


def metric_card(about: Mapping[str, Any], typed: str) -> list[tuple[str, str]]:
    """Return (label, text) lines of a metric's card."""
    unit = "" if about["unit"] == "1" else f", in {about['unit']}"
    heads = {
        "sets with a reference": head_metric("simulated", lesions=False),
        "real sets with inserted lesions": head_metric("real", lesions=True),
        "other real sets": head_metric("real", lesions=False),
    }
    lines = [
        ("what", f"{about['title']}{unit}"),
        ("better", BETTER[about["better"]]),
        ("definition", about["definition"]),
        ("needs", ", ".join(NEEDS[need] for need in about["needs"])),
        ("orders", ", ".join(where for where, name in heads.items() if name == typed)),
        ("use it", f"usbench run -m gan-d --metric {typed}" + " -d echo+lesions" * ("lesions" in about["needs"])),
    ]
    return _ended(lines, typed)


def _ended(lines: Sequence[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    return [
        (label, text) for label, text in (*lines, ("all of it", f"usbench show {shlex.quote(typed)} --json")) if text
    ]


def _source(about: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, [about.get("citation"), doi(about.get("doi", ""))]))


def _parameters(about: Mapping[str, Any]) -> str:
    given = {name: value for name, value in about.get("parameters", {}).items() if name != "split"}
    return ", ".join(f"{name}={value}" for name, value in given.items())


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
