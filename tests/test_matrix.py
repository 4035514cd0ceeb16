"""The matrix, held to the laws: what it promises per pair, kind and field is what translating does."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from tests.payloads import VENDORS

from leadlens import Loss, decode, encode, registry
from leadlens._examples import Example, examples
from leadlens.adapter import KINDS
from leadlens.codecs import Unsayable, each, text, texts
from leadlens.crosswalk import EVERYTHING_ELSE, READ, Crosswalk, absent, field
from leadlens.exchange import main_call, to_calls
from leadlens.loss import covers
from leadlens.matrix import MAPPED, VERDICTS, Cell, cells, markdown, summary
from leadlens.model import Lead, Phone, Ref, Website, is_given
from leadlens.references import integer_id, ref_by_id
from leadlens.strategies import wires

PAIRS = [(source, target) for source, target in itertools.product(VENDORS, VENDORS) if source != target]
FEW = max(25, settings().max_examples // 40)
KEYS = ["source", "target", "kind", "field", "verdict", "reason"]

every_pair = pytest.mark.parametrize(("source", "target"), PAIRS)
every_kind = pytest.mark.parametrize("kind", KINDS)


def crosswalk(name: str, kind: str) -> Crosswalk:
    return registry.get(name).crosswalk(kind)


@functools.cache
def matrix(source: str, target: str, kind: str) -> dict[str, Cell]:
    """Return the cells of a pair and kind by field."""
    found = list(cells(source, target, kind, crosswalk(source, kind), crosswalk(target, kind)))
    assert len({cell.field for cell in found}) == len(found)
    return {cell.field: cell for cell in found}


def with_all_ids(_: str, value: Any) -> Any:
    """Carry every id and option over, as a complete id map would."""
    return Ref(value.id or "7", value.name or "Ab C") if isinstance(value, Ref) else value


def look(value: Any, path: str) -> Any:
    """Return what stands at a neutral path, or None."""
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def is_silent(value: Any) -> bool:
    """Tell whether a value says nothing: an empty text, a record of nothing but its category, a list of such."""
    if isinstance(value, tuple):
        return all(map(is_silent, value))
    if attrs.has(value.__class__):
        said = [a.name for a in attrs.fields(value.__class__) if a.name != "category"]
        return all(is_silent(getattr(value, name)) for name in said)
    return value is None or value == ""


def cell_of(found: dict[str, Cell], loss: Loss) -> Cell | None:
    """Return the nearest cell at or above a loss."""
    above = [path for path in found if covers(path, loss.path)]
    return found[max(above, key=len)] if above else None


# --- what a matrix is ------------------------------------------------------------------------------------------------


def test_a_cell_as_json_has_its_keys_in_order() -> None:
    """A cell as JSON has the keys that scripts rely on, all of them texts."""
    cell = Cell("copper", "zoho", "lead", "name", "exact", "")
    assert list(cell.to_json().items()) == list(zip(KEYS, ("copper", "zoho", "lead", "name", "exact", ""), strict=True))


@every_pair
@every_kind
def test_every_cell_has_a_verdict_and_all_but_exact_a_reason(source: str, target: str, kind: str) -> None:
    """Each field has one cell with one of five verdicts; whatever is not exact says why, in a sentence."""
    found = matrix(source, target, kind)
    assert found
    for path, cell in found.items():
        assert (cell.source, cell.target, cell.kind, cell.field) == (source, target, kind, path)
        assert cell.verdict in VERDICTS
        assert (cell.verdict == "exact") == (cell.reason == "")
        assert not cell.reason or len(cell.reason.split()) > 2


@every_pair
@every_kind
def test_every_field_that_the_source_can_fill_is_listed(source: str, target: str, kind: str) -> None:
    """The fields are those that the source's wire can fill, once each, whatever the target."""
    expected = list(dict.fromkeys(found.path for found in examples(crosswalk(source, kind))))
    assert list(matrix(source, target, kind)) == expected
    assert list(matrix(source, source, kind)) == expected


@pytest.mark.parametrize("vendor", [*VENDORS, "zoho@v2", "copper@month-first"])
@every_kind
def test_whatever_is_read_is_listed(vendor: str, kind: str) -> None:
    """No drawn wire object of the source fills a field that the matrix does not list."""
    source = crosswalk(vendor, kind)
    listed = {found.path for found in examples(source)}

    @settings(max_examples=FEW)
    @given(wires(source))
    def check(wire: Any) -> None:
        value = decode(source, wire).value
        said = [a.name for a in attrs.fields(value.__class__) if getattr(value, a.name) != a.default]
        assert [name for name in said if name not in listed] == []

    check()


def test_the_verdicts_go_from_the_worst_to_the_best() -> None:
    """There are five verdicts, and their order is what pages and tables show."""
    assert VERDICTS == ("none", "lossy", "follow-up", "normalised", "exact")


@pytest.mark.parametrize("vendor", [*VENDORS, "zoho@v2", "copper@month-first"])
@every_kind
def test_examples_can_be_made_of_every_row(vendor: str, kind: str) -> None:
    """Examples are objects of the crosswalk's class in which the field is given; several ones for a union."""
    source = crosswalk(vendor, kind)
    for found in examples(source):
        assert isinstance(found, Example)
        assert found.values
        for value in found.values:
            assert isinstance(value, source.model)


# --- the laws --------------------------------------------------------------------------------------------------------


@every_pair
@every_kind
def test_an_exact_field_loses_nothing(source: str, target: str, kind: str) -> None:
    """A field that is exact, or normalised, shows no loss that differs on any wire of the source: notes at most.

    Exact ones are tried with the ids kept, normalised ones with every id mapped, as the matrix says of them.
    """
    one, other, found = crosswalk(source, kind), crosswalk(target, kind), matrix(source, target, kind)

    @settings(max_examples=FEW)
    @given(wires(one))
    def check(wire: Any) -> None:
        value = decode(one, wire).value
        for ids, verdicts in ((None, {"exact"}), (with_all_ids, {"exact", "normalised"})):
            for loss in encode(other, value, ids=ids).losses:
                cell = cell_of(found, loss)
                if loss.kind == "differs" and loss.level == "loss" and cell and not is_silent(look(value, cell.field)):
                    assert cell.verdict not in verdicts, (cell, loss)

    check()


@every_pair
@every_kind
def test_an_exact_field_shows_no_note(source: str, target: str, kind: str) -> None:
    """A field that is exact arrives without even a note of difference, the ids kept.

    A note that only follows from a loss inside the field is that loss's, and counted there.
    """
    one, other, found = crosswalk(source, kind), crosswalk(target, kind), matrix(source, target, kind)

    @settings(max_examples=FEW)
    @given(wires(one))
    def check(wire: Any) -> None:
        value = decode(one, wire).value
        losses = [loss for loss in encode(other, value).losses if loss.kind == "differs"]
        for loss in losses:
            cell = cell_of(found, loss)
            follows = any(inner is not loss and covers(loss.path, inner.path) for inner in losses)
            if cell and not follows and not is_silent(look(value, cell.field)):
                assert cell.verdict != "exact", (cell, loss)

    check()


@every_pair
@every_kind
def test_a_none_field_never_gets_through(source: str, target: str, kind: str) -> None:
    """A field of which nothing arrives is not there after the trip, on any wire of the source."""
    one, other, found = crosswalk(source, kind), crosswalk(target, kind), matrix(source, target, kind)
    none = [path for path, cell in found.items() if cell.verdict == "none"]

    @settings(max_examples=FEW)
    @given(wires(one))
    def check(wire: Any) -> None:
        value = decode(one, wire).value
        back = decode(other, encode(other, value).wire).value
        through = [path for path in none if is_given(look(value, path)) and look(back, path) == look(value, path)]
        assert through == []

    if none:
        check()


@every_pair
@every_kind
def test_a_none_field_is_reported(source: str, target: str, kind: str) -> None:
    """A field of which nothing arrives is reported whenever it is given."""
    one, other, found = crosswalk(source, kind), crosswalk(target, kind), matrix(source, target, kind)
    none = [path for path, cell in found.items() if cell.verdict == "none" and "." not in path]

    @settings(max_examples=FEW)
    @given(wires(one))
    def check(wire: Any) -> None:
        value = decode(one, wire).value
        paths = [loss.path for loss in encode(other, value).losses if loss.kind == "differs" and loss.level == "loss"]
        default = {a.name: a.default for a in attrs.fields(value.__class__)}
        said = [path for path in none if getattr(value, path) != default[path] and is_given(getattr(value, path))]
        assert [path for path in said if not any(covers(path, at) for at in paths)] == []

    if none:
        check()


@every_pair
@every_kind
def test_what_is_lossy_loses_on_an_example(source: str, target: str, kind: str) -> None:
    """A lossy or none cell is shown by an example: writing it as the target does reports that reason."""
    one, other, found = crosswalk(source, kind), crosswalk(target, kind), matrix(source, target, kind)
    shown: dict[str, set[str]] = {}
    for example in examples(one):
        for value in example.values:
            losses = encode(other, value, ids=with_all_ids if example.mapped else None).losses
            shown.setdefault(example.path, set()).update(loss.detail for loss in losses)
    for path, cell in found.items():
        if cell.verdict in {"lossy", "none"}:
            assert cell.reason in shown[path]


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("kind", ["convert-request", "upsert-request"])
def test_a_follow_up_is_another_call(source: str, target: str, kind: str) -> None:
    """A field that is a follow-up makes the target need a call beside the main one, for the reason that it tells."""
    one, other, found = crosswalk(source, kind), crosswalk(target, kind), matrix(source, target, kind)
    main = main_call(other).name
    by_path = {example.path: example for example in examples(one)}
    for path, cell in found.items():
        if cell.verdict == "follow-up":
            value = by_path[path].values[0]
            calls = to_calls(other, encode(other, value, ids=with_all_ids).wire, {})
            assert [call for call in calls if call.name != main and call.why == cell.reason]


@every_pair
def test_records_and_replies_have_no_follow_ups(source: str, target: str) -> None:
    """Only requests can need another call."""
    for kind in KINDS:
        if not kind.endswith("-request"):
            assert "follow-up" not in {cell.verdict for cell in matrix(source, target, kind).values()}


@pytest.mark.parametrize("vendor", VENDORS)
@every_kind
def test_a_crm_says_its_own_fields_itself(vendor: str, kind: str) -> None:
    """From a CRM to itself nothing is lost but what the CRM writes alone, or needs an account's setting for."""
    for cell in matrix(vendor, vendor, kind).values():
        if cell.verdict in {"none", "lossy"}:
            assert "cannot be written" in cell.reason or "date" in cell.reason or kind.startswith("upsert")


def test_what_says_nothing_is_no_loss() -> None:
    """An empty record, an e-mail without an address or an empty name says nothing: leaving it out is a note at most."""
    found = []
    for source, target, kind, wire in (
        ("copper", "zoho", "lead", {"name": "A", "address": {}}),
        ("base", "zoho", "lead", {"first_name": "A", "last_name": "B", "address": {}}),
        ("copper", "zoho", "contact", {"name": "A", "address": {}}),
        ("copper", "zoho", "company", {"name": "A", "address": {}}),
        ("copper", "base", "lead", {"name": "A", "email": {"category": "work"}}),
        ("copper", "zoho", "lead", {"name": "A", "email": {}}),
    ):
        value = decode(crosswalk(source, kind), wire).value
        found += [
            (source, target, kind, str(x)) for x in encode(crosswalk(target, kind), value).losses if x.level == "loss"
        ]
    assert found == []


# --- particular cells ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "kind", "path", "verdict"),
    [
        ("copper", "base", "lead", "title", "exact"),
        ("copper", "zoho", "lead", "company_name", "exact"),
        ("copper", "zoho", "lead", "value", "none"),
        ("copper", "zoho", "contact", "emails", "lossy"),
        ("copper", "zoho", "contact", "phones", "lossy"),
        ("zoho", "copper", "lead", "industry", "none"),
        ("zoho", "base", "lead", "owner", "normalised"),
        ("copper", "base", "convert-request", "deal.name", "follow-up"),
        ("copper", "base", "convert-request", "deal.pipeline", "none"),
        ("copper", "zoho", "convert-request", "contact.name", "follow-up"),
        ("zoho", "copper", "convert-request", "notify_owner", "none"),
        ("base", "copper", "convert-request", "deal.hot", "none"),
        ("base", "zoho", "convert-reply", "converted_at", "none"),
        ("zoho", "copper", "upsert-request", "clear", "lossy"),
        ("base", "copper", "upsert-request", "record.title", "lossy"),
    ],
)
def test_well_known_cells(source: str, target: str, kind: str, path: str, verdict: str) -> None:
    """Some cells that people ask about first."""
    assert matrix(source, target, kind)[path].verdict == verdict


def test_mapped_ids_are_normalised() -> None:
    """An id that arrives once it is mapped is normalised, and says so."""
    cell = matrix("copper", "base", "lead")["owner"]
    assert (cell.verdict, cell.reason) == ("normalised", MAPPED)


# --- planted differences ---------------------------------------------------------------------------------------------


def lead(name: str, *rows: Any) -> Crosswalk:
    return Crosswalk(Lead, name, *rows, absent(EVERYTHING_ELSE, f"{name} has no such thing"))


def verdict(target: Crosswalk, path: str = "title", source: Crosswalk | None = None) -> tuple[str, str]:
    """Return verdict and reason of one field on a planted target."""
    full = source or lead("acme.full", field("title", "t", text), field("tags", "tags", texts()))
    cell = next(cell for cell in cells("acme", "other", "lead", full, target) if cell.field == path)
    return cell.verdict, cell.reason


def test_a_field_without_a_place_is_none() -> None:
    """A field that the target has no place for is none, with the target's own sentence."""
    assert verdict(lead("other.lead", field("tags", "tags", texts()))) == ("none", "other.lead has no such thing")


def test_a_field_that_is_only_read_is_none() -> None:
    """A field that the target keeps itself is none."""
    assert verdict(lead("other.lead", field("title", "t", text, access=READ)))[0] == "none"


def test_one_bad_example_makes_a_field_lossy() -> None:
    """A field of which some values arrive and others do not is lossy, not none and not exact."""
    source = lead("acme.full", field("title", "t", text.but(schema={"enum": ["a", "bb"]})))

    def short(value: str) -> str:
        if len(value) > 1:
            raise Unsayable("absent", "only one letter can be written here")
        return value

    target = lead("other.lead", field("title", "t", text.but(encode=short, same=None)))
    assert verdict(target, source=source) == ("lossy", "only one letter can be written here")


def test_a_list_that_overflows_is_lossy() -> None:
    """A list is tried with more items than any CRM has places for."""
    phone = Crosswalk(Phone, "acme.phone", field("number", "n", text), field("category", "c", text))
    source = lead("acme.full", field("phones", "phones", each(phone, key="n")))
    target = registry.get("zoho").crosswalk("lead")
    assert verdict(target, "phones", source)[0] == "lossy"


def test_an_id_without_a_space_is_exact() -> None:
    """Only ids that belong to an account are normalised."""
    source = lead("acme.full", field("owner", "o", ref_by_id(integer_id, "user")))
    assert verdict(source, "owner", source) == ("normalised", MAPPED)
    free = lead("acme.full", field("owner", "o", ref_by_id(integer_id, "user").but(ids=None)))
    assert verdict(free, "owner", free) == ("exact", "")


# --- as text ---------------------------------------------------------------------------------------------------------

CELLS = [
    Cell("copper", "zoho", "lead", "name", "exact", ""),
    Cell("copper", "zoho", "lead", "value", "none", "no place | here"),
    Cell("copper", "zoho", "deal", "stage", "normalised", MAPPED),
    Cell("copper", "base", "lead", "name", "lossy", "parts are lost"),
]


def test_markdown_has_a_table_per_pair_and_kind() -> None:
    """Markdown has a heading and a table per pair and kind; a bar in a reason does not break it."""
    shown = markdown(CELLS)
    assert shown.count("## ") == 3
    assert shown.splitlines()[:6] == [
        "## copper → zoho: lead",
        "",
        "| field | verdict | why |",
        "|---|---|---|",
        "| `name` | exact |  |",
        "| `value` | none | no place &#124; here |",
    ]
    assert markdown([]) == ""


def test_a_summary_counts_verdicts() -> None:
    """A summary has the number of fields of each verdict, per pair and kind, in the order in which they came."""
    found = summary(CELLS)
    assert list(found) == [("copper", "zoho", "lead"), ("copper", "zoho", "deal"), ("copper", "base", "lead")]
    assert found["copper", "zoho", "lead"] == {"none": 1, "lossy": 0, "follow-up": 0, "normalised": 0, "exact": 1}
    assert all(list(counts) == list(VERDICTS) for counts in found.values())
    total = Counter(cell.verdict for cell in CELLS)
    assert {v: sum(counts[v] for counts in found.values()) for v in VERDICTS} == {v: total[v] for v in VERDICTS}


def test_a_website_crosswalk_needs_no_calls() -> None:
    """A record without calls has no follow-ups."""
    site = Crosswalk(Website, "acme.site", field("url", "u", text), field("category", "c", text))
    assert {cell.verdict for cell in cells("a", "b", "website", site, site)} == {"exact"}
