"""The cards in seeds/: what each article says, and proof that it says it.

The articles belong to their publishers and are not kept here. Who has the texts can hold every card and every
event against them: the text is the one that was read (its sha256), and each needle stands in it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from eventstudy.errors import EventsFileError, UsageError, nearest
from eventstudy.events.complaints import check_form
from eventstudy.events.event import Event, Study
from eventstudy.events.nodes import Address, Document, read_document
from eventstudy.events.values import Day, Form, Text

CARDS = "seeds"  #: the folder of cards, beside the study file


@dataclass(frozen=True)
class ArticleFigure:
    """A date or figure that an article gives, in our words, and the fragment of its text that carries it."""

    what: str
    value: str
    needle: str


@dataclass(frozen=True)
class Card:
    """What is known of one article.

    Attributes
    ----------
    name, path
        The card's file, without and with folder and ending.
    file, sha256
        Name of the article's text file, and the digest of its bytes.
    reports
        What the article tells, in our own words.
    notes
        How its date was found, and what to beware of.
    """

    name: str
    path: Path
    publisher: str
    date: date
    language: str
    file: str
    sha256: str
    reports: str
    figures: tuple[ArticleFigure, ...]
    notes: tuple[str, ...] = ()


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
    """Return what a result keeps of the articles that its events cite, so that a page can show them.

    Parameters
    ----------
    directory
        Where the cards are; an article whose card is not there is kept by its name alone.

    Returns
    -------
    dict
        ``events``: of each event that cites an article, card, basis and note; ``cards``: of each card
        publisher, date, language and what it reports. Empty where no event cites any.

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
    told = {
        name: {
            "publisher": card.publisher,
            "date": card.date.isoformat(),
            "language": card.language,
            "reports": card.reports,
        }
        for name, card in cards.items()
        if name in named
    }
    return {"events": evidence, "cards": told}


def check_articles(cards: Mapping[str, Card], study: Study, directory: str | Path) -> int:
    """Hold cards and events against the texts of the articles.

    Parameters
    ----------
    directory
        Where the texts are, under the names that the cards give.

    Returns
    -------
    int
        How many needles were found, each in its article.

    Raises
    ------
    EventsFileError
        A text that is missing or another than was read, a needle that does not stand in it; all of them, each
        with its place in the card or the study file.
    """
    faults: list[EventsFileError] = []
    texts: dict[str, str] = {}
    found = 0
    for name, card in cards.items():
        document = read_document(card.path)
        texts[name] = _text(card, document, Path(directory), faults)
        for number, figure in enumerate(card.figures):
            found += _look(figure.needle, texts[name], card, document, ("figures", number), faults)
    document = read_document(study.path)
    for at, name, needle in _citations(study):
        if name in cards and needle:
            found += _look(needle, texts[name], cards[name], document, at, faults)
    if faults:
        raise EventsFileError.of(faults)
    return found


def _citations(study: Study) -> Iterator[tuple[Address, str, str]]:
    """Give each place in the study file that cites an article, the card's name and the needle."""
    for number, event in enumerate(study.events):
        for item, evidence in enumerate(event.evidence):
            yield ("events", number, "evidence", item), evidence.card, evidence.needle
        for item, claim in enumerate(event.claims):
            if claim.card:
                yield ("events", number, "claims", item), claim.card, claim.needle


def _text(card: Card, document: Document, directory: Path, faults: list[EventsFileError]) -> str:
    """Return an article's text, after noting whether it is there and the one that was read."""
    path = directory / card.file
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        faults.append(document.error(("file",), f"the text {path} cannot be read: {reason}"))
        return ""
    if (digest := hashlib.sha256(content).hexdigest()) != card.sha256:
        problem = f"the text {path} has sha256 {digest}; it is not the one that was read"
        faults.append(document.error(("sha256",), problem))
    return unicodedata.normalize("NFC", text)


def _look(
    needle: str, text: str, card: Card, document: Document, at: Address, faults: list[EventsFileError]
) -> bool:
    if not text:  # its absence has been noted once
        return False
    stands = unicodedata.normalize("NFC", needle) in text
    if not stands:
        problem = f"the needle {needle!r} does not stand in the text {card.file}; correct it"
        faults.append(document.error((*at, "needle"), problem))
    return stands


def _file_name(value: str) -> str:
    if value != Path(value).name or value in ("", ".."):
        raise UsageError(f"{value!r} is not the name of a file; write it without folders")
    return value


def _sha256(value: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", value):
        raise UsageError(f"{value!r} is not a sha256; write 64 digits from 0-9 and a-f")
    return value


class FigureForm(Form):
    """A date or figure that an article gives."""

    what: Text
    """What it is, in our words."""
    value: Text
    """The date or figure, in our words."""
    needle: Text
    """A short fragment of the article's text that carries it."""


class CardForm(Form):
    """What is known of one article."""

    publisher: Text
    """Who published it."""
    date: Day
    """When; the notes say how it is known."""
    language: Text
    """ISO 639 code of its language."""
    file: Annotated[str, AfterValidator(_file_name)]
    """Name of its text file."""
    sha256: Annotated[str, AfterValidator(_sha256)]
    """Digest of that file."""
    reports: Text
    """What it tells, in our own words."""
    figures: tuple[FigureForm, ...] = ()
    """The dates and figures that it gives."""
    notes: tuple[Text, ...] = ()
    """How its date was found, and what to beware of."""


def _read_card(path: Path) -> Card:
    form, faults = check_form(read_document(path), CardForm, {"figures": FigureForm})
    if form is None or faults:
        raise EventsFileError.of(faults)
    written = {name: getattr(form, name) for name in CardForm.model_fields}
    figures = tuple(ArticleFigure(**dict(figure)) for figure in form.figures)
    return Card(name=path.stem, path=path, **written | {"figures": figures})
