"""Pages of data sets and simulators."""

from collections.abc import Iterator

from usbench import registry
from usbench.registry import Plugin
from usbench_docs.cards import card, documented, heading, page, parameters, references, source

FOLDER = "reference/datasets"
KINDS = {
    "clean": (
        "Clean sources",
        "Images without speckle. `source+simulator`, such as `natural+rayleigh`, makes a simulated set of any of them.",
    ),
    "simulated": ("Simulated sets", "Sets simulated in advance, because each image takes minutes."),
    "real": (
        "Real B-mode",
        "There is no reference: contrast and speckle are measured in regions that are placed by rules on the input. "
        "`NAME+lesions` inserts lesions of known contrast. Sets with a home are read from your disk; "
        "`usbench data add NAME FOLDER` says where.",
    ),
}


def data_pages() -> Iterator[tuple[str, str]]:
    """Yield the path and the Markdown of each page."""
    found: dict[str, list[Plugin]] = {kind: [] for kind in KINDS}
    for plugin in registry.plugins("datasets"):
        found[plugin.target.card.kind].append(plugin)
    for kind, (title, intro) in KINDS.items():
        yield f"{FOLDER}/{kind}.md", page(f"# {title}", intro, *map(_dataset, found[kind]))
    intro = (
        "How speckle is added to a clean source. Each card states exactly how it is added, scaled and clipped. The "
        "reference is the mean over draws of what the scanner would show. The noise of an image depends only on the "
        "names, versions and parameters of source and simulator and on the image's id: every method gets the same "
        "pixels."
    )
    yield "reference/simulators.md", page("# Simulators", intro, *map(_simulator, registry.plugins("simulators")))


def _dataset(plugin: Plugin) -> str:
    about = plugin.target.card
    found = documented(plugin.target)
    facts = [
        ("name", plugin.name),
        ("images", about.description),
        ("splits", about.splits),
        ("groups", about.groups),
        ("size", about.size),
        ("licence", about.licence),
        ("source", source(about)),
        ("home", about.home),
        ("version", plugin.target.version),
    ]
    return page(
        heading(2, plugin.name, about.title),
        card(facts),
        found.text,
        parameters(plugin.target, found.parameters, leave_out=("split",)),
        references(found),
    )


def _simulator(plugin: Plugin) -> str:
    about = plugin.target.card
    found = documented(plugin.target)
    facts = [
        ("name", plugin.name),
        ("speckle", about.speckle),
        ("licence", about.licence),
        ("source", source(about)),
        ("trained on", ", ".join(about.trained_on)),
        ("version", plugin.target.version),
    ]
    return page(
        heading(2, plugin.name, about.title),
        card(facts),
        found.text,
        parameters(plugin.target, found.parameters),
        references(found),
    )
