"""Hypothesis strategies of all that leadlens reads and writes; each shrinks to a small, readable case.

Neutral records are what a CRM can hold, where one is named, and anything that the model allows without. With
``hostile=True`` come the texts, numbers and shapes that break programs: what is refused must be refused with a path,
and what is taken must hold every law.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar

import attrs
from hypothesis import strategies as st

from leadlens import registry
from leadlens._compile import decode
from leadlens.adapter import REQUESTS
from leadlens.conversion import Conversion, ConvertRequest, UpsertRequest, UpsertResult
from leadlens.crosswalk import Crosswalk
from leadlens.exchange import main_call, to_calls
from leadlens.flow import Reply
from leadlens.model import JSON, Company, Contact, Deal, Lead, Note
from leadlens.strategies import anything, fitting, values, wires
from leadlens.testing import mutations
from leadlens.testing.accounts import catalogues, mapping_files, mappings

__all__ = [
    "catalogues", "companies", "contacts", "conversions", "convert_requests", "deals", "fitting", "leads",
    "mapping_files", "mappings", "neutral", "notes", "replies", "requests", "upsert_requests", "upsert_results",
    "values", "wire", "wires",
]  # fmt: skip

_Model = TypeVar("_Model")
_KINDS: dict[type, str] = {
    Lead: "lead", Contact: "contact", Company: "company", Deal: "deal", Note: "note", Conversion: "convert-reply",
    ConvertRequest: "convert-request", UpsertRequest: "upsert-request", UpsertResult: "upsert-reply",
}  # fmt: skip
HOSTILE = (
    "\x00", "\ufeff", "\u202eevil", "a\r\nX-Header: b", "' OR 1=1 --", "<script>", "{lead_id}", "../..", "%00",
    "💥" * 99, "\ud7ff\ue000", " ", "null", "NaN", "0x10", "1e999", "x" * 100_000,
)  # fmt: skip
"""Texts that break programs."""


def neutral(model: type[_Model], vendor: str | None = None, *, hostile: bool = False) -> st.SearchStrategy[_Model]:
    """Return the strategy of objects of a neutral class: those that a CRM (``zoho@v6``) can hold, or all of them."""
    if vendor is None:
        drawn: st.SearchStrategy[Any] = anything(model)
    else:
        crosswalk = registry.get(vendor).crosswalk(_KINDS[model])
        drawn = wires(crosswalk).map(functools.partial(_read, crosswalk))
    return st.tuples(drawn, st.sampled_from(HOSTILE)).map(lambda pair: _spoilt(*pair)) if hostile else drawn


def _read(crosswalk: Crosswalk, found: JSON) -> Any:
    return decode(crosswalk, found).value


def _spoilt(value: Any, text: str) -> Any:
    """Return a neutral object in which a text or two are hostile ones."""
    for name in ("title", "description", "company_name", "text"):
        if hasattr(value, name):
            value = attrs.evolve(value, **{name: text})
    return value


def leads(vendor: str | None = None, *, hostile: bool = False) -> st.SearchStrategy[Lead]:
    """Return the strategy of leads."""
    return neutral(Lead, vendor, hostile=hostile)


def contacts(vendor: str | None = None, *, hostile: bool = False) -> st.SearchStrategy[Contact]:
    """Return the strategy of contacts."""
    return neutral(Contact, vendor, hostile=hostile)


def companies(vendor: str | None = None, *, hostile: bool = False) -> st.SearchStrategy[Company]:
    """Return the strategy of companies."""
    return neutral(Company, vendor, hostile=hostile)


def deals(vendor: str | None = None, *, hostile: bool = False) -> st.SearchStrategy[Deal]:
    """Return the strategy of deals."""
    return neutral(Deal, vendor, hostile=hostile)


def notes(vendor: str | None = None, *, hostile: bool = False) -> st.SearchStrategy[Note]:
    """Return the strategy of notes."""
    return neutral(Note, vendor, hostile=hostile)


def conversions(vendor: str | None = None) -> st.SearchStrategy[Conversion]:
    """Return the strategy of what came of conversions."""
    return neutral(Conversion, vendor)


def convert_requests(vendor: str | None = None) -> st.SearchStrategy[ConvertRequest]:
    """Return the strategy of requests to convert a lead."""
    return neutral(ConvertRequest, vendor)


def upsert_requests(vendor: str | None = None) -> st.SearchStrategy[UpsertRequest]:
    """Return the strategy of requests to update or create a record."""
    return neutral(UpsertRequest, vendor)


def upsert_results(vendor: str | None = None) -> st.SearchStrategy[UpsertResult]:
    """Return the strategy of what came of upserts."""
    return neutral(UpsertResult, vendor)


# --- wires -----------------------------------------------------------------------------------------------------------


def wire(
    vendor: str, kind: str, *, version: str | None = None, unknown: bool = False, hostile: bool = False
) -> st.SearchStrategy[JSON]:  # fmt: skip
    """Return the strategy of what a CRM writes and takes: of a record or reply its body, of a request its calls.

    With ``unknown`` there are keys that nobody knows. With ``hostile`` one leaf is of the wrong kind, or keys are
    added: decoding refuses such a wire with a path, or reports what it does not know.
    """
    crosswalk = _crosswalk(vendor, kind, version)
    if not hostile:
        return wires(crosswalk, unknown=unknown)

    @st.composite
    def draw_hostile(draw: st.DrawFn) -> JSON:
        spoiled = mutations.spoiled_leaf(crosswalk, draw(wires(crosswalk)), draw)
        return draw(st.sampled_from([spoiled, None, [], [spoiled], "", 7])) if draw(_SELDOM) else spoiled

    return draw_hostile()


_SELDOM = st.sampled_from([False, False, False, True])


def _crosswalk(vendor: str, kind: str, version: str | None) -> Crosswalk:
    name = vendor if version is None else f"{vendor}@{version}"
    return registry.get(name).crosswalk(kind)


def _is_call(said: JSON) -> bool:
    """Tell whether the parts of a call that are given are objects, as those of any request are."""
    parts = [said, *(said.get(name, {}) for name in ("path", "query"))] if isinstance(said, dict) else [said]
    return all(isinstance(part, dict) for part in parts)


def requests(vendor: str, kind: str = "convert-request", *, version: str | None = None) -> st.SearchStrategy[JSON]:
    """Return the strategy of requests as ``translate`` takes them: ``{"calls": [{"method", "path", …}]}``.

    ``kind`` is ``convert-request`` or ``upsert-request``.
    """
    if kind not in REQUESTS:
        raise ValueError(f"{kind!r} is no kind of request; there are {', '.join(REQUESTS)}")
    crosswalk = _crosswalk(vendor, kind, version)
    main = main_call(crosswalk).name
    whole = wires(crosswalk).filter(lambda found: main in found and all(map(_is_call, found.values())))
    return whole.map(lambda found: {"calls": [call.to_json() for call in to_calls(crosswalk, found, _ID)]})


_ID = {"lead_id": "1"}


def replies(
    vendor: str, kind: str = "convert-reply", *, version: str | None = None, hostile: bool = False
) -> st.SearchStrategy[Reply]:  # fmt: skip
    """Return the strategy of successful replies; with ``hostile`` of replies of any status and body."""
    if hostile:
        from leadlens.testing import errors

        return errors.replies()
    if not kind.endswith("-reply"):
        raise ValueError(f"{kind!r} is no kind of reply; there are convert-reply and upsert-reply")
    classify = registry.get(vendor).classify
    made = wire(vendor, kind, version=version).map(lambda body: Reply(200, {}, body))
    return made.filter(lambda reply: classify(reply) is None)
