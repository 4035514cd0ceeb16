"""The JSON Schema of mapping files, so that editors complete and check them while they are edited."""

from __future__ import annotations

from typing import Any

from leadlens.customfields.mapping import RECORD_KINDS

_TEXT = {"type": "string", "minLength": 1}
_ALTERNATIVES = {
    "to": "where it goes: the name there",
    "create": "the name of a new one that leadlens lint --create makes there",
    "leave_out": "why it is left out on purpose; the reason stands in every report",
    "undecided": "nobody has decided yet; replace it by to, create or leave_out",
}


def _rule(*verdicts: str) -> dict[str, Any]:
    told = {name: {**_TEXT, "description": _ALTERNATIVES[name]} for name in verdicts}
    return {
        "description": "what becomes of it",
        "oneOf": [
            {**_TEXT, "description": _ALTERNATIVES["to"]},
            {
                "type": "object",
                "properties": {
                    **told,
                    "doubtful": {**_TEXT, "description": "a guess, and why; delete it when it is right"},
                    "why": {"type": "string", "description": "why it was proposed; a note, and no more"},
                    "merge": {
                        "type": "boolean",
                        "description": "another line goes to the same place, and that is meant",
                    },
                },
                "oneOf": [{"required": [name]} for name in verdicts],
                "additionalProperties": False,
            },
        ],
    }


def mapping_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema, draft 2020-12)."""
    account = {
        "type": "object",
        "properties": {
            "vendor": {**_TEXT, "description": "the CRM: copper, zoho@v8, base"},
            "account": {**_TEXT, "description": "the account's name in leadlens.toml"},
        },
        "required": ["vendor", "account"],
        "additionalProperties": False,
    }
    rules = {"type": "object", "additionalProperties": {"$ref": "#/$defs/rule"}}
    kind = {
        "type": "object",
        "properties": {
            "fields": {**rules, "description": "a line per field of the source"},
            "options": {
                "type": "object",
                "description": "per field, a line per option of the source; one of the same name there needs none",
                "additionalProperties": rules,
            },
            "always": {
                "type": "object", "description": "fields of the target that always get this value",
                "additionalProperties": {"type": ["string", "number", "boolean", "array"]},
            },
        },
        "additionalProperties": False,
    }  # fmt: skip
    choices = {"type": "object", "additionalProperties": {"$ref": "#/$defs/choice"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "leadlens mapping",
        "description": "What goes where between two CRM accounts (leadlens fields draft).",
        "type": "object",
        "properties": {
            "source": account,
            "target": account,
            **{name: {"$ref": "#/$defs/kind"} for name in RECORD_KINDS},
            "choices": {
                "type": "object",
                "description": "users, stages, sources …: a line each; of the same name there, all but users need none",
                "additionalProperties": choices,
            },
            "drafted": {"type": "object", "description": "kept by leadlens; not made to be edited"},
        },
        "required": ["source", "target"],
        "additionalProperties": False,
        "$defs": {
            "kind": kind,
            "rule": _rule("to", "create", "leave_out", "undecided"),
            "choice": _rule("to", "leave_out", "undecided"),
        },
    }  # fmt: skip
