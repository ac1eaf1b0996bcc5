"""The page as PDF, printed by the browser of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from eventstudy.atomic import scratch_folder
from eventstudy.charts.print_charts import marked_pdf
from eventstudy.errors import OutputError, first_line

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
DRAWN = 60_000  #: milliseconds of the page's own clock in which it draws its charts
PATIENCE = 600  #: seconds after which a browser that does not end is given up
REMEDY = "install Chromium or Google Chrome, or write html and print it"


def print_page(page: str, file: Path) -> None:
    """Print a page to a PDF file.

    Raises
    ------
    OutputError
        No browser is there, or it failed.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise OutputError("the report as PDF", "needs a browser that prints it", REMEDY)
    with scratch_folder() as folder:
        source, printed = folder / "page.html", folder / "page.pdf"
        source.write_text(page, encoding="utf-8")
        words = [
            *(browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
            *(["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),  # refused to root else
            f"--user-data-dir={folder / 'profile'}",
            f"--virtual-time-budget={DRAWN}",
            f"--print-to-pdf={printed}",
            source.as_uri(),
        ]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutputError(browser, f"did not print the page: {first_line(error)}", REMEDY) from error
        if done.returncode or not printed.is_file():
            reason = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
            raise OutputError(browser, f"did not print the page: {reason}", REMEDY)
        file.write_bytes(marked_pdf(printed.read_bytes()))
