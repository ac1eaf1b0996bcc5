"""The manifest of a study before its tables: the design, the model, and the data that went in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventstudy import results as store
from eventstudy.events.inputs import StudyInputs
from eventstudy.events.texts import texts_of
from eventstudy.models import model_of
from eventstudy.panel.loading import Loaded
from eventstudy.prices.series import fingerprint
from eventstudy.prices.source import PriceSeries

if TYPE_CHECKING:
    from eventstudy.prices.factors.table import FactorTable


def manifest_of(inputs: StudyInputs, loaded: Loaded, table: FactorTable | None) -> dict[str, Any]:
    """Return the manifest: the design, the model, and the data that went in."""
    model = model_of(inputs.design)
    texts = texts_of(inputs)
    manifest = store.build_manifest(
        design=inputs.design,
        model={
            "name": model.name,
            "summary": model.summary,
            "reference": model.reference,
            "benchmark": model.requires.benchmark,
        },
        tables={},
        prices={ticker: _provenance(series) for ticker, series in loaded.series.items()},
        factors=None if table is None else {"sha256": table.sha256, "vintage": table.vintage},
        study_path_name=None if inputs.path is None else inputs.path.name,
        study_sha256=inputs.sha256,
    )
    return manifest | ({"texts": texts} if texts else {})


def _provenance(series: PriceSeries) -> dict[str, Any]:
    return {
        "source": series.source,
        "kind": series.kind,
        "basis": series.basis,
        "first": series.sessions[0].item(),
        "last": series.sessions[-1].item(),
        "rows": len(series.sessions),
        "sha256": fingerprint(series),
    }
