"""The law *schema agrees*: what is encoded fits the vendor's contract, and the published samples come through.

The contracts were written from the vendors' pages, not from the crosswalks, so each side is a witness for the other.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import contracts

from leadlens import Loss, Translation, decode, encode, encode_onto, registry, translate
from leadlens.conversion import (
    Conversion,
    ConversionOptions,
    ConversionPage,
    ConvertRequest,
    MatchKey,
    NoRecord,
    Present,
    UpsertRequest,
    UpsertResult,
)
from leadlens.crosswalk import Cleared, Crosswalk, Derived, Field, Row, Variant, join_path
from leadlens.exchange import from_payload, to_calls
from leadlens.flow import Call
from leadlens.model import JSON, Company, Contact, Deal
from leadlens.strategies import values, wires

if TYPE_CHECKING:
    import jsonschema_rs

VENDORS = ("copper", "copper@month-first", "zoho@v2", "zoho@v3", "zoho@v5", "zoho@v6", "zoho@v8", "base")
"""Every distinct set of rows: Zoho's other versions differ from these in the path alone."""
SCHEMAS = {
    "copper": {"lead": "Lead", "contact": "Person", "company": "Company", "deal": "Opportunity", "note": "Activity"},
    "zoho": {"lead": "Lead", "contact": "Contact", "company": "Account", "deal": "Deal", "note": "Note"},
    "base": {"lead": "Lead", "contact": "Contact", "company": "Contact", "deal": "Deal", "note": "Note"},
}
INPUTS = {("copper", "note"): "ActivityCreate"}
FILES = {"copper": "File", "zoho": "Attachment", "base": "Document"}
REPLIES = {
    "convert-reply": "ConvertReply",
    "upsert-reply": "UpsertReply",
    "conversion-list": "ConversionList",
    "conversion-options": "ConversionOptions",
}
REQUESTS = ("convert-request", "upsert-request")
RECORDS = ("lead", "contact", "company", "deal")
WRITTEN = (*RECORDS, "note")
SOME_ID = "77"
EXAMPLES = max(50, settings().max_examples // 20)


def plain_name(vendor: str) -> str:
    return vendor.partition("@")[0]


def version_of(vendor: str) -> str | None:
    return vendor.partition("@")[2] if plain_name(vendor) == "zoho" else None


def distinct() -> Iterator[tuple[str, str]]:
    """Yield vendors and kinds, those with the very same crosswalk once."""
    seen = set()
    for vendor in VENDORS:
        for kind, crosswalk in registry.get(vendor).crosswalks.items():
            if crosswalk not in seen:
                seen.add(crosswalk)
                yield vendor, kind


# --- what does not fit -----------------------------------------------------------------------------------------------


def misfits(vendor: str, kind: str, crosswalk: Crosswalk, value: Any) -> tuple[list[str], tuple[Loss, ...]]:
    """Return what of an encoded value does not fit the contract, and the losses."""
    encoded = encode(crosswalk, value)
    if kind in REQUESTS:
        calls = to_calls(crosswalk, encoded.wire, {"lead_id": getattr(value, "lead_id", None) or SOME_ID})
        return [text for call in calls for text in misfits_of_call(vendor, call)], encoded.losses
    if kind in WRITTEN:
        name = INPUTS.get((plain_name(vendor), kind)) or f"{SCHEMAS[plain_name(vendor)][kind]}Input"
        return messages(contracts.validator(plain_name(vendor), name, version_of(vendor)), encoded.wire), encoded.losses
    contract, wire = in_contract(vendor, kind, encoded.wire)
    return messages(contract, without_unknown(contract, wire)), encoded.losses


def in_contract(vendor: str, kind: str, wire: JSON) -> tuple[contracts.Contract, JSON]:
    """Return the contract of a successful reply, and the part of the reply that it is about."""
    plain, version = plain_name(vendor), version_of(vendor)
    if (plain, kind) == ("zoho", "convert-reply"):
        return contracts.validator(plain, "ConvertSuccess", version), wire["data"][0]
    return contracts.validator(plain, FILES[plain] if kind == "attachment" else REPLIES[kind], version), wire


def misfits_of_call(vendor: str, call: Call) -> list[str]:
    """Return what of a call does not fit the contract, with an id wherever a reply will tell one."""
    path = re.sub(r"\{\w+\}", SOME_ID, call.path)
    query = {key: known(value) for key, value in call.query.items()}
    found = contracts.check_call(plain_name(vendor), call.method, path, query, known(call.body), version_of(vendor))
    return [f"{call.name}: {text}" for text in found]


def known(wire: JSON) -> JSON:
    """Return a wire value with an id in place of each ``{company_id}``."""
    if isinstance(wire, dict):
        return {key: known(inner) for key, inner in wire.items()}
    if isinstance(wire, list):
        return [known(inner) for inner in wire]
    return SOME_ID if isinstance(wire, str) and re.fullmatch(r"\{\w+_id\}", wire) else wire


def without_unknown(contract: contracts.Contract, wire: JSON) -> JSON:
    """Return a reply without the nulls that the contract refuses: what is not known is left out, as some replies do."""
    left = copy.deepcopy(wire)
    while paths := [path for error in contract.iter_errors(left) for path in refused_nulls(error)]:
        for path in paths:
            look(left, path[:-1]).pop(path[-1], None)
    return left


def refused_nulls(error: jsonschema_rs.ValidationError) -> list[list[str | int]]:
    """Return the paths of the nulls, keys of objects, that an error is about."""
    paths = [list(leaf.instance_path) for leaf in own_type(error) if leaf.instance is None]
    return [path for path in paths if path and isinstance(path[-1], str)]


def look(wire: JSON, path: list[str | int]) -> Any:
    return functools.reduce(lambda node, key: node[key], path, wire)


def messages(contract: contracts.Contract, wire: JSON) -> list[str]:
    """Return what does not fit; of alternatives what is wrong with the one of the value's own type."""
    return [f"{spelled(leaf)}: {leaf.message}" for error in contract.iter_errors(wire) for leaf in own_type(error)]


def own_type(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    fitting = [branch for branch in branches if not any(other_type(inner, error) for inner in branch)]
    yield from (leaf for inner in fitting[0] for leaf in own_type(inner)) if fitting else (error,)


def other_type(inner: jsonschema_rs.ValidationError, outer: jsonschema_rs.ValidationError) -> bool:
    return type(inner.kind).__name__ == "Type" and list(inner.instance_path) == list(outer.instance_path)


def spelled(error: jsonschema_rs.ValidationError) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)


MISSING = re.compile(r"is a required property|: null is not|at least one is required|path\.id:")
NAMELESS = re.compile(r": \{.*\} is not valid under any")
"""A call's reference without its id: the contract of calls does not look into alternatives of equal depth."""


def is_missing(text: str) -> bool:
    """Tell whether a message is about something that is not there: only that can a loss ``required`` explain."""
    return MISSING.search(text) is not None or NAMELESS.search(text) is not None


def unexplained(found: list[str], losses: tuple[Loss, ...]) -> list[str]:
    """Return the misfits that no loss ``required`` explains."""
    explained = any(loss.reason == "required" for loss in losses)
    return [text for text in found if not (explained and is_missing(text))]


# --- drawn values ----------------------------------------------------------------------------------------------------


@functools.cache
def sayable(crosswalk: Crosswalk) -> st.SearchStrategy[Any]:
    """Return the strategy of neutral values of all kinds, as many of them read from the crosswalk's own wire."""
    read = wires(crosswalk).map(lambda wire: decode(crosswalk, wire).value)
    return st.one_of(values(crosswalk), read).map(_within_the_law)


def _within_the_law(value: Any) -> Any:
    """Leave out what the law does not speak of.

    Extras are the caller's own words. Copper and Zoho make a contact in every conversion, so a conversion without one
    is none of theirs. The id of a tag is not kept.
    """
    if isinstance(value, ConvertRequest):
        return attrs.evolve(value, not_portable=None)
    if isinstance(value, ConversionOptions):
        bare = {a.name: tuple(map(_untagged, getattr(value, a.name))) for a in attrs.fields(ConversionOptions)}
        return ConversionOptions(**bare)
    return value


def _untagged(record: Any) -> Any:
    return attrs.evolve(record, tags=())


@pytest.mark.parametrize(("vendor", "kind"), list(distinct()))
def test_what_is_encoded_fits_the_contract(vendor: str, kind: str) -> None:
    """Whatever is encoded without a loss ``required`` fits the contract; with one, only something missing may not."""
    crosswalk = registry.get(vendor).crosswalk(kind)

    @settings(max_examples=EXAMPLES)
    @given(sayable(crosswalk))
    def holds(value: Any) -> None:
        if isinstance(value, Conversion) and plain_name(vendor) != "base" and isinstance(value.contact, NoRecord):
            return
        found, losses = misfits(vendor, kind, crosswalk, value)
        assert unexplained(found, losses) == [], losses

    holds()


# --- replies of which little is known --------------------------------------------------------------------------------

NOTHING_KNOWN = Conversion(
    contact=Present(record=Contact()), company=Present(record=Company()), deal=Present(record=Deal())
)
PARTIAL: dict[type, Any] = {
    Conversion: NOTHING_KNOWN,
    ConversionPage: ConversionPage(conversions=(NOTHING_KNOWN,)),
    ConversionOptions: ConversionOptions(contacts=(Contact(),), companies=(Company(),), deals=(Deal(),)),
    UpsertResult: UpsertResult(),
}


def neutral_paths(rows: tuple[Row, ...], base: str = "", prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the wire path of every key with the neutral path that it says, list places left out."""
    for row in rows:
        if isinstance(row, Variant):
            for arm in row.cases:
                yield from neutral_paths(arm.rows, join_path(base, row.wire), f"{prefix}{row.neutral}.")
        elif isinstance(row, Field):
            for key in row.wire:
                yield join_path(base, key), prefix + row.neutral[0]
            if row.codec.record is not None:
                yield from neutral_paths(
                    row.codec.record.rows, join_path(base, row.wire[0]), f"{prefix}{row.neutral[0]}."
                )
        elif isinstance(row, Derived):
            yield join_path(base, row.wire), prefix + row.neutral


def missing_keys(vendor: str, kind: str, found: list[str]) -> set[str]:
    """Return the wire paths of the keys that a reply does not have and the contract requires."""
    root = "data[0]" if (plain_name(vendor), kind) == ("zoho", "convert-reply") else ""
    pairs = [re.fullmatch(r'\$(.*): "(.*)" is a required property', text) for text in found]
    return {unlisted(join_path(root + pair[1], pair[2]).removeprefix(".")) for pair in pairs if pair is not None}


def unlisted(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


@pytest.mark.parametrize(("vendor", "kind"), [pair for pair in distinct() if pair[1] in REPLIES])
def test_replies_say_what_they_lack(vendor: str, kind: str) -> None:
    """Where a vendor's reply always has a key and nothing is known to put there, a loss ``required`` says so."""
    crosswalk = registry.get(vendor).crosswalk(kind)
    found, losses = misfits(vendor, kind, crosswalk, PARTIAL[crosswalk.model])
    said = {unlisted(wire): neutral for wire, neutral in neutral_paths(crosswalk.rows)}
    told = {unlisted(loss.path) for loss in losses if loss.reason == "required"}
    assert {said[key] for key in missing_keys(vendor, kind, found)} <= told
    assert [text for text in found if "required property" not in text] == []
    assert found


# --- published samples -----------------------------------------------------------------------------------------------

RECORD_OF = {
    "lead": "lead",
    "leads": "lead",
    "person": "contact",
    "people": "contact",
    "company": "company",
    "companies": "company",
    "opportunity": "deal",
    "opportunities": "deal",
}
SAMPLES = sorted(contracts.SPECS.glob("*/exchanges/*.json"))


@attrs.frozen
class Sample:
    """One half of a published exchange: the wire object of a kind, as the vendor shows it."""

    name: str
    vendor: str
    kind: str
    wire: JSON = attrs.field(repr=False)
    request: JSON = attrs.field(repr=False, default=None)

    @property
    def crosswalk(self) -> Crosswalk:
        """The crosswalk that reads it."""
        return registry.get(self.vendor).crosswalk(self.kind)


def samples() -> Iterator[Sample]:
    """Yield every published wire object of the kinds that are mapped."""
    for path in SAMPLES:
        recorded = json.loads(path.read_text(encoding="utf-8"))
        vendor = path.parent.parent.name + (f"@{recorded['version']}" if "version" in recorded else "")
        name = f"{path.parent.parent.name}/{path.stem}"
        verb, _, thing = recorded["operation"].partition("_")
        if verb in ("convert", "upsert") and thing == "lead":
            yield from _of_action(name, vendor, verb, recorded)
        elif recorded["operation"] == "list_lead_conversions":
            yield Sample(name, vendor, "conversion-list", recorded["reply"]["body"])
        elif recorded["operation"] == "list_conversion_options":
            yield Sample(name, vendor, "conversion-options", recorded["reply"]["body"])
        elif verb in ("get", "create", "update", "search") and thing.partition("_")[0] in RECORD_OF:
            yield from _of_records(name, vendor, RECORD_OF[thing.partition("_")[0]], verb, recorded)


def _of_action(name: str, vendor: str, verb: str, recorded: dict[str, Any]) -> Iterator[Sample]:
    kind = f"{verb}-request"
    wire = from_payload(registry.get(vendor).crosswalk(kind), recorded["request"])
    yield Sample(f"{name} request", vendor, kind, wire, recorded["request"])
    if recorded["reply"]:
        yield Sample(f"{name} reply", vendor, f"{verb}-reply", recorded["reply"]["body"])


def _of_records(name: str, vendor: str, kind: str, verb: str, recorded: dict[str, Any]) -> Iterator[Sample]:
    if verb in ("create", "update"):
        yield Sample(f"{name} request", vendor, kind, recorded["request"]["body"])
    body = recorded["reply"]["body"] if recorded["reply"] else []
    for place, record in enumerate(body if isinstance(body, list) else [body]):
        yield Sample(f"{name} reply {place}", vendor, kind, record)


EVERY_SAMPLE = list(samples())
EVERY_REQUEST = [sample for sample in EVERY_SAMPLE if sample.request is not None]


def same(left: JSON, right: JSON) -> bool:
    """Compare JSON by type too: 1 is neither true nor 1.0."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


@pytest.mark.parametrize("sample", EVERY_SAMPLE, ids=lambda sample: sample.name)
def test_published_samples_are_read_in_full(sample: Sample) -> None:
    """What a vendor publishes is read without an error and without a key that nobody knows."""
    losses = decode(sample.crosswalk, sample.wire).losses
    assert [loss for loss in losses if loss.reason == "unknown_key"] == []


@pytest.mark.parametrize("sample", EVERY_SAMPLE, ids=lambda sample: sample.name)
def test_published_samples_are_kept(sample: Sample) -> None:
    """What was read from a published sample, written onto it, leaves it as it is."""
    kept, _ = encode_onto(sample.crosswalk, decode(sample.crosswalk, sample.wire).value, sample.wire)
    assert same(kept, sample.wire)


@pytest.mark.parametrize("target", VENDORS)
@pytest.mark.parametrize("sample", EVERY_REQUEST, ids=lambda sample: sample.name)
def test_published_requests_translate_into_fitting_ones(sample: Sample, target: str) -> None:
    """A published request, translated to any CRM, fits that one's contract; only something missing may not, said so."""
    translation = translate(
        sample.kind, sample.request, source=sample.vendor, target=target, ids="keep", lead_id=SOME_ID
    )
    assert unexplained(misfits_of(translation, target), translation.losses) == []


def misfits_of(translation: Translation, target: str) -> list[str]:
    assert translation.calls
    return [text for call in translation.calls for text in misfits_of_call(target, call)]


def test_the_samples_are_there() -> None:
    """The samples cover every kind that some vendor has published."""
    assert {sample.kind for sample in EVERY_SAMPLE} == {*REPLIES, *REQUESTS, *RECORDS}
    assert len(EVERY_REQUEST) == len([s for s in EVERY_SAMPLE if s.kind in REQUESTS]) > 6


# --- what can be cleared ---------------------------------------------------------------------------------------------


def clearable() -> Iterator[Any]:
    """Yield every field of every record that an upsert of a vendor can clear."""
    for vendor in VENDORS:
        for row in registry.get(vendor).crosswalk("upsert-request").rows:
            if isinstance(row, Cleared):
                for model, names in row.keys.items():
                    yield from (pytest.param(vendor, model, n, id=f"{vendor} {model.__name__} {n}") for n in names)


@pytest.mark.parametrize(("vendor", "model", "name"), list(clearable()))
def test_what_can_be_cleared_may_be_null(vendor: str, model: type, name: str) -> None:
    """Each field that an upsert clears may be null in the vendor's contract."""
    crosswalk = registry.get(vendor).crosswalk("upsert-request")
    value = UpsertRequest(record=model(), match=(MatchKey(field="email", value="a@b.example"),), clear=(name,))
    found, _ = misfits(vendor, "upsert-request", crosswalk, value)
    assert [line for line in found if "null" in line] == []
