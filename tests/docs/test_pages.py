"""What the generator makes of parameters, links and sections."""

from typing import Annotated, Literal

import pytest
from pydantic import Field
from usbench_docs.cards import accepted, card, parameters
from usbench_docs.repository import FILES, ROOT, relinked, with_sections

from usbench import registry


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        (Annotated[int, Field(ge=1, le=10_000)], "a whole number from 1 to 10,000"),
        (Annotated[float, Field(gt=0, le=0.25)], "a number above 0 and at most 0.25"),
        (Annotated[float, Field(ge=0)], "a number at least 0"),
        (bool, "true or false"),
        (str, "text"),
        (Literal["linear", "convex"], "one of linear, convex"),
    ],
)
def test_what_a_parameter_takes_is_said_in_words(hint, told):
    assert accepted(hint) == told


def test_a_parameter_has_default_meaning_range_and_search_space():
    told = parameters(registry.find("methods", "srad").target, {"iterations": "Time steps."})
    assert "`iterations` = `200` (from the paper)\n:   Time steps.\n    *A whole number from 1 to 10,000; " in told
    assert "; searched over 20 to 1000, " in told
    assert "`rho` = `0.1667`" in told


def test_a_card_escapes_its_text_and_links_a_doi():
    shown = card([("definition", "|a| < `b`"), ("source", "Lee, 1980; https://doi.org/10.1/2"), ("empty", "")])
    assert "<dt>definition</dt><dd>|a| &lt; <code>b</code></dd>" in shown
    assert '<a href="https://doi.org/10.1/2">10.1/2</a>' in shown
    assert "empty" not in shown


@pytest.mark.parametrize(
    ("page", "link", "becomes"),
    [
        ("index.md", "../leaderboards/figures/overview.png", "boards/overview.png"),
        ("howto/simulate.md", "../../datasets/simus/psf-and-simus.png", "../reference/psf-and-simus.png"),
        ("boards/index.md", "../../leaderboards/real.md#flags", "real.md#flags"),
        ("reference/weights.md", "gan-d.worst.png", "gan-d.worst.png"),
        ("tutorial.md", "howto/tune.md", "howto/tune.md"),
        ("tutorial.md", "https://example.org/a.md", "https://example.org/a.md"),
    ],
)
def test_links_to_files_of_the_repository_lead_to_their_place_in_the_site(page, link, becomes):
    assert relinked(f"[text]({link})", page) == f"[text]({becomes})"


def test_every_file_that_the_site_takes_from_the_repository_is_there():
    assert [source for source in FILES.values() if not (ROOT / source).is_file()] == []


def test_a_section_of_the_readme_is_shown_with_its_links():
    shown = with_sections("<!-- README: What the boards say -->", "boards/index.md")
    assert "[boards](simulated.md)" in shown
    assert "\n## " not in shown
    with pytest.raises(LookupError, match="has none of that title"):
        with_sections("<!-- README: What nobody says -->", "boards/index.md")
