"""`eventstudy regress`: CARs of a saved result on characteristics of its firm-events."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.option_values import window as read_window
from eventstudy.cli.options import Force
from eventstudy.design import Window

Formulas = Annotated[
    list[str],
    typer.Argument(
        metavar="FORMULA...",
        help="What is regressed on what, such as 'car ~ size + C(kind)'; several are several models.",
    ),
]
Results = Annotated[
    str, typer.Option(metavar="RESULTS", help="A result folder that `eventstudy run` has written.")
]
CarWindow = Annotated[
    Any,
    typer.Option(
        "--window",
        "--car",
        parser=read_window,
        metavar="A:B",
        help="CAR window, as 0:1.  [default: the results' first]",
    ),
]
Estimator = Annotated[
    str,
    typer.Option(
        metavar="ols|wls|fama-macbeth",
        help="Least squares, weighted by 1 / car_se squared, or one cross-section per date.",
    ),
]
Cov = Annotated[
    str,
    typer.Option(
        metavar="auto|ols|hc1|hc3",
        help="Standard errors without clusters; auto clusters by session where there are several dates.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="session|ticker|both", help="Standard errors clustered by one, or by both."),
]
Winsorise = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE", help="Pull CARs in to their quantiles at either end.  [default: as the run did]"
    ),
]
Latex = Annotated[
    str | None, typer.Option(metavar="FILE", help="Write the models side by side as a LaTeX table, too.")
]


def regress(
    call: Call,
    formulas: Formulas,
    results: Results = "results",
    window: CarWindow = None,
    estimator: Estimator = "ols",
    cov: Cov = "auto",
    cluster: Cluster = None,
    winsorise: Winsorise = None,
    latex: Latex = None,
    force: Force = False,
) -> None:
    """Regress the CARs of a result on columns of the event list."""
    from pathlib import Path

    from eventstudy import results as store
    from eventstudy.cli.regressions_text import regressions_text
    from eventstudy.inference.regression_table import regress_tables
    from eventstudy.results.formats.print_regressions import regressions_in_latex
    from eventstudy.results.outputs.destination import write_file
    from eventstudy.results.outputs.ownership import Overwrite, inputs_of
    from eventstudy.results.regression_models import regression_models

    saved = store.load(results)
    design, tables = saved.manifest["design"], {name: saved.table(name) for name in ("events", "cars")}
    shown = window or Window(*design["car_windows"][0])
    how = {"estimator": estimator, "cov": cov, "cluster": cluster}
    rows = regress_tables(tables, design, formulas, window=shown, winsorise=winsorise, **how).to_pylist()
    if latex is not None:
        text = regressions_in_latex(rows)
        overwrite = Overwrite(force, inputs_of(saved.manifest, Path(results)))
        write_file(
            latex,
            lambda staged: staged.write_text(text, encoding="utf-8", newline="\n"),
            suffixes=[".tex"],
            overwrite=overwrite,
        )
    call.document({"results": results, "window": list(shown), "regressions": rows, "file": latex})
    call.say(regressions_text(regression_models(rows), call.width))
    if latex is not None:
        call.remark(f"The LaTeX table is in {latex}")
