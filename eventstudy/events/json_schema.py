"""The JSON Schema of a study file, for editors."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from eventstudy.events.form import StudyForm
from eventstudy.events.values import AnyBenchmark, SessionWindow, Ticker

DIALECT = "http://json-schema.org/draft-07/schema#"  #: the newest that YAML language servers read
REFERENCE = "#/definitions/{model}"
SHARED = {"Ticker": Ticker, "Window": SessionWindow, "Benchmark": AnyBenchmark}  #: written once, by name
ABOUT = ("description", "default")  #: what a key says of a shared value


def study_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of a study file, kept in ``events.schema.json``."""
    schema = _tidy(StudyForm.model_json_schema(ref_template=REFERENCE))
    definitions = schema.pop("$defs")
    named: dict[str, Any] = {}
    for name, kind in SHARED.items():
        shared = _tidy(TypeAdapter(kind).json_schema(ref_template=REFERENCE))
        shared.pop("$defs", None)
        named[name] = _referring(shared, named)
    schema, definitions = _referring(schema, named), _referring(definitions, named) | named
    return {"$schema": DIALECT, "title": "eventstudy study file", **schema, "definitions": definitions}


def _referring(schema: Any, named: dict[str, Any]) -> Any:
    """Put a reference in place of every copy of a named schema."""
    if isinstance(schema, list):
        return [_referring(item, named) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: _referring(value, named) for key, value in schema.items()}
    own = {key: value for key, value in schema.items() if key not in ABOUT}
    name = next((name for name, shared in named.items() if shared == own), None)
    if name is None:
        return schema
    return {"$ref": REFERENCE.format(model=name)} | {key: schema[key] for key in ABOUT if key in schema}


def _tidy(schema: Any) -> Any:
    """Leave out what an editor would show as noise, and null: a study file leaves the key out."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _tidy(value) for key, value in schema.items() if not _is_noise(key, value)}
    if len(kept.get("anyOf", ())) == 1:
        kept |= kept.pop("anyOf")[0]
    return kept


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, "", [], {}))
