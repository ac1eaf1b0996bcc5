"""The JSON Schema of a study file, for editors."""

from __future__ import annotations

from typing import Any

from eventstudy.events.form import StudyForm

DIALECT = "http://json-schema.org/draft-07/schema#"  #: the newest that YAML language servers read


def study_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of a study file, kept in ``events.schema.json`` beside this module."""
    schema = _tidy(StudyForm.model_json_schema(ref_template="#/definitions/{model}"))
    definitions = schema.pop("$defs")
    return {"$schema": DIALECT, "title": "eventstudy study file", **schema, "definitions": definitions}


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
