"""Tells where what a mapping keeps of an account is not of the CRM that the file names: one was changed by hand."""

from __future__ import annotations

from collections.abc import Iterator

from leadlens.adapter import Adapter
from leadlens.catalogue import Definition
from leadlens.customfields.mapping import RECORD_KINDS, AccountMapping
from leadlens.customfields.scope import filled_attributes
from leadlens.customfields.values import codec_of


def strangers(mapping: AccountMapping, origin: Adapter, goal: Adapter) -> Iterator[str]:
    """Yield a line for each account of which fields are kept that its CRM, ``origin`` or ``goal``, cannot have."""
    for which, side, adapter in (("source", mapping.source, origin), ("target", mapping.target, goal)):
        found = [
            label
            for kind in RECORD_KINDS
            for label, definition in side.definitions[kind].items()
            if not _can_have(adapter, kind, definition)
        ]
        if found:
            told = (
                f"{side.vendor} cannot have {len(found)} of the fields kept in [drafted.{which}], such as {found[0]!r}"
            )
            way = "name the CRM that the file was drafted for, or draft it again"
            yield f"{mapping.file}:{side.line}: {which}.vendor: {told}; {way}"


def _can_have(adapter: Adapter, kind: str, definition: Definition) -> bool:
    """Tell whether a CRM fills the attribute of a field, or has values of such an own field."""
    if definition.attribute is not None:
        return definition.attribute in filled_attributes(adapter, kind)
    try:
        codec_of(adapter)(definition)
    except (TypeError, ValueError):  # an id or a key that is none on this CRM
        return False
    return True
