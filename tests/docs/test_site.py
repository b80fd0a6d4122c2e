"""The site is built without a warning, needs no network, and has an entry for everything."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import typer
from playwright.sync_api import expect

import usbench
from usbench import registry
from usbench.cli.app import app

ROOT = Path(__file__).parents[2]
WHERE = {
    "methods": "reference/methods/*.html",
    "datasets": "reference/datasets/*.html",
    "simulators": "reference/simulators.html",
    "metrics": "reference/metrics.html",
}
PLUGINS = [(kind, name) for kind in registry.KINDS for name in registry.names(kind)]
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}


@dataclass
class Found(HTMLParser):
    """What a page holds: ids, links, what a browser fetches for it, and its text outside of code."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    code: int = 0

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attrs):
        """Note what the tag refers to."""
        given = {key: value or "" for key, value in attrs}
        self.ids |= {given[key] for key in ("id", "name") if key in given}
        self.code += tag in ("pre", "code", "script", "style")
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and "href" in given:
            self.fetched.append(given["href"])
        if tag in FETCHED and FETCHED[tag] in given:
            self.fetched.append(given[FETCHED[tag]])

    def handle_endtag(self, tag):
        """Leave code."""
        self.code -= tag in ("pre", "code", "script", "style")

    def handle_data(self, data):
        """Keep text that is no code."""
        if not self.code:
            self.text.append(data)


pytestmark = pytest.mark.full  # builds the site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT / "mkdocs.yml", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    return folder


def build(config: Path, folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config), "-d", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Found]:
    found = {}
    for file in sorted(site.rglob("*.html")):
        found[file] = Found()
        found[file].feed(file.read_text(encoding="utf-8"))
    return found


def own(pages: dict[Path, Found]) -> dict[Path, Found]:
    """Return the pages that are made of Markdown: not that of the leaderboards, which has tests of its own."""
    return {file: found for file, found in pages.items() if file.name != "page.html"}


def test_internal_links_and_files_are_there(site, pages):
    missing = []
    for file, found in own(pages).items():
        for link in found.links + found.fetched:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("#__") or file.name == "404.html":
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            known = target in pages and (not parts.fragment or unquote(parts.fragment) in pages[target].ids)
            if not (known or (target.is_file() and not parts.fragment)):
                missing.append(f"{file.relative_to(site)}: {link}")
    assert missing == []


def test_nothing_is_fetched_from_elsewhere(site, pages):
    fetched = {link for found in pages.values() for link in found.fetched if urlsplit(link).scheme in ("http", "https")}
    assert fetched == set()
    assert not [link for found in pages.values() for link in found.fetched if link.startswith("//")]
    for file in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", file.read_text(encoding="utf-8")), file


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_every_plugin_has_an_entry(kind, name, site, pages):
    assert sum(name in pages[file].ids for file in site.glob(WHERE[kind])) == 1


def test_every_public_name_and_command_has_an_entry(site, pages):
    documented = pages[site / "reference" / "api.html"].ids | pages[site / "reference" / "contracts.html"].ids
    modules = {name: getattr(usbench, name).__module__ for name in usbench.__all__}
    assert [name for name, module in modules.items() if f"{module}.{name}" not in documented] == []
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in commands if f"usbench-{name}" not in pages[site / "reference" / "cli.html"].ids] == []


def test_no_equation_is_left_unconverted(pages):
    for file, found in own(pages).items():
        text = "".join(found.text)
        assert ":math:" not in text, file
        assert ".. math" not in text, file
        assert not re.search(r"\\(frac|sum|sqrt|mathrm|left|sigma|log)", text), file


@pytest.mark.parametrize("name", registry.names("metrics"))
def test_every_metric_has_definition_equation_range_and_pitfalls(name, site):
    text = (site / "reference" / "metrics.html").read_text(encoding="utf-8")
    section = text.partition(f'id="{name}"')[2].partition("<h3")[0].partition("<h2")[0]
    for part in ("<math", "definition</dt>", "direction</dt>", "needs</dt>", "Range</strong>", "Pitfalls</strong>"):
        assert part in section, part


def test_a_broken_link_breaks_the_build(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# A\n\n[gone](gone.md)\n")
    text = (ROOT / "mkdocs.yml").read_text()
    text = text.partition("\nnav:")[0].replace("hooks: [docs/hook.py]\n", "").replace("strict: true\n", "")
    (tmp_path / "mkdocs.yml").write_text(text)
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode == 1
    assert "gone.md" in done.stderr


def test_equations_have_a_size_and_their_font_in_a_browser_without_scripts(site, visit):
    page = visit(site / "reference" / "metrics.html", java_script_enabled=False)
    assert page.evaluate("document.fonts.ready.then((fonts) => fonts.check('16px \"STIX Two Math\"'))")
    sizes = [one.bounding_box() for one in page.locator("math[display=block]").all()]
    assert len(sizes) >= len(registry.names("metrics")) - 5  # some metrics share an equation with another
    assert all(size["height"] >= 15 and size["width"] >= 10 for size in sizes)


def test_the_search_finds_pages_of_a_site_that_is_opened_from_the_disk(site, visit):
    page = visit(site / "howto" / "hub.html")
    page.locator("[data-md-component=search-query]").press_sequentially("croissant")
    found = page.locator(".md-search-result__item a[href$='howto/hub.html?h=croissant#a-data-set']")
    expect(found).to_be_attached()
