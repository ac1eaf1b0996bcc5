"""The sections of a large study: what can be said of firm-events that are counted and not listed."""

from __future__ import annotations

from eventstudy.report.large_lines import measured, small_pvalues
from eventstudy.report.section import Block, Listing, Paragraph, Section
from eventstudy.report.sections.answer import mean_figure, over_dates
from eventstudy.report.sections.provenance import VERSIONS, versions_of
from eventstudy.report.sections.tests_of import TESTS
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import blank, joined, name, paragraph, sentence
from eventstudy.results.naming import group_name, model_name, sentence_of
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

LARGEST = ("event:text:event_id", "ticker", "day0:text:session", "car:percent:car", "t:ratio:statistic",
           "p:p:pvalue")  # fmt: skip


def large_answer(view: ResultView) -> Section:
    """Return the mean over dates, the tests, and the firm-events with the largest t."""
    words, about = view.words, view.manifest["large"]
    lead = [sentence(words, "asked.skipped" if about["skipped"] else "asked.all", **measured(view))]
    lead.append(sentence(words, "large.model", model=name(model_name(view, view.design["model"]))))
    blocks: list[Block] = [Paragraph(blank(*lead), "lead"), *over_dates(view)]
    if figure := mean_figure(view):
        blocks.append(figure)
    if about["known"]:
        counted = sentence(words, "large.count", **small_pvalues(view))
        blocks.append(Paragraph(blank(counted, sentence(words, "large.unadjusted"))))
    if largest := about["largest"]:
        caption = words.say("large.largest", window=view.first_label, n=len(largest))
        blocks.append(table(words, "largest", caption, largest, LARGEST, folded=False))
    rows = [row for row in view.rows("tests") if view.is_first(row) and row["measure"] == "CAR"]
    if rows:
        named = {"key": lambda row: group_name(view, row["level"], row["key"])}
        caption, columns = words.say("large.tests", window=view.first_label), ("level", "key", *TESTS)
        blocks.append(table(words, "tests-all", caption, rows, columns, "tests", shown=named, folded=False))
        for level, n in about["shortened"].items():
            of = count(view.manifest["levels"][level])
            said = {"level": name(words.coded("level", level)), "n": count(n), "of": of}
            blocks.append(paragraph(words, "large.shortened", "quiet", **said))
    if left_out := view.manifest["tests_left_out"]:
        blocks.append(paragraph(words, "large.left_out", "quiet", tests=", ".join(left_out)))
    return Section("answer", words.say("answer.title"), tuple(blocks))


def large_skipped(view: ResultView) -> Section | None:
    """Return how many firm-events were skipped, by reason; None where none was, as the first screen says."""
    words, about = view.words, view.manifest["large"]
    if not about["skipped"]:
        return None
    asked = words.counted("firm_event", about["firm_events"])
    told = paragraph(words, "skipped.reading", n=count(about["skipped"]), asked=asked)
    title = words.say("skipped.title")
    if about["reasons"] is None:
        return Section("skipped", title, (told, paragraph(words, "large.no_reasons", "quiet")))
    items = [
        sentence(words, "skipped.because", n=count(n), reason=name(sentence_of(view, reason)))
        for reason, n in about["reasons"].items()
    ]
    if about["other_reasons"]:
        items.append(sentence(words, "large.other_reasons", n=count(about["other_reasons"])))
    return Section("skipped", title, (told, Listing(tuple(items))))


def large_provenance(view: ResultView) -> Section:
    """Return versions, and where the tables are."""
    words, about = view.words, view.manifest["large"]
    files = [
        sentence(
            words,
            "large.table",
            table=name(f"{each}/" if file["files"] > 1 else each),
            rows=count(file["rows"]),
            files=words.counted("file", file["files"]),
        )
        for each, file in about["files"].items()
    ]
    missing = [name(each) for each in view.manifest["not_kept"]]
    blocks = (
        paragraph(words, "provenance.reading"),
        paragraph(words, "large.files", folder=name(about["folder"])),
        Listing(tuple(files)),
        paragraph(words, "large.not_kept", "quiet", names=joined(words, missing, len(missing))),
        table(words, "versions", words.say("provenance.versions"), versions_of(view.manifest), VERSIONS),
    )
    return Section("provenance", words.say("provenance.title"), blocks)
