"""Regressions of CARs: what each model rests on, and its coefficients."""

from __future__ import annotations

from typing import Any

from eventstudy.report.section import Block, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import name, paragraph, quoted
from eventstudy.results.regression_models import RegressionModel, regression_models
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count, ratio, share

COLUMNS = ("term", "estimate:coefficient:estimate,formula", "se:coefficient:std_error,formula",
           "t:ratio:statistic", "df:freedom:df", "p:p:pvalue")  # fmt: skip
MOST = 12  #: models on the page


def regressions_section(view: ResultView) -> Section | None:
    """Return the models of the study; None where it has none."""
    words, models = view.words, regression_models(view.rows("regressions"))
    if not models:
        return None
    blocks: list[Block] = [paragraph(words, "regressions.reading")]
    for place, model in enumerate(models[:MOST]):
        blocks += _model(view, f"regression-{place + 1}", model)
    if len(models) > MOST:
        blocks.append(paragraph(words, "regressions.more", "quiet", shown=count(MOST), n=count(len(models))))
    return Section("regressions", words.say("regressions.title"), tuple(blocks))


def _model(view: ResultView, id_: str, model: RegressionModel) -> list[Block]:
    words, row = view.words, model.shared
    told: dict[str, Any] = {
        "estimator": words.say(f"regressions.estimator.{row['estimator']}"),
        "covariance": words.say(f"regressions.covariance.{row['covariance']}"),
        "firm_days": words.counted("firm_day", row["n"]),
        "dropped": count(row["dropped"]),
        "rsquared": ratio(row["rsquared"], 3),
    }
    if row["clusters"] is not None:
        clusters = count(row["clusters"])
        told["covariance"] = words.say("regressions.clusters", covariance=told["covariance"], n=clusters)
    formula = name(row["formula"])
    blocks: list[Block] = [
        paragraph(words, "regressions.model", "lead", label=model.label, formula=formula),
        paragraph(words, "regressions.basis", **told),
    ]
    if row["winsorised"] is not None:
        clipped = words.counted("firm_day", row["winsorised"])
        at = share(view.design["winsorise"])
        blocks.append(paragraph(words, "regressions.winsorised", firm_days=clipped, share=at))
    if row["note"]:
        blocks.append(paragraph(words, "regressions.note", "notice", note=quoted(row["note"])))
    wild = any(each["pvalue_wild"] is not None for each in model.rows)
    columns = (*COLUMNS, *(("wild:p:pvalue_wild",) if wild else ()))
    caption = words.say("regressions.model", label=model.label, formula=row["formula"])
    return [*blocks, table(words, id_, caption, model.rows, columns, "regressions", folded=False)]
