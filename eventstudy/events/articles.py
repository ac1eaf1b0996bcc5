"""Article cards in seeds/: what each article says, and the check of cards against the articles' texts.

The texts belong to their publishers and are not in the repository. Where they are at hand, a card's sha256
must be that of the file, and each needle part of its text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from eventstudy.errors import EventsFileError, UsageError, nearest
from eventstudy.events.event import Event, Study
from eventstudy.events.nodes import Address, Document, read_document
from eventstudy.events.validation import check_form
from eventstudy.events.values import AnyText, Day, Form, Text

KEPT = ("publisher", "date", "language", "reports")  #: what a result keeps of an article
CARDS = "seeds"  #: the folder of cards, next to the study file


def _file_name(value: str) -> str:
    if value != Path(value).name or value in ("", ".."):
        raise UsageError(f"{value!r} is not the name of a file; write it without folders")
    return value


def _sha256(value: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", value):
        raise UsageError(f"{value!r} is not a sha256; write 64 digits from 0-9 and a-f")
    return value


class ArticleFigure(Form):
    """A date or figure that an article gives."""

    what: AnyText
    """What it is, in our words, or in those of each language."""
    value: AnyText
    """The date or figure, in our words, or in those of each language."""
    needle: Text
    """A short fragment of the article's text that carries it."""


class Article(Form):
    """What is known of one article."""

    publisher: AnyText
    """Who published it, or that in each language."""
    date: Day
    """When; the notes say how it is known."""
    language: Text
    """ISO 639 code of its language."""
    file: Annotated[str, AfterValidator(_file_name)]
    """Name of its text file."""
    sha256: Annotated[str, AfterValidator(_sha256)]
    """SHA-256 of that file."""
    reports: AnyText
    """What it reports, in our own words, or in the words of each language."""
    figures: tuple[ArticleFigure, ...] = ()
    """The dates and figures that it gives."""
    notes: tuple[AnyText, ...] = ()
    """How its date was found, and other remarks, each in words or in those of each language."""


@dataclass(frozen=True)
class Card:
    """The file of a card, and the article it describes."""

    path: Path
    article: Article


def read_cards(directory: str | Path) -> dict[str, Card]:
    """Read every card (``*.yaml``) of a folder; return them by name, in order of their names.

    Raises
    ------
    EventsFileError
        No such folder, no card in it, or cards that are wrong: all mistakes of all cards.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise EventsFileError(directory, "there is no such folder; the articles' cards are expected in it")
    cards: dict[str, Card] = {}
    faults: list[EventsFileError] = []
    for path in sorted(directory.glob("*.yaml")):
        try:
            cards[path.stem] = _read_card(path)
        except EventsFileError as error:
            faults.append(error)
    if faults:
        raise EventsFileError.of(faults)
    if not cards:
        raise EventsFileError(
            directory, "the folder holds no card; a card is a file such as 001-article.yaml"
        )
    return cards


def check_cards(study: Study, directory: str | Path) -> dict[str, Card]:
    """Read the cards of a folder and require every one that the study's events and claims name.

    Raises
    ------
    EventsFileError
        A card that is wrong or missing, with the place in the study file that names it.
    """
    cards = read_cards(directory)
    document = read_document(study.path)
    unknown = {(at[1], card): at for at, card, _ in reversed([*_citations(study)]) if card not in cards}
    faults = [
        document.error((*at, "card"), f"there is no card {card!r} in {directory}{nearest(card, list(cards))}")
        for (_, card), at in unknown.items()
    ]
    if faults:
        raise EventsFileError.of(faults)
    return cards


def cited_articles(events: Iterable[Event], directory: str | Path) -> dict[str, Any]:
    """Return what a result keeps of the articles that its events cite.

    Parameters
    ----------
    directory
        Where the cards are; an article whose card is not there is kept by its name alone.

    Returns
    -------
    dict
        ``events``: of each event that cites an article, card, basis and note; ``cards``: of each card
        publisher, date, language and what it reports. Texts that are given by language are kept as
        mappings. Empty where no event cites any.

    Raises
    ------
    EventsFileError
        Cards that are wrong.
    """
    evidence = {
        event.id: [{"card": each.card, "basis": each.basis, "note": each.note} for each in event.evidence]
        for event in events
        if event.evidence
    }
    if not evidence:
        return {}
    cards = read_cards(directory) if any(Path(directory).glob("*.yaml")) else {}
    named = {each["card"] for listed in evidence.values() for each in listed}
    articles = {
        name: {field: _kept(getattr(card.article, field)) for field in KEPT}
        for name, card in cards.items()
        if name in named
    }
    return {"events": evidence, "cards": articles}


def _kept(value: Any) -> Any:
    return value if isinstance(value, dict) else str(value)


def check_articles(cards: Mapping[str, Card], study: Study, directory: str | Path) -> int:
    """Check the cards and the study's needles against the texts of the articles.

    Parameters
    ----------
    directory
        Where the texts are, under the names that the cards give.

    Returns
    -------
    int
        Number of needles found, each in its article.

    Raises
    ------
    EventsFileError
        A text that is missing or differs from the one that was read, a needle that is not in it; all of them,
        each with its place in the card or the study file.
    """
    faults: list[EventsFileError] = []
    texts: dict[str, str] = {}
    found = 0
    for name, card in cards.items():
        document = read_document(card.path)
        texts[name] = _text(card, document, Path(directory), faults)
        for number, figure in enumerate(card.article.figures):
            found += _look(figure.needle, texts[name], card, document, ("figures", number), faults)
    document = read_document(study.path)
    for at, name, needle in _citations(study):
        if name in cards and needle:
            found += _look(needle, texts[name], cards[name], document, at, faults)
    if faults:
        raise EventsFileError.of(faults)
    return found


def _citations(study: Study) -> Iterator[tuple[Address, str, str]]:
    """Yield each place in the study file that cites an article, the card's name and the needle."""
    for number, event in enumerate(study.events):
        for item, evidence in enumerate(event.evidence):
            yield ("events", number, "evidence", item), evidence.card, evidence.needle
        for item, claim in enumerate(event.claims):
            if claim.card:
                yield ("events", number, "claims", item), claim.card, claim.needle


def _text(card: Card, document: Document, directory: Path, faults: list[EventsFileError]) -> str:
    """Return an article's text; note a fault if it is missing or not the one that was read."""
    path = directory / card.article.file
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        faults.append(document.error(("file",), f"the text {path} cannot be read: {reason}"))
        return ""
    if (digest := hashlib.sha256(content).hexdigest()) != card.article.sha256:
        problem = f"the text {path} has sha256 {digest}; it is not the one that was read"
        faults.append(document.error(("sha256",), problem))
    return unicodedata.normalize("NFC", text)


def _look(
    needle: str, text: str, card: Card, document: Document, at: Address, faults: list[EventsFileError]
) -> bool:
    if not text:  # already reported as missing
        return False
    found = unicodedata.normalize("NFC", needle) in text
    if not found:
        problem = f"the needle {needle!r} is not in the text {card.article.file}; correct it"
        faults.append(document.error((*at, "needle"), problem))
    return found


def _read_card(path: Path) -> Card:
    article, faults = check_form(read_document(path), Article, {"figures": ArticleFigure})
    if article is None or faults:
        raise EventsFileError.of(faults)
    return Card(path, article)
