"""Hooks of MkDocs: add generated pages, and files from elsewhere in the repository."""

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from usbench_docs.boards import with_boards
from usbench_docs.commands import commands_page
from usbench_docs.data import data_pages
from usbench_docs.maths import Maths
from usbench_docs.methods import method_pages
from usbench_docs.metrics import metrics_page
from usbench_docs.repository import FILES, ROOT, relinked, with_sections


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Enable mathematics in Markdown, and expand navigation entries that end in `/` to the generated pages."""
    config.markdown_extensions.append(Maths())
    config.nav = _expanded(config.nav)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and the repository's files."""
    for path, text in _generated().items():
        files.append(File.generated(config, path, content=text))
    for path, source in FILES.items():
        files.append(File.generated(config, path, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Include sections and facts from elsewhere, and change links to files of the repository to links of the site."""
    return with_boards(with_sections(relinked(markdown, page.file.src_uri), page.file.src_uri))


def _generated() -> dict[str, str]:
    return {
        **dict(method_pages()),
        **dict(data_pages()),
        "reference/metrics.md": metrics_page(),
        "reference/cli.md": commands_page(),
    }


def _expanded(nav: Any) -> Any:
    if isinstance(nav, list):
        return [_expanded(entry) for entry in nav]
    if isinstance(nav, dict):
        return {title: _expanded(entry) for title, entry in nav.items()}
    if isinstance(nav, str) and nav.endswith("/"):
        return [path for path in _generated() if path.startswith(nav)]
    return nav
