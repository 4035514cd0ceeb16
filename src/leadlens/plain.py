"""The neutral model as plain JSON and back, and the adapters as cattrs converters."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

import attrs
from cattrs import BaseValidationError, Converter, StructureHandlerNotFoundError, transform_error
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.strategies import configure_tagged_union
from cattrs.v import format_exception

from leadlens import conversion, model
from leadlens._compile import decode, encode
from leadlens.adapter import RECORDS, Adapter
from leadlens.errors import InputError
from leadlens.loss import LossPolicy
from leadlens.model import JSON

_T = TypeVar("_T")
_MISFITS = (BaseValidationError, StructureHandlerNotFoundError, ValueError, TypeError, LookupError, AttributeError)
_UNIONS = (
    model.Record,
    model.Contact | model.Company | model.Deal,
    conversion.ContactTarget,
    conversion.CompanyTarget,
    conversion.DealTarget,
    conversion.Outcome,
)
"""The unions of the model, inner ones first."""


def adapter_converter(adapter: Adapter, *, policy: LossPolicy | None = None) -> Converter:
    """Return a cattrs converter whose hooks are the adapter's generated functions.

    ``structure(wire, Lead)`` reads a wire record, ``unstructure(lead)`` writes one. ``policy`` decides about losses and
    raises them by default, since neither call has a place to report them.
    """
    converter, decide = Converter(), policy or LossPolicy("raise")
    for kind in RECORDS:
        crosswalk = adapter.crosswalk(kind)

        def read(wire: JSON, _: type, crosswalk: Any = crosswalk) -> Any:
            decoded = decode(crosswalk, wire)
            decide.apply(decoded.losses)
            return decoded.value

        def write(value: Any, crosswalk: Any = crosswalk) -> JSON:
            encoded = encode(crosswalk, value)
            decide.apply(encoded.losses)
            return encoded.wire

        converter.register_structure_hook(crosswalk.model, read)
        converter.register_unstructure_hook(crosswalk.model, write)
    return converter


@functools.cache
def plain_converter() -> Converter:
    """Return the cattrs converter between neutral objects and plain JSON.

    What is not given is left out; a member of a union carries its class name as ``type``; amounts are texts, times
    ISO 8601. A typed value of a custom field says what it is: ``{"$date": "2026-01-31"}``.
    """
    converter = Converter(omit_if_default=True, forbid_extra_keys=True)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_unstructure_hook(dt.datetime, dt.datetime.isoformat)
    converter.register_structure_hook(dt.datetime, lambda text, _: dt.datetime.fromisoformat(text))
    converter.register_unstructure_hook(dt.date, dt.date.isoformat)
    converter.register_structure_hook(dt.date, lambda text, _: dt.date.fromisoformat(text))
    converter.register_unstructure_hook_factory(
        attrs.has, lambda cls: make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True)
    )
    writes = override(unstruct_hook=lambda value: _tagged(value, converter))
    converter.register_unstructure_hook(
        model.CustomField,
        make_dict_unstructure_fn(model.CustomField, converter, _cattrs_omit_if_default=True, value=writes),
    )
    reads = override(struct_hook=lambda value, _: _untagged(value, converter))
    converter.register_structure_hook(
        model.CustomField,
        make_dict_structure_fn(model.CustomField, converter, _cattrs_forbid_extra_keys=True, value=reads),
    )
    for union in _UNIONS:
        configure_tagged_union(union, converter, tag_name="type")
    return converter


_TAGS: Mapping[type, str] = {
    Decimal: "$decimal", dt.date: "$date", dt.datetime: "$datetime", model.Address: "$address", model.Ref: "$ref",
}  # fmt: skip
_TAGGED: Mapping[str, type] = {tag: cls for cls, tag in _TAGS.items()}
_JSON = "$json"
"""The tag of a JSON object that would otherwise look like a tagged value."""


def _tagged(value: Any, converter: Converter) -> JSON:
    """Return the value of a custom field as JSON: ``{"$date": "2026-01-31"}`` where JSON has no such type."""
    if value.__class__ in _TAGS:
        return {_TAGS[value.__class__]: converter.unstructure(value)}
    if value.__class__ in (tuple, list):
        return [_tagged(item, converter) for item in value]
    if value.__class__ is dict and len(value) == 1 and next(iter(value)).startswith("$"):
        return {_JSON: value}
    return value


def _untagged(data: JSON, converter: Converter) -> Any:
    """Return the value of a custom field that ``_tagged`` wrote."""
    if data.__class__ is list:
        return [_untagged(item, converter) for item in data]
    if data.__class__ is not dict or len(data) != 1:
        return data
    (tag, inner), *_ = data.items()
    if tag == _JSON:
        return inner
    return converter.structure(inner, _TAGGED[tag]) if tag in _TAGGED else data


def _told(error: BaseException, cls: type | None) -> str:
    """Say what is wrong with a part: cattrs asks a text for its keys where an object should be."""
    if isinstance(error, AttributeError) and error.name in ("keys", "items", "get"):
        return "expected an object"
    return str(format_exception(error, cls))


def to_plain(value: Any) -> JSON:
    """Return a neutral object as plain JSON."""
    return plain_converter().unstructure(value)


def from_plain(data: JSON, cls: type[_T]) -> _T:
    """Return the neutral object of plain JSON; raises :class:`InputError` with the path of what does not fit."""
    if attrs.has(cls) and not isinstance(data, dict):
        raise InputError("$", f"an object: a {cls.__name__} as neutral JSON")
    try:
        return plain_converter().structure(data, cls)
    except _MISFITS as error:
        what, _, path = transform_error(error, format_exception=_told)[0].rpartition(" @ ")
        raise InputError(path, f"a {cls.__name__} as neutral JSON ({what})") from None
