"""Small made-up crosswalks for the tests of the engine, and what they tell."""

from __future__ import annotations

from typing import Any

import pytest

from leadlens._compile import decode
from leadlens.codecs import Codec, Unfit, Unsayable, each, number, text
from leadlens.composites import custom_value
from leadlens.conversion import (
    ConvertRequest,
)
from leadlens.crosswalk import (
    EVERYTHING_ELSE,
    Crosswalk,
    Row,
    absent,
    field,
)
from leadlens.errors import InputError
from leadlens.loss import Loss
from leadlens.model import CustomField, Lead, Money, Phone, Ref
from leadlens.references import picklist, ref_by_id, text_id

ELSE = absent(EVERYTHING_ELSE, "not here")


def lead(*rows: Row) -> Crosswalk:
    """Return a crosswalk of leads with these rows and nothing else."""
    return Crosswalk(Lead, "made.lead", *rows, ELSE)


def request(*rows: Row) -> Crosswalk:
    """Return a crosswalk of convert requests with these rows and nothing else."""
    return Crosswalk(ConvertRequest, "made.request", *rows, ELSE)


def told(losses: tuple[Loss, ...]) -> list[tuple[str, str]]:
    """Return the paths and reasons of losses."""
    return [(loss.path, loss.reason) for loss in losses]


def refused(crosswalk: Crosswalk, wire: Any) -> str:
    """Return what the error says about a wire object that does not fit."""
    with pytest.raises(InputError) as caught:
        decode(crosswalk, wire)
    return str(caught.value)


def unfit(codec: Codec, *wires: Any) -> str:
    """Return what would have fitted."""
    with pytest.raises(Unfit) as caught:
        codec.decode(*wires)
    return str(caught.value)


def unsayable(codec: Codec, *values: Any) -> tuple[str, str]:
    """Return reason and sentence of what cannot be written."""
    with pytest.raises(Unsayable) as caught:
        codec.encode(*values)
    return caught.value.reason, str(caught.value)


def _read_free(extra: dict[str, Any]) -> tuple[CustomField, ...]:
    if "bad" in extra:
        raise Unfit("no bad field", ".bad")
    return tuple(
        CustomField(definition=Ref(None, key), value=value) for key, value in extra.items() if value is not None
    )


def _write_free(fields: tuple[CustomField, ...]) -> dict[str, Any]:
    return {field.definition.name or "": field.value for field in fields}


FREE = Codec("free", _read_free, _write_free, {"type": "object"})
TITLE = lead(field("title", "Title", text))
MONEY = Codec(
    "money",
    lambda amount, unit: None if amount is None else Money(number.decode(amount), unit),
    lambda money: (number.encode(money.amount), money.currency),
    (number.schema, {"type": "string"}),
)
PHONE = Crosswalk(
    Phone, "made.phone", field("number", "number", text), field("category", "kind", picklist({"W": "work"}))
)
FIELD = Crosswalk(
    CustomField, "made.field", field("definition", "id", ref_by_id(text_id, "field").but(ids=None)),
    field("value", "value", custom_value),
)  # fmt: skip
FIELDS = each(FIELD, key="id", skip="value").but(ids="definition")
LEAD = lead(field("title", "title", text), field("value", ("amount", "unit"), MONEY))
