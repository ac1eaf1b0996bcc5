"""Tables for print read back: from LaTeX and from Word, the parts of each put together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]
LATEX = {
    r"\_": "_", r"\&": "&", r"\%": "%", r"\#": "#", r"\{": "{", r"\}": "}", r"\$": "$", "{}[": "[",
    r"\textless{}": "<", r"\textgreater{}": ">", r"\allowbreak{}": "",
}  # fmt: skip


def read_latex(file: Path, name: str) -> Rows:
    parts = re.findall(r"\\toprule\n(.*?)\\midrule\n(.*?)\\bottomrule", file.read_text("utf-8"), re.DOTALL)
    return _joined([[_unescaped(line) for line in (head + body).strip().split("\n")] for head, body in parts])


def _joined(parts: list[list[list[str]]]) -> Rows:
    """Return the rows of a table of which each part has some columns, heads first, and numbers of rows."""
    rows: Rows = [{} for _ in parts[0][1:]]
    for keys, *cells in parts:
        for number, (row, own) in enumerate(zip(rows, cells, strict=True), start=1):
            row |= dict(zip(keys, own, strict=True))
            assert row.pop("#", str(number)) == str(number)
    return rows


def _unescaped(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)&", line.removesuffix("*").removesuffix("\\\\"))
    return [
        re.sub(r"\\\w+\{\}|\\[_&%#{}$]|^\{\}\[", lambda found: LATEX[found[0]], _bare(cell.strip()))
        for cell in cells
    ]


def _bare(cell: str) -> str:
    """Return a cell without the braces that keep text of a column of numbers together."""
    return cell[1:-1] if re.fullmatch(r"\{[^}].*\}", cell) else cell.replace("$-$", "-")


def read_docx(file: Path, name: str) -> Rows:
    import docx

    document = docx.Document(str(file))
    captions = [each.text for each in document.paragraphs if each.style.name == "Caption"]
    tables = [
        table
        for caption, table in zip(captions, document.tables, strict=True)
        if caption == name or caption.startswith(f"{name}, part ")
    ]
    return _joined([[[cell.text for cell in row.cells] for row in table.rows] for table in tables])
