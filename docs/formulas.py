"""Turn the formulas of a page into MathML while the site is built: no script draws them.

MkDocs calls the two functions at the end as a hook. A formula is TeX between dollar signs, ``$...$`` in a
line or ``$$...$$`` as a paragraph; code is left alone. What cannot be converted ends the build.
"""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError

CODE = re.compile(r"^(```+).*?^\1[ ]*$|`[^`\n]+`", flags=re.DOTALL | re.MULTILINE)
DISPLAYED = re.compile(r"\$\$(.+?)\$\$", flags=re.DOTALL)
IN_LINE = re.compile(r"\$([^$\n]+)\$")
PAIRS = (("{", "}"), ("(", ")"), ("[", "]"), (r"\left", r"\right"))  #: that a statement closes
STATEMENTS = re.compile(r"(?<=,)\s*\\q?quad")  #: between the statements of one formula
MARK = "formula{}of-this-page"  #: stands for a formula while the page is turned into HTML
#: What the converter writes for \\overline and \\sim, and what site.css draws a bar for or is a relation.
MENDED = {
    '<mo accent="true">&#x02015;</mo>': '<mo class="bar" accent="true">&#x000AF;</mo>',
    "<mi>&#x0007E;</mi>": "<mo>&#x0223C;</mo>",
}


def with_mathml(text: str, page: str) -> tuple[str, dict[str, str]]:
    """Return the text with a mark in place of each formula, and the MathML behind each mark.

    Raises
    ------
    PluginError
        A formula that is not understood, or a dollar sign without its partner.
    """
    code: dict[str, str] = {}
    formulas: dict[str, str] = {}

    def keep(found: re.Match[str]) -> str:
        mark = f"\0{len(code)}\0"
        code[mark] = found.group()
        return mark

    def converted(tex: str, display: str) -> str:
        mark = MARK.format(len(formulas))
        formulas[mark] = mathml(tex, display, page)
        return mark

    text = CODE.sub(keep, text)
    text = DISPLAYED.sub(lambda found: f"\n\n{converted(found[1], 'block')}\n\n", text)
    text = IN_LINE.sub(lambda found: converted(found[1], "inline"), text)
    if "$" in text:
        line = next(line for line in text.splitlines() if "$" in line)
        raise PluginError(f"{page}: a dollar sign without its partner: {line}")
    for mark, original in code.items():
        text = text.replace(mark, original)
    return text, formulas


def mathml(tex: str, display: str, page: str) -> str:
    """Return the MathML of a formula; the statements of a displayed one may stand below each other."""
    if display == "inline":
        return _converted(tex, display, page)
    parts = STATEMENTS.split(tex)
    if any(part.count(opening) != part.count(closing) for part in parts for opening, closing in PAIRS):
        parts = [tex]
    return f'<div class="formula">{"".join(_converted(part, display, page) for part in parts)}</div>'


def _converted(tex: str, display: str, page: str) -> str:
    r"""Convert one statement; a command that is not known would be left as it is, with its ``\``."""
    try:
        converted = convert(tex.strip(), display=display)
    except Exception as error:
        raise PluginError(f"{page}: the formula {tex.strip()!r} cannot be converted: {error!r}") from error
    if unknown := re.search(r"\\[A-Za-z]+", converted):
        raise PluginError(f"{page}: the formula {tex.strip()!r} has an unknown command {unknown.group()}")
    for written, better in MENDED.items():
        converted = converted.replace(written, better)
    return converted


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Take the formulas out of a page before Markdown reads their underscores and stars."""
    text, page.meta["formulas"] = with_mathml(markdown, page.file.src_uri)
    return text


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Put the MathML in place of the marks."""
    for mark, formula in page.meta["formulas"].items():
        html = html.replace(f"<p>{mark}</p>", formula).replace(mark, formula)
    return html
