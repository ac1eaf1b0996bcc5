"""`EventStudyResult`: what a study returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy import results as store
from eventstudy._typing import Cluster, Covariance, Estimator
from eventstudy.design.arguments import check_flags, check_kind, refusal
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.schema import TABLES
from eventstudy.words import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from eventstudy.design.regression import RegressionLike
    from eventstudy.results.view import ResultView


LIBRARIES = ("pandas", "polars", "pyarrow", "duckdb")  #: of frames that a table is returned as


class _TableProperty(property):
    """The result table of the property's name as a data frame."""

    def __init__(self, meaning: str) -> None:
        super().__init__(lambda result: result.frame(self.table))
        self.__doc__ = meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self.table = name

    if TYPE_CHECKING:

        def __get__(self, result: Any, owner: Any = None, /) -> pd.DataFrame: ...  # type: ignore[override]


@dataclass(frozen=True, repr=False)
class EventStudyResult:
    """The result of a study: tables with fixed schemas, and a manifest of their inputs.

    Attributes
    ----------
    tables
        Arrow tables by name (`eventstudy.schema.TABLES`); the properties below give them as data frames,
        returns in decimals, null where a number could not be computed.
    manifest
        Design, prices and versions, as saved in ``manifest.json``.
    """

    tables: Mapping[str, pa.Table]
    manifest: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse what is neither tables by name nor a manifest; a UsageError names the argument."""
        check_kind("manifest", self.manifest, Mapping, "a dictionary, as of `load`")
        check_kind("tables", self.tables, Mapping, "a dictionary of Arrow tables")
        for name, table in self.tables.items():
            if name not in TABLES or not hasattr(table, "column_names"):
                raise refusal(
                    "tables", {name: type(table).__name__}, "Arrow tables by the names of `schema.TABLES`"
                )

    events = _TableProperty("One row per requested firm-event, with status and reason.")
    coefficients = _TableProperty("One row per firm-event and coefficient of the normal-return model.")
    abnormal_returns = _TableProperty("One row per firm-event and session of the event window.")
    cars = _TableProperty("One row per firm-event and window.")
    benchmarks = _TableProperty("CARs against other benchmarks: per firm-event, benchmark and window.")
    weights = _TableProperty("What peers and donors weigh in each normal return, and which are left out.")
    residuals = _TableProperty("One row per firm-event and estimation session.")
    averages = _TableProperty("AAR and CAAR per group and session.")
    tests = _TableProperty("Tests of groups: one row per group, window and test.")
    comparisons = _TableProperty("Differences between tickers, events and kinds.")
    regressions = _TableProperty(
        "Cross-sectional regressions of CARs: one row per regression, window and term."
    )
    claims = _TableProperty("What the articles claim about prices, checked against the prices.")
    diagnostics = _TableProperty("Checks of each firm-event's estimation.")
    findings = _TableProperty("What was found in the price series.")
    attrition = _TableProperty("What was lost between the event list and what was measured, step by step.")
    inputs = _TableProperty("What each file that was read was taken for.")
    prices = _TableProperty("Prices and returns of the sessions used.")
    specifications = _TableProperty("One row per firm-event, window and specification, of `robustness`.")
    specification_curves = _TableProperty("The specifications of each firm-event and window together.")

    def frame(self, table: str, library: str = "pandas") -> Any:
        """Return a table as a frame of a library: ``pandas``, ``polars``, ``pyarrow`` or ``duckdb``.

        Of pandas sessions are datetime64 and labels are categories. An UnknownNameError names the tables, or
        the libraries, that exist; a UsageError says that the library is not installed.
        """
        if not isinstance(table, str) or table not in self.tables:
            raise UnknownNameError("table", str(table), tuple(self.tables))
        if library not in LIBRARIES:
            raise UnknownNameError("library", str(library), LIBRARIES)
        held = self.tables[table]
        if library == "pandas":
            return held.to_pandas(date_as_object=False)
        if library == "pyarrow":
            return held
        try:
            return import_module(library).from_arrow(held)
        except ImportError:
            raise UsageError(f"{library} is not installed: pip install {library}") from None

    def summary(self) -> pd.DataFrame:
        """Return a row per firm-event with its first CAR, intervals, t, p-values and flags.

        Of `robustness`: with its figures of the first window over all specifications.
        """
        if self.view().of_specifications:
            first, curves = self.view().first, self.specification_curves
            return curves[(curves["start"] == first.start) & (curves["end"] == first.end)].reset_index(
                drop=True
            )
        columns = ["event_id", "ticker", "session", "status", "reason", "confounded", "expect", "agrees"]
        cars = self.cars
        if len(cars):
            cars = cars[(cars["start"] == cars["start"].iloc[0]) & (cars["end"] == cars["end"].iloc[0])]
        alone = ["conformal_low", "conformal_high", "conformal_pvalue", "ci_low", "ci_high", "pvalue"]
        figures = ["car", "car_se", "statistic", *alone, "pvalue_study_bh", "pvalue_study_holm"]
        return self.events[columns].join(cars[figures].reset_index(drop=True))

    def regress(
        self,
        formulas: RegressionLike | Iterable[RegressionLike],
        *,
        window: Any = None,
        estimator: Estimator = "ols",
        cov: Covariance = "auto",
        cluster: Cluster | None = None,
        winsorise: float | None = None,
    ) -> pd.DataFrame:
        """Regress CARs on characteristics of the firm-events: columns of the event list.

        Parameters
        ----------
        formulas
            ``"car ~ size + C(kind)"``, or several. The left side is ``car``, ``scar`` or ``bhar``; the right
            side may apply ``C``, ``log``, ``I`` and the like, with interactions as in R. A mapping, or a
            `Regression`, states its own window, estimator, cov and cluster.
        window
            A window of the result, such as (0, 1) or "0:1"; None means all that it has.
        estimator
            ``"ols"``, ``"wls"`` (weights ``1 / car_se^2``) or ``"fama-macbeth"``.
        cov
            ``"ols"``, ``"hc1"`` or ``"hc3"``; ``"auto"`` clusters by session, and gives no standard error
            where all firm-events share one date.
        cluster
            ``"session"``, ``"ticker"`` or ``"both"``, in the place of ``cov``.
        winsorise
            Share of CARs pulled in at either end; None means as the run did.

        Returns
        -------
        DataFrame
            As the table ``regressions``, a row per model, window and term; estimates in decimals per unit.
            Every firm-day counts once; rows with a missing term are left out and counted as ``dropped``.
            NaN where the note says why.

        Raises
        ------
        UnknownNameError
            A column, estimator or standard error that does not exist, with the nearest that does.
        UsageError, DesignError
            What is no formula, or a window that was not measured.
        """
        from eventstudy.inference.regression_table import regress_tables

        how = {"estimator": estimator, "cov": cov, "cluster": cluster}
        table = regress_tables(
            self.tables, self.manifest["design"], formulas, window=window, winsorise=winsorise, **how
        )
        frame: pd.DataFrame = table.to_pandas()
        return frame

    def headline(self, lang: str = "en") -> dict[str, Any]:
        """Return what is said of the study as a whole, over the first window.

        A firm-day is a ticker and a day 0, and counts once in however many events; it is named where its
        Benjamini-Hochberg p-value over all firm-days is at most 5 %, beyond doubt where Holm's is. An event
        is named through its firm-days: two events that share one are both named.

        Returns
        -------
        dict
            ``firm_days``, ``events``, ``named``, ``events_named``, ``beyond_doubt`` and ``count`` (firm-days
            below 5 % on their own), integers; ``expected`` by chance, ``count_pvalue`` and
            ``smallest_holm``, the smallest Holm p-value that can be attained, floats or None;
            ``named_firm_days``, a dictionary each; ``sentences`` in that language.
        """
        return dict(self.view(lang).headline)

    def chart(self, name: str, *, lang: str = "en", **selection: Any) -> Any:
        """Return a chart of the study as an altair chart, which notebooks show without a network.

        Parameters
        ----------
        name
            ``strongest``, ``timeline``, ``heat_map``, ``price_paths``, ``car_paths``, ``forest``,
            ``comparison``, ``averages``, ``spread``, ``benchmarks``, ``residuals``, ``power`` or, of
            `robustness`, ``specification_curve``.
        lang
            Language of its texts.
        selection
            What to show, such as ``event="deepseek-selloff"``: options of that function in
            `eventstudy.charts`.

        Raises
        ------
        UnknownNameError
            There is no such chart, event, ticker, window or language.
        UsageError
            The selection lacks what the chart needs.
        """
        from eventstudy.charts import chart
        from eventstudy.charts.notebook import with_drawing

        check_kind("name", name, str, "the name of a chart")
        return with_drawing(chart(self.view(lang), name, **selection))

    def save_figures(
        self,
        folder: str | Path,
        *,
        format: str = "svg",  # noqa: A002  (as for exports)
        lang: str = "en",
        force: bool = False,
    ) -> list[str]:
        """Write every chart of the study as ``png``, ``svg`` or ``pdf`` for print; return the files' names.

        Raises
        ------
        UnknownNameError
            There is no such format or language.
        OutputError
            The figures could not be written, or a file that is not of eventstudy is in the way (``force``
            replaces it, unless it is an input of the study); what was there is left as it was.
        """
        from eventstudy.charts.print_charts import save_figures
        from eventstudy.results.outputs.ownership import Overwrite, inputs_of

        check_kind("folder", folder, (str, PathLike), "a path")
        check_kind("format", format, str, "png, svg or pdf")
        check_flags(force=force)
        overwrite = Overwrite(force, inputs_of(self.manifest))
        return save_figures(self.view(lang), folder, format, overwrite=overwrite)

    def view(self, lang: str = "en") -> ResultView:
        """Return the tables as rows in a language, as the terminal, the charts and the report read them."""
        from eventstudy.results.view import ResultView

        if not isinstance(lang, str) or lang not in LANGUAGES:
            raise UnknownNameError("language (lang)", str(lang), LANGUAGES)
        return ResultView(self.tables, self.manifest, lang)

    def _repr_html_(self) -> str:
        """Return what notebooks show: headline, named firm-days and largest CARs, everything escaped."""
        from eventstudy.charts.glance import glance

        return glance(self.view())

    def to_parquet(self, path: str | Path = "results") -> Path:
        """Save every table and the manifest as a result folder, replaced as a whole or not at all.

        Raises
        ------
        OutputError
            It could not be written; what was there is left as it was.
        """
        check_kind("path", path, (str, PathLike), "a path")
        return store.save(self.tables, self.manifest, Path(path))

    def __repr__(self) -> str:
        firm_events, skipped = len(self.tables["events"]), self.view().skipped
        return f"<EventStudyResult: {firm_events} firm-events, {skipped} skipped; tables {', '.join(TABLES)}>"


def load(path: str | Path = "results") -> EventStudyResult:
    """Read a result folder back.

    Raises
    ------
    OutputError
        It is missing, damaged or not a result folder.
    """
    check_kind("path", path, (str, PathLike), "a path")
    saved = store.load(path)
    return EventStudyResult({name: saved.table(name) for name in TABLES}, saved.manifest)
