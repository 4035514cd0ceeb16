"""The suite has teeth: an adapter that is wrong in one thing is told by a sentence that names it."""

from __future__ import annotations

import datetime as dt
import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

import leadlens_base
from leadlens import errors as kinds
from leadlens.access import Option, Window
from leadlens.adapter import Adapter, Crosswalks
from leadlens.catalogue import Choice
from leadlens.codecs import text
from leadlens.conversion import ConvertRequest, Nothing, VendorDefault
from leadlens.crosswalk import Crosswalk, field
from leadlens.flow import Call, Reply, Wait
from leadlens.model import Deal, Lead, Ref
from leadlens.operations import Operations, Page, Query
from leadlens.testing import conformance, conversions, errors, pacing, reading, records, redaction
from leadlens.testing.singles import singles
from leadlens.testing.subject import Subject

BASE = leadlens_base.ADAPTER
WHOLE: Operations = BASE.operations()  # type: ignore[misc]  # it has some
KEPT = {"text_filters": "ignore_case"}


def told(check: Callable[[Subject], Iterator[str]], adapter: Adapter) -> str:
    """Return what a check says of an adapter."""
    return "\n".join(check(Subject(adapter, switches=KEPT)))


def doing(**changes: Any) -> Adapter:
    """Return Base's adapter with some of its operations done otherwise."""
    return attrs.evolve(BASE, operations=lambda: attrs.evolve(WHOLE, **changes))


def after(flow: Any, change: Callable[..., Any]) -> Any:
    """Return a flow whose result is changed."""

    def changed(*given: Any) -> Any:
        return change((yield from flow(*given)), *given)

    return changed


def planned(plan: Any, change: Callable[..., Any]) -> Any:
    """Return what plans a flow whose result is changed."""

    def changed(*given: Any) -> Any:
        whole = plan(*given)
        return attrs.evolve(whole, flow=after(lambda: whole.flow, change)())

    return changed


def nothing(*_: Any) -> Any:
    """Do nothing."""
    return None
    yield


def without(*names: str) -> Callable[..., Any]:
    """Return what empties attributes of a record."""

    def change(record: Any, *_: Any) -> Any:
        empty = {a.name: a.default for a in attrs.fields(record.__class__) if a.name in names}
        return attrs.evolve(record, **empty)

    return change


def items(page: Page, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Page:
    """Return a page with other items."""
    return attrs.evolve(page, items=change(page.items))


def _unread(found: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(map(without("neutral"), found))


def _strange(page: Page, _kind: str, _query: Query, place: str | None) -> Page:
    return page if place is None else items(page, lambda found: (Lead(id="x"), *found))


def _titled(identity: str, record: Any) -> Any:
    return WHOLE.update(identity, attrs.evolve(record, title="x") if isinstance(record, Lead) else record)  # type: ignore[misc]  # it has one


def _no_ids(result: Any) -> Any:
    return attrs.evolve(result, record=attrs.evolve(result.record, id=None)) if _is_lead(result) else result


def _is_lead(result: Any) -> bool:
    return isinstance(result.record, Lead)


def _as_contact(record: Any, kind: str, _: str) -> Any:
    from leadlens.model import Company, Contact

    return Contact(id=record.id) if isinstance(record, Company) else record


ACCESS: Any = BASE.access() if BASE.access is not None else None

RECORDS: list[tuple[Any, Any, str]] = [
    (
        records.records_arrive,
        doing(get=after(WHOLE.get, without("title"))),
        "a new lead: title was written and does not",
    ),
    (records.records_arrive, doing(get=after(WHOLE.get, without("id"))), "asked for lead 1, get returns lead None"),
    (records.records_arrive, doing(get=after(WHOLE.get, _as_contact)), "a new company: it is read back as a Contact"),
    (records.records_arrive, doing(create=planned(WHOLE.create, _no_ids)), "writing a lead tells no id"),
    (
        records.updates_change_what_they_say,
        doing(update=_titled),
        "an update of a lead: title was written and does not come back",
    ),
    (
        records.upserts_find_their_record,
        doing(upsert=planned(WHOLE.upsert, lambda result: attrs.evolve(result, outcome="created"))),
        "an upsert of a lead that was there says that it was created",
    ),
    (
        records.upserts_find_their_record,
        doing(upsert=planned(WHOLE.upsert, lambda result: attrs.evolve(result, outcome="updated"))),
        "with a new e-mail address says updated",
    ),
    (records.upserts_find_their_record, doing(upsert=planned(WHOLE.upsert, _no_ids)), "made another record"),
    (
        records.searches_are_exact,
        doing(search=lambda kind, query, place: WHOLE.search(kind, Query(), place)),
        "a search for a lead by its e-mail address finds others as well: 2 found, of 2 that are there",
    ),
    (
        records.searches_are_exact,
        doing(search=after(WHOLE.search, lambda page, *_: items(page, lambda _: ()))),
        "a search for every lead does not find all",
    ),
    (records.removals_take_away, doing(delete=nothing), "get of a lead that was deleted does not raise NotFoundError"),
    (
        records.lists_are_whole,
        doing(every=after(WHOLE.every, lambda page, *_: items(page, lambda all_: all_[:-1]))),
        "iter_all('lead') leaves out 3 of 203 records, in 3 run(s) from number 100 to 203",
    ),
    (
        records.lists_are_whole,
        doing(search=after(WHOLE.search, lambda page, *_: items(page, lambda all_: all_ + all_[:1]))),
        "iter_records('lead') shows 3 of 203 records more than once: pages overlap",
    ),
    (
        records.lists_are_whole,
        doing(search=after(WHOLE.search, _strange)),
        "shows 1 records that are not there or of another kind",
    ),
    (
        records.accounts_are_told,
        doing(choices=after(WHOLE.choices, lambda found, *_: (Choice("x", Ref(None)), *found, *found))),
        "choices('user') gives choices of another kind\nchoices('user') gives a choice without id and name\nchoices('",
    ),
    (
        records.accounts_are_told,
        doing(definitions=lambda _: WHOLE.definitions("contact"), unlisted={"lead": "so"}),
        "definitions('lead') gives fields of another kind",
    ),
    (
        records.accounts_are_told,
        doing(definitions=after(WHOLE.definitions, lambda all_, *_: (*all_, *all_)), unlisted={"lead": "so"}),
        "definitions('lead') gives one key twice",
    ),
    (records.accounts_are_told, doing(unlisted={"lead": "so"}), "the kind 'lead' is both listed and unlisted"),
    (
        records.accounts_are_told,
        doing(every=after(WHOLE.every, lambda page, *_: items(page, lambda all_: all_ + all_[:1]))),
        "every 'lead' is listed with ids that are not its own: 3 are there twice",
    ),
    (
        records.accounts_are_told,
        doing(
            every=after(WHOLE.every, lambda page, *_: items(page, lambda all_: tuple(map(without("neutral"), all_))))
        ),
        "lead 1 of the demo data cannot be read",
    ),
    (
        records.notes_arrive,
        doing(notes_of=after(WHOLE.notes_of, lambda page, *_: items(page, lambda _: ()))),
        "a note on a lead does not come back: 0 notes are there",
    ),
]
READING: list[tuple[Any, Any, str]] = [
    (reading.kinds_are_whole, BASE, ""),
    (
        reading.kinds_are_whole,
        attrs.evolve(BASE, crosswalks={"lead": BASE.crosswalk("lead")}),
        "base has no crosswalk of contact, company, deal, convert-request",
    ),
    (reading.samples_are_read, attrs.evolve(BASE, samples={"lead": {"data": {"zz": 1}}}), "$.zz has no row"),
    (reading.samples_are_read, attrs.evolve(BASE, samples={"lead": {"email": 1}}), "it cannot be read: $.email"),
]


def _told_done(_: Reply, lead_id: str) -> Any:
    from leadlens.conversion import Conversion

    return Conversion(id="1", lead_id=lead_id)


def _somebody(found: Any, *_: Any) -> Any:
    from leadlens.conversion import Conversion, Created
    from leadlens.model import Contact

    return Conversion(id="1", lead_id="1", contact=Created(record=Contact(id="77"))) if found is None else found


def _resolves(deal: Any, *notes: Any) -> Adapter:
    return attrs.evolve(BASE, resolve=lambda request: (attrs.evolve(request, deal=deal), notes))


def _classified(**by_status: type[kinds.VendorError]) -> Adapter:
    wrong = {int(name[1:]): kind for name, kind in by_status.items()}

    def classify(reply: Reply) -> kinds.VendorError | None:
        kind = wrong.get(reply.status)
        return BASE.classify(reply) if kind is None else kind("base", status=reply.status)

    return attrs.evolve(BASE, classify=classify)


CONVERSIONS: list[tuple[Any, Any, str]] = [
    (conversions.intents_come_true, doing(wanted=lambda call, _: call.step != "after"), "deal.name: wanted 'Pilot'"),
    (conversions.conversions_are_listed, doing(find_conversion=after(WHOLE.find_conversion, _somebody)),
     "a lead that was not converted is told to have a conversion: it is another one's"),
    (conversions.conversions_are_listed,
     doing(conversions=after(WHOLE.conversions, lambda page, *_: attrs.evolve(page, next=None))),
     "iter_conversions() leaves out 111 of 211 records"),
    (conversions.missing_leads_are_told, doing(find_conversion=after(WHOLE.find_conversion, _somebody)),
     "a lead that was deleted has a conversion"),
    (conversions.defaults_are_told, _resolves(VendorDefault()), "resolve leaves the CRM's default for the deal as it"),
    (conversions.defaults_are_told, _resolves(Nothing()), "resolve replaces the CRM's default for the deal without a"),
    (conversions.defaults_are_told, _resolves(Nothing()), "makes none by the adapter's words, and it was: created"),
    (conversions.answers_are_true, doing(converted=_told_done), "the answer is a conversion that made nothing at all"),
    (conversions.answers_are_true, _classified(_500=kinds.InvalidRequestError),
     "with the fault '500' at the convert, the conversion is told as refused (InvalidRequestError at 500), and it was"),
    (conversions.answers_are_true, _classified(_500=kinds.TryLaterError),
     "with the fault '500' at the convert, the lead was converted 2 times: the convert was sent 2 times"),
]  # fmt: skip
PACING: list[tuple[Any, Any, str]] = [
    (pacing.limits_are_known, attrs.evolve(BASE, access=None), "the adapter does not say how an account is reached"),
    (pacing.limits_are_known, attrs.evolve(BASE, access=lambda: attrs.evolve(ACCESS, windows=(Window(9, 1.0),))), ""),
    (pacing.limits_are_known, attrs.evolve(BASE, access=lambda: attrs.evolve(ACCESS, windows=())),
     "inf calls in 3600 seconds are let through, and the CRM takes 36000"),
    (pacing.pauses_are_kept, _classified(_429=kinds.NotPermittedError),
     "a call that came too early is not sent again: NotPermittedError"),
    (pacing.failures_are_told, _classified(_401=kinds.NotPermittedError),
     "the CRM's 401 is told as NotPermittedError, not as CredentialsError"),
    (pacing.failures_are_told, _classified(_404=kinds.OutcomeUnknownError),
     "a route that the CRM does not have is told as OutcomeUnknownError"),
]  # fmt: skip


def _option(option: Option) -> Option:
    return attrs.evolve(option, secret=False) if option.name == "token" else option


def _opened(**changes: Any) -> Adapter:
    return attrs.evolve(BASE, access=lambda: attrs.evolve(ACCESS, **changes))


def _chatty(request: Any) -> Any:
    plan = WHOLE.upsert(request)
    return attrs.evolve(plan, calls=tuple(attrs.evolve(call, why=str(call.body)) for call in plan.calls))


REDACTION: list[tuple[Any, Any, str]] = [
    (redaction.secrets_are_hidden, _opened(options=tuple(map(_option, ACCESS.options))), "'token' is no secret"),
    (redaction.secrets_are_hidden, _opened(base_url=lambda given: given["token"].reveal()),
     "a secret shows in the repr of base_url(given)"),
    (redaction.secrets_are_hidden, _opened(granted=lambda reply: reply.body), "shows in the repr of granted(reply)"),
    (redaction.values_are_hidden, doing(upsert=_chatty), "a value of a record shows in a call of an upsert of a lead"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "adapter", "says"), [*RECORDS, *READING, *CONVERSIONS, *PACING, *REDACTION],
    ids=lambda given: given.__name__ if callable(given) else "",
)  # fmt: skip
def test_what_is_wrong_is_told(check: Any, adapter: Adapter, says: str) -> None:
    """Each check names what is wrong with an adapter that is wrong in one thing; and nothing where it is right."""
    found = told(check, adapter)
    assert says in found
    assert bool(says) == bool(found)


def _again(*_: Any) -> Any:
    while True:
        yield Call("get_lead", "read", "GET", "/v2/leads/1")


def test_a_flow_without_end_is_told() -> None:
    """The clock of an emulated account never runs out; its calls are counted."""
    with pytest.raises(pytest.fail.Exception, match="5000 calls, the last of them 'get_lead': a flow does not end"):
        told(records.records_arrive, doing(get=_again))


CAUSES: list[tuple[Any, str]] = [
    (
        lambda: Crosswalk(Lead, "base.lead"),
        r"DeclarationError: base.lead: nothing is said about .* \(.*test_suite.py:\d",
    ),
    (
        lambda: importlib.import_module("leadlens_base.nowhere"),
        r"ModuleNotFoundError: No module named 'leadlens_base.n",
    ),
]


@pytest.mark.parametrize(("declare", "says"), CAUSES)
def test_a_crosswalk_that_cannot_be_declared_is_told(declare: Any, says: str) -> None:
    """The suite is one test then, which names the adapter, the kind and the cause; it is collected all the same."""
    crosswalks = Crosswalks(
        {**dict.fromkeys(BASE.crosswalks, ("x",)), "lead": ("tests.testing.test_suite:made", declare)}
    )
    crosswalks._made.update({kind: BASE.crosswalk(kind) for kind in BASE.crosswalks if kind != "lead"})
    suite = conformance(attrs.evolve(BASE, crosswalks=crosswalks))
    (name,) = (name for name in vars(suite) if name.startswith("test"))
    with pytest.raises(pytest.fail.Exception, match=f"^base has no crosswalk of a lead: {says}"):
        getattr(suite, name)()


def test_a_crosswalk_that_is_nowhere_is_told() -> None:
    """No line of the adapter's stands behind it; its kind and what is missing do."""
    crosswalks = Crosswalks({"lead": ("leadlens_base.nowhere:LEAD",)})
    suite: Any = conformance(attrs.evolve(BASE, crosswalks=crosswalks))
    told = "base has no crosswalk of a lead: ModuleNotFoundError: No module named 'leadlens_base.nowhere'"
    with pytest.raises(pytest.fail.Exception, match=f"^{re.escape(told)}$"):
        suite.test_crosswalks_are_declared()


def test_each_plain_attribute_is_tried_alone() -> None:
    """No run depends on chance to find a value that is read as something else."""
    (spoilt,) = (one for one in singles(BASE.crosswalk("deal")) if one.close_date is not None)
    assert spoilt == Deal(close_date=dt.date(2026, 1, 31))
    assert {type(one) for one in singles(BASE.crosswalk("lead"))} == {Lead}
    rows = [row for row in BASE.crosswalk("lead").rows if getattr(row, "neutral", None) != ("title",)]
    loud = Crosswalk(Lead, "base.lead", *rows, field("title", "title", text.but(encode=str.upper, same=None)))
    crosswalks = Crosswalks(dict.fromkeys(BASE.crosswalks, (None,)))
    crosswalks._made.update({**BASE.crosswalks, "lead": loud})
    suite: Any = conformance(attrs.evolve(BASE, crosswalks=crosswalks), examples=1)
    with pytest.raises(
        pytest.fail.Exception, match=r"base\.lead: round trip is broken: as client, without a loss, title"
    ):
        suite.test_laws(loud)


def made(declare: Callable[[], Any]) -> Any:
    """Declare a crosswalk when it is needed."""
    return declare()


def test_a_version_that_cannot_be_had_is_told() -> None:
    """The suite names it."""
    suite = conformance(attrs.evolve(BASE, variants={"v9": lambda: BASE.at("v1")}))
    with pytest.raises(
        pytest.fail.Exception, match=r"^base@v9 cannot be had: UsageError: base has no 'v1'; there are no variants"
    ):
        suite.test_crosswalks_are_declared()  # type: ignore[attr-defined]  # it is its only test


def _waiting(*_: Any) -> Any:
    yield Call("get_lead", "read", "GET", "/v2/leads/1")
    while True:
        yield Wait(0)


def test_a_flow_that_only_waits_is_told() -> None:
    """Neither a limit of time nor one of calls would end it."""
    with pytest.raises(pytest.fail.Exception, match="1000 waits in a row, and before them the call 'get_lead': a flow"):
        told(records.records_arrive, doing(get=_waiting))


WRONG_JUDGEMENTS: list[tuple[Any, str]] = [
    (lambda _: None, "a success: only 200 to 299 are"),
    (lambda _: 1 / 0, "no judgement: classify raised ZeroDivisionError"),
    (lambda reply: kinds.VendorError("base", status=reply.status), "neither refused, pending nor unknown"),
    (lambda reply: kinds.InvalidRequestError("base", status=reply.status), "nobody knows whether it was done"),
    (lambda reply: kinds.OutcomeUnknownError("base", status=1, code=str(reply.body)), "shows a value of the body"),
]


@pytest.mark.parametrize(("classify", "says"), WRONG_JUDGEMENTS)
def test_wrong_judgements_are_told(classify: Any, says: str) -> None:
    """An error called success, a refusal that nobody knows, an exception, a value that shows."""
    assert says in str(errors.misjudged(attrs.evolve(BASE, classify=classify), Reply(500, {}, errors.CANARY)))


def test_a_call_is_audited() -> None:
    """What an adapter says of a call is held against what the account did."""
    with Subject(BASE).scene() as scene:
        scene.client.convert(ConvertRequest(lead_id=conversions._lead(scene)), on_loss="report")
        assert list(scene.audit()) == []
        scene.sent[:] = [attrs.evolve(sent, step="read", error="InvalidRequestError") for sent in scene.sent]
        found = "\n".join(scene.audit())
    assert "the call 'convert' (POST, base.convert_lead) says that it only reads, and it created" in found
    assert "was answered 200 and told as refused (InvalidRequestError), and it" in found
