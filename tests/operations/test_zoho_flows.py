"""Odd replies, fed straight into Zoho's flows: what its sandbox never answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from tests.operations.zoho_account import DEAL, VERSIONS, contact, lead

from leadlens.conversion import Conversion, ConvertRequest, Match, NewCompany, Nothing, UpsertRequest, UpsertResult
from leadlens.errors import (
    AlreadyConvertedError,
    AmbiguousMatchError,
    InvalidRequestError,
    OutcomeUnknownError,
    TryLaterError,
    VendorError,
)
from leadlens.flow import Call, Flow, Reply, Wait
from leadlens.model import Lead, Ref
from leadlens.operations import ConversionQuery, Operations, PlannedBatch, Query, convert, filled
from leadlens.registry import get
from leadlens.translation import plan_convert
from leadlens_zoho.errors import classify
from leadlens_zoho.operations import POLLS, operations
from leadlens_zoho.versions import Version

SUCCESS = {"code": "SUCCESS", "message": "The record has been converted successfully", "status": "success"}
JOB = {"code": "SCHEDULED", "details": {"job_id": "77"}, "message": "scheduled", "status": "success"}
IDA = {"name": "Ida Daly", "id": "1"}


def run(flow: Flow[Any], *bodies: Any) -> tuple[Any, list[Call | Wait]]:
    """Run a flow on these replies, each a body (status 200), a reply or nothing (204), as the driver would."""
    asked: list[Call | Wait] = []
    replies = iter(bodies)
    try:
        step = next(flow)
        while True:
            asked.append(step)
            if isinstance(step, Wait):
                step = flow.send(None)
                continue
            found = next(replies)
            reply = found if isinstance(found, Reply) else Reply(204 if found is None else 200, {}, found)
            error = classify(reply)
            step = flow.send(reply) if error is None else flow.throw(error)
    except StopIteration as done:
        assert next(replies, "none left") == "none left"
        return done.value, asked


def converting(version: Version = "v8", **more: Any) -> Flow[Any]:
    asked = ConvertRequest(**{"lead_id": "5", "deal": Nothing(), **more})
    calls, _ = plan_convert(get(f"zoho@{version}"), asked)
    return convert(operations(version), calls, "5")


def ops(version: Version = "v8") -> Operations:
    return operations(version)


def batch(*requests: UpsertRequest) -> PlannedBatch:
    planned = ops().batch
    assert planned is not None
    return planned(requests)


# --- converting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"data": []},
        {"data": [{}]},
        {"data": [SUCCESS]},
        {"data": [{**SUCCESS, "details": None}]},
        {"data": [{**SUCCESS, "details": {}}]},
        {"data": [{**SUCCESS, "details": {"Contacts": None, "Accounts": None, "Deals": None}}]},
        {"data": [{**SUCCESS, "details": {"Contacts": {"name": "Ida"}, "Accounts": None, "Deals": None}}]},
        {"data": [{**SUCCESS, "details": {"Contacts": {"name": "Ida", "id": 1.5}, "Accounts": None, "Deals": None}}]},
        {"data": [{**SUCCESS, "details": {"Contacts": "1", "Accounts": None, "Deals": None}}]},
        {"data": {}},
        {"users": []},
        "<html>",
        [],
        None,
    ],
)
def test_reply_that_is_no_conversion(body: Any) -> None:
    """Whatever lacks the contact's id is unknown, at the step of the conversion."""
    with pytest.raises(OutcomeUnknownError) as caught:
        run(converting(), body)
    assert caught.value.step == "convert" or caught.value.step is None


@pytest.mark.parametrize("deal", [None, {}, "missing"])
@pytest.mark.parametrize("version", ["v2", "v8"])
def test_deal_that_was_asked_for_and_is_not_there(version: Version, deal: Any) -> None:
    """A reply without the deal is unknown if one was asked for, and well if none was."""
    made: dict[str, Any] = {"Contacts": "1" if version == "v2" else IDA, "Accounts": None, "Deals": deal}
    if deal == "missing":
        del made["Deals"]
    body = {"data": [made if version == "v2" else {**SUCCESS, "details": made}]}
    with pytest.raises(OutcomeUnknownError) as caught:
        run(converting(version, deal=DEAL), body)
    assert caught.value.step == "convert"
    if deal != {}:
        done, _ = run(converting(version), body)
        assert done.conversion.contact.id == "1"


@pytest.mark.parametrize("status", [200, 201, 202, 207, 400])
def test_error_inside_data(status: int) -> None:
    """An error inside data is one at any status."""
    item = {"code": "MANDATORY_NOT_FOUND", "details": {"api_name": "Stage"}, "message": "x", "status": "error"}
    with pytest.raises(InvalidRequestError):
        run(converting(), Reply(status, {}, {"data": [item]}))


@pytest.mark.parametrize("status", [200, 202, 400])
def test_converted_before(status: int) -> None:
    """So is the word that it was converted before, at the root."""
    root = {"code": "ID_ALREADY_CONVERTED", "details": {}, "message": "x", "status": "error"}
    with pytest.raises(AlreadyConvertedError):
        run(converting(), Reply(status, {}, root))


@pytest.mark.parametrize("account", [{}, {"id": 5}, {"id": "abc", "Account_Name": "Acme"}, {"Account_Name": "Acme"}])
def test_odd_account_found(account: Any) -> None:
    """An account that is found without a name or a right id ends it before anything is written."""
    with pytest.raises(OutcomeUnknownError) as caught:
        run(converting(company=Match("Acme")), {"data": [account]})
    assert caught.value.step == "read"


@pytest.mark.parametrize("details", [{}, {"id": None}, {"id": "x"}, None])
def test_odd_account_created(details: Any) -> None:
    """An account that is created without an id ends it: the conversion would be without its company."""
    with pytest.raises(OutcomeUnknownError) as caught:
        run(converting(company=NewCompany(name="Acme")), {"data": [{"code": "SUCCESS", "details": details}]})
    assert caught.value.step == "before"


def test_one_account_that_differs_in_case() -> None:
    """What Zoho itself takes for the same name is linked, if it is the only one."""
    made = {"data": [{**SUCCESS, "details": {"Contacts": IDA, "Accounts": {"name": "ACME", "id": "2"}, "Deals": None}}]}
    done, asked = run(converting(company=Match("Acme")), {"data": [{"id": "2", "Account_Name": "ACME"}]}, made)
    assert done.conversion.company.id == "2"
    last = asked[-1]
    assert isinstance(last, Call)
    assert last.body["data"][0]["Accounts"] == {"id": "2"}


def test_several_accounts_that_differ_in_case() -> None:
    """Several of them, none written so: a person has to choose."""
    found = {"data": [{"id": "2", "Account_Name": "ACME"}, {"id": "3", "Account_Name": "acme"}]}
    with pytest.raises(AmbiguousMatchError) as caught:
        run(converting(company=Match("Acme")), found)
    assert caught.value.candidates == ("2", "3")


# --- pending ---------------------------------------------------------------------------------------------------------


def wire(**more: Any) -> dict[str, Any]:
    detail = {"contact": "1", "account": None, "deal": None, "convert_date": "2026-01-01", "converted_by": "9"}
    return {"id": "5", "$converted": True, "$converted_detail": detail, **more}


def status(word: str) -> dict[str, Any]:
    return {"data": [{"Status": word, "Total_Count": 1}]}


def test_job_is_polled_until_the_lead_is_converted() -> None:
    """Scheduled, in progress, completed: the lead is asked each time, and it decides."""
    scheduled = Reply(202, {}, {"data": [JOB]})
    open_ = (None, None)
    done, asked = run(
        converting(), scheduled, status("scheduled"), *open_, status("in progress"), *open_, status("COMPLETED"),
        {"data": [wire()]},
    )  # fmt: skip
    assert done.conversion.contact.id == "1"
    assert [type(step).__name__ for step in asked].count("Wait") == 3
    jobs = [step for step in asked if isinstance(step, Call) and step.name == "job"]
    assert {(job.path, job.query["job_id"]) for job in jobs} == {("/crm/v8/Leads/actions/mass_convert", "77")}


@pytest.mark.parametrize("word", ["failed", "Completed"])
def test_job_that_ended_without_a_conversion(word: str) -> None:
    """The job is over and the lead is not converted: unknown, since its search may be behind; nothing is sent again."""
    with pytest.raises(OutcomeUnknownError) as caught:
        run(converting(), Reply(202, {}, {"data": [JOB]}), status(word), None, None)
    assert (caught.value.step, caught.value.code, caught.value.job_id) == ("convert", "job ended", "77")


@pytest.mark.parametrize("version", ["v3", "v8"])
def test_polling_gives_out(version: Version) -> None:
    """After a minute it is unknown; v3 has no call for jobs and asks the lead alone."""
    each: tuple[Any, ...] = (status("scheduled"), None, None) if version == "v8" else (None, None)
    with pytest.raises(OutcomeUnknownError) as caught:
        run(converting(version), Reply(202, {}, {"data": [JOB]}), *each * POLLS)
    assert (caught.value.step, caught.value.code, caught.value.job_id) == ("convert", "still pending", "77")


@pytest.mark.parametrize(
    "body",
    [{"data": []}, {"data": [{}]}, {"data": [None]}, {"data": [{"Status": 5}]}, None, Reply(500), Reply(403, {}, {})],
)
def test_odd_status_of_a_job(body: Any) -> None:
    """A status that is none does not end the waiting: the lead decides."""
    done, _ = run(converting(), Reply(202, {}, {"data": [JOB]}), body, {"data": [wire()]})
    assert done.conversion.contact.id == "1"


@pytest.mark.parametrize("reply", [Reply(403, {}, {}), Reply(429, {}, {}), Reply(401, {}, {}), Reply(500), {"data": 1}])
def test_lead_that_cannot_be_asked_while_waiting(reply: Any) -> None:
    """A refusal of the question is none of the conversion: it was accepted, and stays unknown."""
    with pytest.raises(OutcomeUnknownError) as caught:
        run(converting(), Reply(202, {}, {"data": [JOB]}), status("scheduled"), reply)
    assert (caught.value.step, caught.value.job_id) == ("convert", "77")


def test_job_without_an_id() -> None:
    """Accepted without a job's id is unknown at once."""
    with pytest.raises(OutcomeUnknownError):
        run(converting(), Reply(202, {}, {"data": [{**JOB, "details": {}}]}))


def test_adapter_that_does_not_wait() -> None:
    """Where an adapter has no way to wait, the outcome is unknown, and the caller gets the job."""
    flow = convert(attrs.evolve(ops(), pending=None), plan_convert(get("zoho"), ConvertRequest(lead_id="5"))[0], "5")
    with pytest.raises(OutcomeUnknownError) as caught:
        run(flow, Reply(202, {}, {"data": [JOB]}))
    assert caught.value.job_id is not None


@pytest.mark.parametrize(("step", "raised"), [("convert", InvalidRequestError), (None, OutcomeUnknownError)])
def test_adapter_whose_job_says_that_it_was_refused(step: Any, raised: type[VendorError]) -> None:
    """Only a refusal of the conversion itself is one: the adapter says so by its step."""

    def over(_accepted: Any, _lead_id: str) -> Flow[Conversion]:
        error = InvalidRequestError("zoho", status=200, code="rejected")
        error.step = step
        raise error
        yield

    calls = plan_convert(get("zoho"), ConvertRequest(lead_id="5"))[0]
    with pytest.raises(raised) as caught:
        run(convert(attrs.evolve(ops(), pending=over), calls, "5"), Reply(202, {}, {"data": [JOB]}))
    assert (type(caught.value), caught.value.step, caught.value.code) == (raised, "convert", "rejected")


@pytest.mark.parametrize(("numbers", "there"), [(True, 17), (False, "17")])
def test_ids_are_as_the_crm_has_them(numbers: bool, there: Any) -> None:  # a parameter of a test
    """In a body an id that came up is a number or a text, as the adapter says; in a path it is always a text."""
    call = Call("link", "before", "PATCH", "/leads/{lead_id}", {"of": "{company_id}"}, {"org": ["{company_id}", "{x}"]})
    said = filled(attrs.evolve(ops(), ids_are_numbers=numbers), call, {"lead_id": "a-5", "company_id": "17"})
    assert (said.path, said.query, said.body) == ("/leads/a-5", {"of": "17"}, {"org": [there, "{x}"]})


# --- finding conversions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_two_witnesses(version: Version) -> None:
    """Where the lead does not show itself, the documented list of converted leads is asked."""
    found, asked = run(ops(version).find_conversion("5"), None, {"data": [wire()]})
    assert found == Conversion(lead_id="5", contact=found.contact, converted_by=Ref("9"))
    assert found.contact.id == "1"
    second = asked[1]
    assert isinstance(second, Call)
    assert (second.path, second.query["converted"], second.query["ids"]) == (f"/crm/{version}/Leads", "true", "5")
    assert ("fields" in second.query) == (version not in {"v2", "v2.1"})


def test_another_lead_is_no_answer() -> None:
    """A list that does not heed the ids must not give another lead's conversion."""
    found, _ = run(ops().find_conversion("5"), {"data": [wire(id="6")]}, {"data": [wire(id="6"), wire(id="7")]})
    assert found is None


@pytest.mark.parametrize("flag", [{"$converted": False, "$converted_detail": None}, {}])
def test_lead_that_shows_itself_unconverted(flag: dict[str, Any]) -> None:
    """A lead without the mark was not converted."""
    bare = {"id": "5", "Last_Name": "Daly", **flag}
    found, _ = run(ops().find_conversion("5"), {"data": [bare]}, None)
    assert found is None


def test_converted_into_what() -> None:
    """A lead that was converted and does not say into what: known to be done, with unknown ids; never *not found*."""
    with pytest.raises(OutcomeUnknownError):
        run(ops().find_conversion("5"), {"data": [wire(**{"$converted_detail": None})]})


def test_contact_that_is_gone() -> None:
    """The contact was deleted since: there was a conversion all the same."""
    detail = {"contact": None, "account": "3", "deal": None, "convert_date": "2026-01-01", "converted_by": "9"}
    found, _ = run(ops().find_conversion("5"), {"data": [wire(**{"$converted_detail": detail})]})
    assert (found.contact.id, found.company.id) == (None, "3")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"Converted_Date_Time": "2026-01-01T10:00:00+02:00"}, dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)),
        ({"$converted_detail": {"contact": "1", "convert_date": "2026-01-01T10:00:00+02:00"}},
         dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)),
        ({}, None),
    ],
)  # fmt: skip
def test_when(more: dict[str, Any], told: dt.datetime | None) -> None:
    """The moment comes from the field that has it; a date alone is none."""
    found, _ = run(ops().find_conversion("5"), {"data": [wire(**more)]})
    assert found.converted_at == told


@pytest.mark.parametrize("body", [{"data": [{}]}, {"data": [{"id": "5", "$converted": "yes"}]}, {"data": None},
                                  {"data": [{"id": "5", "$converted": True, "Converted_Date_Time": "soon",
                                             "$converted_detail": {"contact": "1"}}]}])  # fmt: skip
def test_odd_lead(body: Any) -> None:
    """A lead that cannot be read is unknown, never *not converted*."""
    with pytest.raises(OutcomeUnknownError):
        run(ops().find_conversion("5"), body)


def test_list_without_details() -> None:
    """If the list leaves out into what, the lead is asked itself."""
    bare = wire(**{"$converted_detail": None})
    page, asked = run(ops().conversions(ConversionQuery(), None), {"data": [bare], "info": {}}, {"data": [wire()]})
    assert [made.contact.id for made in page.items] == ["1"]
    assert page.next is None
    assert len(asked) == 2


def test_list_of_fields_without_custom_ones() -> None:
    """Only what leadlens reads is asked for, and what the account made itself."""
    fields = [{"api_name": "Email"}, {"api_name": "Visitor_Score"}, {"api_name": "Shoe_Size", "custom_field": True}]
    leads = {"data": [{"id": "5", "Email": "a@b.example", "Shoe_Size": "41"}]}
    page, asked = run(ops().search("lead", Query(), None), {"fields": fields}, leads)
    last = asked[-1]
    assert isinstance(last, Call)
    assert last.query["fields"] == "Email,Shoe_Size,$converted,$converted_detail"
    assert isinstance(page.items[0], Lead)
    assert page.items[0].custom_fields[0].value == "41"


@pytest.mark.parametrize("body", [{"fields": [{}]}, {"fields": None}, {"data": []}])
def test_odd_metadata(body: Any) -> None:
    """Metadata that cannot be read is unknown; nothing is listed with half of the fields."""
    with pytest.raises(OutcomeUnknownError):
        run(ops().search("lead", Query(), None), body)


# --- several ---------------------------------------------------------------------------------------------------------


def item(number: int, action: str = "insert") -> dict[str, Any]:
    by, at = {"id": "9", "name": "A"}, "2026-01-01T00:00:00+00:00"
    times = {"Created_Time": at, "Modified_Time": at, "Created_By": by, "Modified_By": by}
    word = {"insert": "record added", "update": "record updated"}[action]
    return {"code": "SUCCESS", "action": action, "duplicate_field": None, "message": word, "status": "success",
            "details": {"id": str(number), **times}}  # fmt: skip


@pytest.mark.parametrize("data", [[], [item(1)], [item(1), item(2), item(3)], {}, None])
def test_batch_reply_of_another_length(data: Any) -> None:
    """A reply that does not have one item for each record says nothing about any of them."""
    planned = batch(lead("a@b.example"), lead("b@b.example"))
    results, asked = run(planned.flow, {"data": data})
    assert [type(one) for one in results] == [OutcomeUnknownError] * 2
    assert len(asked) == 1


def test_batch_ends_after_one_unknown_item() -> None:
    """An item without an id is unknown, and no further call is sent."""
    planned = batch(lead("a@b.example"), lead("b@b.example"), contact("c@b.example"))
    results, asked = run(planned.flow, {"data": [item(1), {**item(2), "details": {}}]})
    assert [type(one) for one in results] == [UpsertResult, OutcomeUnknownError, TryLaterError]
    assert [one.step for one in results[1:]] == ["upsert", "upsert"]
    assert len(asked) == 1


def test_batch_goes_on_after_a_refused_call() -> None:
    """A call that is refused whole is refused for each of its records; the next one is sent."""
    planned = batch(lead("a@b.example"), lead("b@b.example"), contact("c@b.example"))
    root = {"code": "INVALID_DATA", "details": {}, "message": "x", "status": "error"}
    results, asked = run(planned.flow, Reply(400, {}, root), {"data": [item(3, "update")]})
    assert [type(one) for one in results] == [InvalidRequestError, InvalidRequestError, UpsertResult]
    assert results[2].outcome == "updated"
    assert len(asked) == 2


@pytest.mark.parametrize(
    "code",
    ["DISCRETE_PAGINATION_LIMIT_EXCEEDED", "PAGINATION_LIMIT_EXCEEDED", "EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"],
)
def test_pages_that_are_refused(code: str) -> None:
    """What Zoho says of a page too far or of an old token is a refusal that ends the list with an error."""
    root = {"code": code, "details": {"param_name": "page_token"}, "message": "x", "status": "error"}
    with pytest.raises(InvalidRequestError) as caught:
        run(ops().search("deal", Query(), "page=11&fields=Stage"), Reply(400, {}, root))
    assert caught.value.code == code
