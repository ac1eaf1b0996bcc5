"""A real browser for the tests of the report: the system's own, driven by Playwright, without a network."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import tool

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
#: Opens whatever an element lies in.
OPENED = """(id) => {
  for (let place = document.getElementById(id); place; place = place.parentElement) {
    if (place.tagName === "DETAILS") place.open = true;
  }
}"""
ALL_OPEN = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
SECONDS = 30  #: a busy machine draws slowly; a wait that never ends still fails


def browser_path() -> str:
    """Return the browser, ``EVENTSTUDY_BROWSER`` or one on the PATH; as `tool` where there is none."""
    return os.environ.get("EVENTSTUDY_BROWSER") or tool("BROWSER", *NAMES)


@contextmanager
def started() -> Iterator[Any]:
    """Start the browser."""
    from playwright.sync_api import sync_playwright

    path = browser_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page in a tab, and whatever it complained of or asked for."""

    tab: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def evaluate(self, script: str, value: Any = None) -> Any:
        return self.tab.evaluate(script, value)


@contextmanager
def opened(browser: Any, file: Path, width: int = 1440, **options: Any) -> Iterator[Opened]:
    """Open a file with networking off, and have every chart drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, offline=True, reduced_motion="reduce", **options
    )
    found = Opened(context.new_page())
    found.tab.set_default_timeout(1000 * SECONDS)
    found.tab.on("request", lambda request: found.requests.append(request.url))
    found.tab.on("console", lambda message: found.complaints.append(message.text))
    found.tab.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.tab.on("dialog", lambda dialog: (found.complaints.append(dialog.message), dialog.dismiss()))
    found.tab.goto(file.as_uri())
    found.tab.evaluate("drawAll()")
    yield found
    context.close()


def saved(page: Opened, table: str, key: str = "") -> tuple[list[str], list[list[str]]]:
    """Return the heading and the rows of what the button of a table saves, by a click or by a key."""
    page.evaluate(OPENED, f"table-{table}")
    button = page.tab.locator(f'button.download[data-table="{table}"]')
    with page.tab.expect_download() as download:
        if key:
            button.press(key)
        else:
            button.click()
    header, *rows = csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8")))
    return header, rows
