"""Files in the system's Chromium, driven by playwright."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
UNQUOTED = "!'()*"  # by encodeURIComponent
expect.set_options(timeout=60_000)


def go_to(page: Page, fragment: str) -> None:
    """Show another part of the page that is open; a page is more work to open than to draw."""
    page.goto(f"{page.url.partition('#')[0]}#{quote(fragment, safe=UNQUOTED)}")
    expect(page).to_have_title(f"usbench: {fragment.removeprefix('compare ').replace(' with ', ' and ')}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a module: asyncio runs nothing else in this thread until playwright has ended."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=120_000) as browser,
    ):
        yield browser


@pytest.fixture
def wrong() -> Iterator[list[str]]:
    """Exceptions, errors and warnings in the pages of a test, which fails if it leaves any here."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def visit(chromium: Browser, wrong: list[str]) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a file in a new page, at the part that the fragment of its address names."""

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(message.text)

    def visit(file: Path, fragment: str = "", *, width: int = 1280, height: int = 900, **options: Any) -> Page:
        page = chromium.new_page(viewport={"width": width, "height": height}, **options)
        page.set_default_timeout(60_000)
        page.on("console", hear)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{file.as_uri()}#{quote(fragment, safe=UNQUOTED)}")
        return page

    yield visit
    for context in chromium.contexts:
        context.close()
