"""LaTeX of tables for print: booktabs rules, numbers aligned by siunitx, never wider than the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from eventstudy.results.formats.print_table import PrintTable
from eventstudy.words.formatting import one_line

PAGE = 40  #: a table with more rows breaks across pages
LETTERS = 78  #: digits of \footnotesize in a line of the class article, the narrowest in common use
GAP = 2  #: digits that the space between two columns takes
POINTS = 4.25  #: width of a digit of \footnotesize
PLAIN = "r"  #: a column of numbers that end alike
UNBROKEN = 12  #: letters after which a longer word may break
PACKAGES = "array, booktabs, longtable, siunitx"
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "…": r"\ldots{}", "τ": r"$\tau$", "²": r"$^2$", "\u2212": r"$-$",
}  # fmt: skip
_WINDOW = re.compile(r"\[[-+\d,]+\]")
_NUMBER = re.compile(r"([(<\[]?)(-?)([\d,]+)(?:\.(\d+))?([)\]]?)(\**)")


def escaped(text: object) -> str:
    """Return a text in one line, with what LaTeX would act on written out."""
    return "".join(_SPECIAL.get(letter, letter) for letter in one_line(text))


def typeset(table: PrintTable) -> str:
    """Return a table as a float, or as a ``longtable`` where it is longer than a page."""
    many = len(table.rows) > PAGE
    lines = [
        f"% {table.name}: rounded to {table.rounding}; needs \\usepackage{{{PACKAGES}}}",
        *(["\\begingroup"] if many else ["\\begin{table}[htbp]", "\\centering"]),
        "\\footnotesize",
        "\\setlength{\\tabcolsep}{4pt}",
        "\\sisetup{table-align-text-pre = false, table-align-text-post = false}",
        *(_long(table) if many else _short(table)),
        *(["\\noindent"] if many else []),
        *([f"\\parbox{{\\linewidth}}{{\\footnotesize {_notes(table)}}}"] if table.notes else []),
        "\\par\\endgroup" if many else "\\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _caption(table: PrintTable) -> str:
    return f"\\caption{{{escaped(table.caption)}}}\\label{{tab:{table.name.replace('_', '-')}}}"


def _notes(table: PrintTable) -> str:
    return _WINDOW.sub(r"\\mbox{\g<0>}", escaped(table.notes))  # else it breaks behind a minus


def _short(table: PrintTable) -> Iterator[str]:
    columns = _columns(table)
    yield _caption(table)
    yield f"\\begin{{tabular}}{{{''.join(columns)}}}"
    yield "\\toprule"
    yield _head(table)
    yield "\\midrule"
    yield from _body(table, columns)
    yield "\\bottomrule"
    yield "\\end{tabular}\\par\\smallskip"


def _long(table: PrintTable) -> Iterator[str]:
    columns = _columns(table)
    yield f"\\begin{{longtable}}{{{''.join(columns)}}}"
    yield _caption(table) + r" \\"
    for end in ("\\endfirsthead", "\\endhead"):
        yield "\\toprule"
        yield _head(table)
        yield "\\midrule"
        yield end
    yield "\\bottomrule"
    yield "\\endfoot"
    yield from _body(table, columns)
    yield "\\end{longtable}"


def _head(table: PrintTable) -> str:
    cells = zip(table.head, table.numbers, strict=True)
    return table_line(f"{{{escaped(name)}}}" if number else breakable(name) for name, number in cells)


def _body(table: PrintTable, columns: Sequence[str]) -> Iterator[str]:
    for at, (row, below) in enumerate(zip(table.rows, (*table.rows[1:], ()), strict=False)):
        if len(row) == 1:
            rule = "\\midrule\n" if at else ""
            yield rule + table_line(
                [f"\\multicolumn{{{len(table.head)}}}{{l}}{{\\textit{{{escaped(row[0])}}}}}"]
            )
        else:
            cells = zip(row, columns, table.numbers, strict=True)
            line = table_line(
                (_number(cell, column) if number else breakable(cell)) for cell, column, number in cells
            )
            yield line + ("*" if any(cell[:1] in ("(", "[") for cell in below[1:]) else "")  # no new page


def table_line(cells: Iterable[str]) -> str:
    """Return a row of a table from cells that are LaTeX already."""
    text = " & ".join(cells)
    return ("{}" if text.startswith(("[", "*")) else "") + text + r" \\"  # else \\ before it takes them


def _number(cell: str, column: str) -> str:
    """Write a cell of a column of numbers; in one of siunitx what is no number is centred."""
    found = _NUMBER.fullmatch(cell)
    if found is None:
        return f"{{{'--' if cell == '-' else escaped(cell)}}}" if cell else ""
    before, sign, whole, decimals, after, stars = found.groups()
    digits = (sign if column != PLAIN else "$-$" * bool(sign)) + whole.replace(",", "")
    digits += f".{decimals}" if decimals else ""
    return _text(before) + digits + _text(after, stars)


def _text(bracket: str, stars: str = "") -> str:
    shown = escaped(bracket) + (f"$^{{{stars}}}$" if stars else "")
    return f"{{{shown}}}" if shown else ""


def breakable(text: str) -> str:
    """Return an escaped text whose long words may break: after their marks, and where they have none."""
    return " ".join(map(_breakable_word, one_line(text).split(" ")))


def _breakable_word(word: str) -> str:
    if len(word) <= UNBROKEN:
        return escaped(word)
    parts, run = [], 0
    for letter in word:
        run = 0 if letter in "-_/.:" else run + 1
        parts.append(escaped(letter) + ("\\allowbreak{}" if run == 0 or run % UNBROKEN == 0 else ""))
    return "".join(parts)


def _columns(table: PrintTable) -> list[str]:
    """Return the form of each column; long texts share what the numbers leave of the page."""
    rows = [row for row in table.rows if len(row) > 1]
    columns = [[head, *(row[at] for row in rows)] for at, head in enumerate(table.head)]
    forms, left = {}, LETTERS - GAP * len(columns)
    for at, cells in enumerate(columns):
        if table.numbers[at]:
            forms[at], letters = _aligned(cells)
            left -= letters
    texts = sorted((max(map(len, columns[at])), at) for at in range(len(columns)) if at not in forms)
    for place, (letters, at) in enumerate(texts):
        share = max(left // (len(texts) - place), 1)
        wraps = letters > share
        forms[at] = f">{{\\raggedright\\arraybackslash}}p{{{share * POINTS:.0f}pt}}" if wraps else "l"
        left -= min(letters, share)
    return [forms[at] for at in range(len(columns))]


def _aligned(cells: Sequence[str]) -> tuple[str, int]:
    """Return a column with room for each number and what stands beside it, and its letters.

    Numbers of the same decimals with nothing beside them need no siunitx, which takes its time over each.
    """
    found = [match.groups() for cell in cells if (match := _NUMBER.fullmatch(cell))]
    before, sign, whole, decimals, after, stars = (
        max((each[part] or "" for each in found), key=len, default="") for part in range(6)
    )
    digits = max(len(whole.replace(",", "")), 1)
    room = f"table-format = {sign}{digits}.{len(decimals)}"
    for name, text in (("pre", _text(before)), ("post", _text(after, stars))):
        room += f", table-space-text-{name} = {text}" if text else ""
    numbers = digits + sum(map(len, (before, sign, sign, ".", decimals, after, stars)))  # a minus is wide
    others = (len(cell) for cell in cells if not _NUMBER.fullmatch(cell))
    alike = len({len(each[3] or "") for each in found}) <= 1 and not (before or after or stars)
    return PLAIN if alike else f"S[{room}]", max(numbers, *others, 1)
