"""Folders for the Hugging Face Hub: the card of a plugin as its README.md, with weights or a Croissant file."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from usbench import registry
from usbench.core.dataset import Dataset, DatasetCard
from usbench.core.errors import StoreError, UsageError
from usbench.core.method import Method, MethodCard
from usbench.io.atomic_write import staged
from usbench.scaffold.croissant import croissant
from usbench.weights.leakage import list_file
from usbench.weights.shards import read_index, weights_files

# The Hub's identifiers of licences, by how our cards write them.
LICENCES = {
    "Apache-2.0": "apache-2.0", "MIT": "mit", "generated": "apache-2.0", "CC0": "cc0-1.0", "CC BY 4.0": "cc-by-4.0",
    "CC BY-NC 4.0": "cc-by-nc-4.0", "CC BY-NC-SA 4.0": "cc-by-nc-sa-4.0",
}  # fmt: skip
TAGS = ["ultrasound", "despeckling", "b-mode", "medical"]


def write_hub_folder(name: str, folder: Path) -> list[str]:
    """Write what the Hub needs of a trained method or of a data set, and return the names of the files.

    Of a method these are its card, weights and the list of its training images, so that the downloaded folder can be
    named as `weights`; of a data set its card and a Croissant file, but no images.

    Raises
    ------
    UsageError
        If there is no such plugin, or it has no weights.
    StoreError
        If the folder cannot be written.
    """
    loaded = _load(name)
    try:
        with staged(folder) as stage:
            if isinstance(loaded, Method):
                _write_method(loaded, stage)
            else:
                _write_dataset(loaded, stage)
            return sorted(path.name for path in stage.iterdir())
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}.") from None


def _load(name: str) -> Method | Dataset:
    base = name.partition("[")[0].partition("+")[0]
    if base in registry.names("datasets"):
        return registry.load_dataset(name, split="test") if "+" in name else registry.find("datasets", base).target
    return registry.load_method(name)


def _write_method(method: Method, stage: Path) -> None:
    if not hasattr(method, "card_of_weights"):
        raise UsageError(f"{method.name} has no trained weights to publish.")
    index = method.card_of_weights()
    about = read_index(index)
    for path in filter(None, [*weights_files(index), list_file(index)]):
        target = stage / path.relative_to(index.parent)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copyfile(index, stage / f"{method.name}.json")
    card = method.card
    head = {**_licence(card.licence), "library_name": "usbench", "pipeline_tag": "image-to-image", "tags": TAGS}
    facts = {
        "Family": card.family,
        "Input": f"{card.domain} image in [0, 1], one channel",
        "Trained on": ", ".join(card.trained_on),
        "Steps": about.get("steps"),
        "Hardware": about.get("hardware"),
        "Source": _source(card),
        "Licence": card.licence,
    }
    run = f"usbench run --method '{method.name}[weights=FOLDER]'"
    figures = "\n".join(f"| {name} | {value} |" for name, value in sorted(about.get("figures", {}).items()))
    text = [card.note, _table(facts), f"```\n{run}\n```\n\nwith the folder of these files as `FOLDER`."]
    if figures:
        text += ["## On validation images", f"| set and metric | mean |\n| --- | ---: |\n{figures}"]
    _write_readme(stage, head, card.title, text)


def _write_dataset(dataset: Dataset | type[Dataset], stage: Path) -> None:
    card = dataset.card
    label = dataset.name if isinstance(dataset, type) else dataset.label
    head = {**_licence(card.licence), "pretty_name": card.title, "task_categories": ["image-to-image"], "tags": TAGS}
    facts = {
        "Splits": card.splits, "Groups": card.groups, "Size": card.size, "Home": card.home, "Source": _source(card),
        "Licence": card.licence,
    }  # fmt: skip
    run = f"usbench run --method median --dataset '{label}'"
    _write_readme(stage, head, card.title, [card.description, _table(facts), f"```\n{run}\n```"])
    described = croissant(label, dataset)
    (stage / "croissant.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def _write_readme(stage: Path, head: Mapping[str, Any], title: str, parts: list[str]) -> None:
    # each value is JSON, which is YAML too
    lines = [f"{name}: {json.dumps(value)}" for name, value in head.items()]
    text = "\n\n".join(filter(None, [f"# {title}", *parts]))
    (stage / "README.md").write_text("\n".join(["---", *lines, "---", "", text, ""]), encoding="utf-8")


def _licence(licence: str) -> dict[str, str]:
    known = LICENCES.get(licence)
    return {"license": known} if known else {"license": "other", "license_name": licence}


def _source(card: MethodCard | DatasetCard) -> str:
    return ", ".join(filter(None, (card.citation, card.doi and f"https://doi.org/{card.doi}")))


def _table(facts: Mapping[str, Any]) -> str:
    rows = [f"| {name} | {str(value).replace('|', '/')} |" for name, value in facts.items() if value]
    return "\n".join(["| | |", "| --- | --- |", *rows])
