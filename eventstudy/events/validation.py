"""Validation of a document against a form: one line per error, with the place and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from eventstudy.errors import EventsFileError, nearest
from eventstudy.events.nodes import EMPTY, Address, Document

M = TypeVar("M", bound=BaseModel)
MAX_SENTENCE = 600  #: a message stays readable where the value is a page of text
Detail = Mapping[str, Any]


def check_form(
    document: Document, form: type[M], forms: Mapping[str, type[BaseModel]]
) -> tuple[M | None, list[EventsFileError]]:
    """Return the document as ``form``, or None, and every mistake found in it.

    Parameters
    ----------
    forms
        The form of the mapping under a key, which has the allowed keys.
    """
    faults = list(document.faults)
    try:
        return form.model_validate(document.value), faults
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            owners: list[type[BaseModel]] = [form]
            owners += (forms[str(part)] for part in detail["loc"][:-1] if part in forms)
            faults.append(_fault(document, detail, owners[-1]))
        return None, faults


def _fault(document: Document, detail: Detail, owner: type[BaseModel]) -> EventsFileError:
    loc = detail["loc"]
    address: Address = tuple(part for part in loc if not str(part).startswith(("(", "[key]")))
    name = str(address[-1]) if address else ""
    if detail["type"] == "extra_forbidden":
        cut = "; text with a comma needs quotes" if detail["input"] is EMPTY else ""
        problem = f"unknown key {name!r}{nearest(name, list(owner.model_fields))}{cut}"
        return document.error(address, problem, key=True)
    if detail["input"] is EMPTY:
        problem = f"{_subject(address)} is empty{_example(name) or '; write a value, or remove the line'}"
        return document.error(address, problem, key=True)
    if detail["type"] == "missing":
        return document.error(address, f"{name} is missing{_example(name)}")
    field = getattr(detail.get("ctx", {}).get("error"), "field", None)
    if field and field != name:
        address = (*address, field)
    problem = _sentence(detail)
    if not problem.startswith(_SUBJECTS):
        problem = f"{_subject(address)}: {problem}"
    return document.error(address, problem[:MAX_SENTENCE], key=loc[-1:] == ("[key]",))


_SUBJECTS = ("ticker ", "a ticker ", "event id ")  # beginnings of sentences that name their subject


def _subject(address: Address) -> str:
    """Return the name of the value: its innermost key."""
    return next((part for part in reversed(address) if isinstance(part, str)), "the file")


def _sentence(detail: Detail) -> str:
    """Return the sentence for an error of pydantic."""
    kind = detail["type"]
    if kind == "value_error":
        error = detail["ctx"]["error"]
        return str(getattr(error, "problem", error))
    if kind == "literal_error":
        return _not_allowed(detail)
    for fragment, words in _SENTENCES.items():
        if fragment in kind:
            return words(detail["input"])
    return str(detail["msg"])


def _not_allowed(detail: Detail) -> str:
    allowed = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
    return f"{_shown(detail['input'])} is not allowed{nearest(str(detail['input']), allowed)}"


#: a fragment of pydantic's error type, and its sentence
_SENTENCES: dict[str, Callable[[Any], str]] = {
    "int_": lambda found: f"{_shown(found)} is not a whole number",
    "float_": lambda found: f"{_shown(found)} is not a number such as 0.95",
    "finite_": lambda found: f"{_shown(found)} is not a finite number",
    "bool_": lambda found: f"{_shown(found)} is neither true nor false",
    "tuple_type": lambda found: f"must be a list, such as [{_plain(found)}]",
    "dict_type": lambda found: f"must be a mapping of keys to values, not {_shown(found)}",
    "model_type": lambda found: f"must be a mapping of keys to values, not {_shown(found)}",
    "string_type": lambda found: f"must be text, not {_shown(found)}; quote it, or remove the brackets",
    "string_too_short": lambda _: "is empty; write a value, or remove the line",
    "too_short": lambda _: "is an empty list; eventstudy init DIR writes an example",
}

_EXAMPLES = {
    "benchmark": "benchmark: SPY, or benchmark: none for a model that needs none",
    "id": "id: amd-openai-deal",
    "events": "events: with at least one event; eventstudy init DIR writes an example",
    "card": "card: the name of the article's card in seeds/",
    "needle": "needle: a short fragment of the article's text",
    "basis": "basis: stated, derived or public",
    "date": "date: 2025-09-10",
    "reason": "reason: what else moved the ticker",
    "path": "path: the file, relative to this one",
    "ticker": "ticker: NVDA",
    "kind": "kind: close_to_close",
    "stated": "stated: the figure with the article's digits, -6.36%",
    "sha256": "sha256: the digest of the article's text file",
}


def _example(name: str) -> str:
    return f"; write {_EXAMPLES[name]}" if name in _EXAMPLES else ""


def _shown(found: Any) -> str:
    if isinstance(found, list):
        return "a list"
    if isinstance(found, dict):
        return "a mapping"
    text = str(found)
    return repr(text if len(text) <= 60 else f"{text[:60]}...")


def _plain(found: Any) -> str:
    return found if isinstance(found, str) and len(found) <= 60 else "A, B"
