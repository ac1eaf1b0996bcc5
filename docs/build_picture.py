"""Write docs/report.png, the first screen of the bundled study's report: `python docs/build_picture.py`.

Needs a Chromium or Chrome on the PATH, and the saved result of `eventstudy run` in results/.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import eventstudy as es
from eventstudy.report import report

PICTURE = Path(__file__).resolve().parent / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREEN = {"width": 1280, "height": 1000}


def write_picture(page: str, picture: Path) -> None:
    """Write the first screen of a page as a PNG."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        shown = opened.new_page(viewport=SCREEN)
        shown.goto(file.as_uri())
        shown.evaluate("drawAll()")
        shown.screenshot(path=picture)


if __name__ == "__main__":
    write_picture(report(es.load("results")), PICTURE)
