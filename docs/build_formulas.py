"""Write the formulas of every test as MathML for the report: `python docs/build_formulas.py`.

A test of the suite fails where the file is not what this writes.
"""

from __future__ import annotations

import json
from pathlib import Path

from formulas import mathml

from eventstudy.significance import TESTS

FILE = Path(__file__).resolve().parents[1] / "eventstudy" / "report" / "templates" / "formulas.json"


def document() -> str:
    """Return the file: a list of formulas by the name of the test."""
    found = {name: [mathml(each, "block", name) for each in test.formulas] for name, test in TESTS.items()}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
