"""Values seen in an account's records, as texts. They are personal data: read only where a person asked for them."""

from __future__ import annotations

import itertools
from typing import Any, Final

import attrs

from leadlens.adapter import Adapter
from leadlens.catalogue import Catalogue, Definition
from leadlens.client import Client
from leadlens.codecs import Unfit
from leadlens.customfields.carrying import definition_of
from leadlens.customfields.mapping import RECORD_KINDS
from leadlens.customfields.values import codec_of, read_attribute, read_value
from leadlens.model import Address, Money, Record, is_given
from leadlens.tenant.proposing import Samples

RECORDS: Final = 200
"""How many records of each kind are looked at for values."""
_LENGTH: Final = 40


def sampled(client: Client, catalogue: Catalogue, wanted: int) -> Samples:
    """Return up to ``wanted`` different values of each field, from the first records of each kind."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind in RECORD_KINDS:
        definitions = [one for one in catalogue.definitions if one.kind == kind]
        for record in itertools.islice(client.iter_records(kind), RECORDS):
            for key, text in _values(record, definitions, client.adapter):
                values = found.setdefault(kind, {}).setdefault(key, [])
                if text not in values and len(values) < wanted:
                    values.append(text)
    return found


def _values(record: Record, definitions: list[Definition], adapter: Adapter) -> list[tuple[str, str]]:
    own = {one.key: one for one in definitions if one.attribute is None}
    found = []
    for item in record.custom_fields:
        definition = definition_of(own, item.definition)
        if definition is not None and item.value is not None:
            value, _ = read_value(definition, item.value, codec_of(adapter))
            found += [(definition.key, _text(one)) for one in (value if isinstance(value, tuple) else (value,))]
    for definition in definitions:
        value = getattr(record, definition.attribute, None) if definition.attribute else None
        if is_given(value) and not attrs.has(value.__class__):
            try:
                found.append((definition.key, _text(read_attribute(definition, value))))
            except Unfit:
                continue
        elif isinstance(value, Money):
            found.append((definition.key, str(value.amount)))
    return [(key, text) for key, text in found if text]


def _text(value: Any) -> str:
    if isinstance(value, Address):
        value = ", ".join(filter(None, attrs.astuple(value)))
    said = {None: "", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)
    return said if len(said) <= _LENGTH else f"{said[:_LENGTH]}…"
