"""Mathematics of docstrings and pages becomes MathML, once and everywhere."""

import re

import pytest
from markdown import Markdown
from usbench_docs.docstrings import parts
from usbench_docs.maths import Maths, mathml

from usbench import registry

BLOCK = re.compile(r"^ *\.\. math::", re.MULTILINE)
DOCUMENTED = [
    pytest.param(plugin.target.__doc__, id=f"{kind}: {plugin.name}")
    for kind in ("methods", "datasets", "simulators")
    for plugin in registry.plugins(kind)
]


def html(text: str) -> str:
    return Markdown(extensions=[Maths(), "def_list"]).convert(text)


def test_a_role_a_directive_dollars_and_a_fence_are_the_same_mathematics():
    inline = mathml(r"\sigma^2")
    assert html(r"of :math:`\sigma^2` here") == html(r"of $\sigma^2$ here") == f"<p>of {inline} here</p>"
    block = mathml("y = m + k x", block=True)
    shown = [html(".. math:: y = m\n    + k x\n\nafter"), html("```math\ny = m\n+ k x\n```\n\nafter")]
    assert shown == [f'<div class="equation">{block}</div>\n<p>after</p>'] * 2


def test_what_is_no_mathematics_stays():
    assert html("it costs $5 and $6 more") == "<p>it costs $5 and $6 more</p>"
    assert html("in `$USBENCH_CACHE` and `$HOME`") == "<p>in <code>$USBENCH_CACHE</code> and <code>$HOME</code></p>"


def test_a_line_is_not_broken_between_mathematics_and_a_full_stop():
    assert html("In $[0, 1]$.") == f'<p>In <span class="together">{mathml("[0, 1]")}.</span></p>'


def test_bars_have_no_room_of_operators():
    assert mathml("|x|").count('<mo stretchy="false" lspace="0" rspace="0">|</mo>') == 2


def test_a_line_goes_over_the_whole_expression():
    assert '<mrow class="over"><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mrow>' in mathml(r"\overline{a + b}")
    assert '<mrow class="over"><mi>a</mi></mrow>' in mathml(r"\bar a")


def test_a_function_keeps_away_from_what_it_is_multiplied_by():
    assert '<mn>10</mn><mspace width="0.17em" /><msub><mi>log</mi>' in mathml(r"10 \log_{10} x")
    assert "mspace" not in mathml(r"\log x + \max(a, b)")


def test_an_equation_in_a_list_or_definition_stays_there():
    assert html("`a`\n:   meaning :math:`a`\n    more").count("<math") == 1
    assert '<div class="equation">' in html(" 1. first\n\n    ```math\n    x\n    ```\n").partition("<li>")[2]


@pytest.mark.parametrize("docstring", DOCUMENTED)
def test_every_equation_of_a_plugin_is_converted(docstring):
    text = parts(docstring).text
    shown = html(text)
    assert shown.count('class="equation"') == len(BLOCK.findall(text))
    assert shown.count('display="inline"') == text.count(":math:`")
    assert not re.search(r"\\[A-Za-z]", shown)


def test_a_docstring_is_taken_apart():
    found = parts(
        """Return x.

        More.

        Parameters
        ----------
        a, b
            Two of them.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        ImageError
            If there is none.

        Notes
        -----
        Beware.

        References
        ----------
        Somebody, 2004.
        """
    )
    assert found.text.split() == ["Return", "x.", "More."]
    assert found.parameters == {"a": "Two of them.", "b": "Two of them."}
    assert (found.returned, found.raises) == ("In [0, 1].", (("ImageError", "If there is none."),))
    assert (found.notes, found.references) == ("Beware.", "Somebody, 2004.")
