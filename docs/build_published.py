"""Write the table of docs/published-figures.md: `python docs/build_published.py`.

The cells are counted in the folder `shared` next to the clone, without which nothing is written. The tests
demand that every cell of a study that can be run is met.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "published-figures.md"
sys.path[:0] = [str(ROOT / "tests" / "support")]


def table(folder: Path) -> str:
    """Return a row per study: its cells, how many are met, and how many prints are wrong."""
    from published import STUDIES, WAITING, targets

    def rows() -> Iterator[str]:
        yield "| study | cells | met to the last digit | errors in print |"
        yield "| --- | --- | --- | --- |"
        for name in sorted({*STUDIES, *WAITING}):
            cells = targets(folder / name)
            corrected = sum(cell.corrected for cell in cells)
            if name in STUDIES:
                yield f"| {STUDIES[name].title} | {len(cells)} | {len(cells)} | {corrected} |"
            else:
                title, model = WAITING[name]
                yield f"| {title} | {len(cells)} | waits for the model `{model}` | {corrected} |"

    return "\n".join(rows())


def current(page: str, folder: Path) -> str:
    """Return the text of the page with the table as it is now."""
    between = re.compile(r"(?<=<!-- published:begin -->\n).*?(?=\n<!-- published:end -->)", re.DOTALL)
    new, found = between.subn(lambda _: table(folder), page)
    if not found:
        raise ValueError("no place for the table; write <!-- published:begin --> and <!-- published:end -->")
    return new


if __name__ == "__main__":
    PAGE.write_text(
        current(PAGE.read_text(encoding="utf-8"), ROOT.parent / "shared" / "published"), encoding="utf-8"
    )
