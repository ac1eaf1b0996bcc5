"""Article cards: what they hold, and the proof against the articles' texts."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eventstudy.errors import EventsFileError
from eventstudy.events.articles import ArticleFigure, check_articles, check_cards, cited_articles, read_cards
from eventstudy.events.event import Study
from eventstudy.events.study_file import read_study

ARTICLE = "On Monday the stock fell by 6.36%, 한국어로 말하자면."
CARD = f"""\
publisher: The Daily
date: 2024-08-06
language: en
file: article.txt
sha256: {hashlib.sha256(ARTICLE.encode()).hexdigest()}
reports: A fall.
figures:
  - {{what: the fall, value: 6.36%, needle: 6.36%}}
notes:
  - Dated by hand.
"""
STUDY = """\
tickers: [NVDA]
events:
  - id: fall
    session: 2024-08-05
    evidence: {card: 001-fall, needle: 한국어로, basis: stated}
    claims:
      - {ticker: NVDA, kind: sign, date: 2024-08-05, stated: down, needle: fell by}
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return a study with one event, one card beside it and the article's text."""
    for folder in ("seeds", "texts"):
        (tmp_path / folder).mkdir()
    (tmp_path / "seeds/001-fall.yaml").write_text(CARD, encoding="utf-8")
    (tmp_path / "texts/article.txt").write_bytes(ARTICLE.encode())
    return rewritten(tmp_path, STUDY)


def rewritten(folder: Path, text: str) -> Study:
    (folder / "events.yaml").write_text(text, encoding="utf-8")
    return read_study(folder / "events.yaml")


def problems_of(study: Study) -> list[str]:
    """Return what is said of the study's cards and texts, from the file's name on."""
    folder = study.path.parent
    with pytest.raises(EventsFileError) as caught:
        check_articles(check_cards(study, folder / "seeds"), study, folder / "texts")
    return [problem.removeprefix(f"{folder}/") for problem in caught.value.problems]


def change_card(study: Study, old: str, new: str) -> None:
    card = study.path.parent / "seeds/001-fall.yaml"
    assert old in CARD
    card.write_text(CARD.replace(old, new), encoding="utf-8")


class TestCards:
    def test_a_card_is_read(self, study: Study) -> None:
        (card,) = read_cards(study.path.parent / "seeds").values()
        article = card.article
        assert (card.path.stem, article.publisher, article.date) == (
            "001-fall",
            "The Daily",
            date(2024, 8, 6),
        )
        assert article.figures == (ArticleFigure(what="the fall", value="6.36%", needle="6.36%"),)
        assert article.notes == ("Dated by hand.",)

    @pytest.mark.parametrize(
        ("old", "new", "place", "words"),
        [
            ("publisher", "publishr", "1:1", ["'publishr'", "did you mean 'publisher'"]),
            ("date: 2024-08-06", "date: 2024-08-36", "2:7", ["day 36"]),
            ("date: 2024-08-06\n", "", "1:1", ["date is missing"]),
            ("file: article.txt", "file: ../article.txt", "4:7", ["'../article.txt'", "without folders"]),
            ("sha256: ", "sha256: x", "5:9", ["sha256", "64 digits"]),
            ("needle: 6.36%", "needel: 6.36%", "8:36", ["'needel'", "did you mean 'needle'"]),
            ("needle: 6.36%", "needle: ", "8:36", ["needle is empty"]),
            ("  - Dated by hand.", "  Dated by hand.", "10:3", ["notes", "must be a list"]),
            ("reports: A fall.", "reports: A: fall.", "6:11", ["quotes"]),
        ],
    )
    def test_a_mistake_is_told_with_its_place(
        self, study: Study, old: str, new: str, place: str, words: list[str]
    ) -> None:
        change_card(study, old, new)
        found = [problem for problem in problems_of(study) if f"001-fall.yaml:{place}: " in problem]
        assert any(all(word in problem for word in words) for problem in found), problems_of(study)

    def test_the_mistakes_of_all_cards_are_listed(self, study: Study) -> None:
        change_card(study, "publisher", "publishr")
        (study.path.parent / "seeds/002.yaml").write_text("[]", encoding="utf-8")
        files = [problem.partition(":")[0] for problem in problems_of(study)]
        assert files == ["seeds/001-fall.yaml", "seeds/001-fall.yaml", "seeds/002.yaml"]

    def test_a_card_that_is_missing_is_told_where_it_is_named(self, study: Study) -> None:
        folder = study.path.parent
        (problem,) = problems_of(rewritten(folder, STUDY.replace("001-fall", "001-fal")))
        assert problem.startswith("events.yaml:5:22: there is no card '001-fal'")
        assert "did you mean '001-fall'" in problem

    def test_a_claim_may_name_a_card_of_its_own(self, study: Study) -> None:
        text = STUDY.replace("stated: down", "stated: down, card: 002-rise")
        (problem,) = problems_of(rewritten(study.path.parent, text))
        assert problem.startswith("events.yaml:7:74: there is no card '002-rise'")

    def test_no_folder_and_an_empty_one(self, study: Study, tmp_path: Path) -> None:
        with pytest.raises(EventsFileError, match="there is no such folder"):
            check_cards(study, tmp_path / "nowhere")
        with pytest.raises(EventsFileError, match="holds no card"):
            check_cards(study, tmp_path / "texts")


class TestProof:
    def test_every_needle_is_counted(self, study: Study) -> None:
        folder = study.path.parent
        assert check_articles(read_cards(folder / "seeds"), study, folder / "texts") == 3

    def test_a_needle_may_be_written_in_decomposed_letters(self, study: Study) -> None:
        folder = study.path.parent
        decomposed = unicodedata.normalize("NFD", STUDY)
        assert decomposed != STUDY
        again = rewritten(folder, decomposed)
        assert check_articles(read_cards(folder / "seeds"), again, folder / "texts") == 3

    def test_a_text_that_is_missing(self, study: Study) -> None:
        (study.path.parent / "texts/article.txt").unlink()
        (problem,) = problems_of(study)
        assert problem.startswith("seeds/001-fall.yaml:4:7: the text ")
        assert "article.txt cannot be read: No such file" in problem

    def test_a_text_in_another_encoding(self, study: Study) -> None:
        (study.path.parent / "texts/article.txt").write_bytes(ARTICLE.encode("utf-16"))
        (problem,) = problems_of(study)
        assert problem.startswith("seeds/001-fall.yaml:4:7: ")
        assert "not UTF-8" in problem

    def test_a_text_that_is_another(self, study: Study) -> None:
        text = ARTICLE + " Corrected."
        (study.path.parent / "texts/article.txt").write_bytes(text.encode())
        (problem,) = problems_of(study)
        assert problem.startswith("seeds/001-fall.yaml:5:9: ")
        assert hashlib.sha256(text.encode()).hexdigest() in problem

    def test_needles_that_are_not_in_the_text(self, study: Study) -> None:
        change_card(study, "needle: 6.36%", "needle: 6.37%")
        text = STUDY.replace("한국어로", "일본어로").replace("fell by", "rose by")
        problems = problems_of(rewritten(study.path.parent, text))
        assert [problem.split(" ")[0] for problem in problems] == [
            "events.yaml:5:40:",
            "events.yaml:7:76:",
            "seeds/001-fall.yaml:8:44:",
        ]
        assert all("is not in the text article.txt" in problem for problem in problems)


class TestWhatAResultKeeps:
    def kept(self, study: Study) -> dict[str, Any]:
        return cited_articles(study.events, study.path.parent / "seeds")

    def test_the_cards_that_are_cited(self, study: Study) -> None:
        assert self.kept(study) == {
            "events": {"fall": [{"card": "001-fall", "basis": "stated", "note": ""}]},
            "cards": {
                "001-fall": {
                    "publisher": "The Daily",
                    "date": "2024-08-06",
                    "language": "en",
                    "reports": "A fall.",
                }
            },
        }

    def test_a_card_that_nothing_cites_is_left_out(self, study: Study) -> None:
        (study.path.parent / "seeds/002-other.yaml").write_text(CARD, encoding="utf-8")
        assert list(self.kept(study)["cards"]) == ["001-fall"]

    def test_without_the_card_its_name_is_kept(self, study: Study) -> None:
        (study.path.parent / "seeds/001-fall.yaml").unlink()
        kept = self.kept(study)
        assert kept["cards"] == {}
        assert kept["events"]["fall"][0]["card"] == "001-fall"

    def test_without_evidence_nothing_is_read(self, study: Study) -> None:
        change_card(study, "language: en", "language: [")
        plain = rewritten(study.path.parent, STUDY.split("    evidence")[0])
        assert self.kept(plain) == {}

    def test_a_card_that_is_wrong_is_named(self, study: Study) -> None:
        change_card(study, "publisher", "publishr")
        with pytest.raises(EventsFileError, match=r"001-fall\.yaml:1:1"):
            self.kept(study)
