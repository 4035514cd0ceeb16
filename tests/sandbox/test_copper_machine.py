"""Random runs of Copper's sandbox against a small model of what must hold.

The model knows which records were made, which are gone and which leads are converted. After every step the truth log
and the model agree on every count; no id is ever given twice; no record is lost.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from tests.contracts import check_reply

from leadlens.sandbox import Sandbox

MACHINES = {"ci": 200, "deep": 1_000}
PLURALS = {"lead": "leads", "person": "people", "company": "companies", "opportunity": "opportunities"}
NAMES = st.sampled_from(["Ana Souza", "Jürgen Groß", "佐藤 花子", "نور", "O'Brien"])
FIRMS = st.sampled_from(["Padaria", "Padaria Ltd", "Groß GmbH", "さくら", None])
EMAILS = st.sampled_from([f"{name}@x.example" for name in "abcdef"] + [None])
TEXTS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8))
SETTINGS = settings(
    max_examples=MACHINES.get(os.environ.get("LEADLENS_PROFILE", "ci"), 30),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Account(RuleBasedStateMachine):
    """One Copper account, used at random."""

    leads = Bundle("leads")
    people = Bundle("people")
    companies = Bundle("companies")
    deals = Bundle("deals")

    @initialize()
    def begin(self) -> None:
        self.sandbox = Sandbox(data="empty", vendors=["copper"])
        self.session = self.sandbox.session("copper")
        self.alive: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in PLURALS}
        self.converted: dict[int, dict[str, Any]] = {}
        self.given: set[tuple[str, int]] = set()

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call Copper, and hold the reply against the contract."""
        reply = self.session.request(method, self.sandbox.url("copper", path), json=body)
        parsed = reply.json()
        assert reply.status_code != 500, reply.headers
        assert check_reply("copper", method, f"/developer_api/v1{path}", reply.status_code, parsed) == []
        return parsed if reply.status_code == 200 else reply.status_code

    def born(self, kind: str, record: dict[str, Any]) -> int:
        """Note a new record: its id was never given before."""
        number: int = record["id"]
        assert (kind, number) not in self.given
        self.given.add((kind, number))
        self.alive[kind][number] = record
        return number

    @rule(target=leads, name=NAMES, firm=FIRMS, email=EMAILS, details=TEXTS)
    def create_lead(self, name: str, firm: str | None, email: str | None, details: str | None) -> int:
        body = {"name": name, "company_name": firm, "email": email and {"email": email}, "details": details}
        return self.born("lead", self.call("POST", "/leads", body))

    @rule(target=companies, name=st.sampled_from(["Padaria", "Padaria GmbH", "さくら"]))
    def create_company(self, name: str) -> int:
        return self.born("company", self.call("POST", "/companies", {"name": name}))

    @rule(target=people, name=NAMES, email=EMAILS, company=st.none() | companies)
    def create_person(self, name: str, email: str | None, company: int | None) -> Any:
        body = {"name": name, "emails": [{"email": email}] if email else [], "company_id": company}
        taken = email in {item["email"] for person in self.alive["person"].values() for item in person["emails"]}
        known = company is None or company in self.alive["company"]
        reply = self.call("POST", "/people", body)
        assert (reply == 422) is (taken or not known)
        return self.born("person", reply) if reply != 422 else 1

    @rule(target=deals, contact=people, value=st.integers(0, 10**6))
    def create_deal(self, contact: int, value: int) -> Any:
        body = {"name": "Deal", "primary_contact_id": contact, "monetary_value": value}
        reply = self.call("POST", "/opportunities", body)
        assert (reply == 422) is (contact not in self.alive["person"])
        return self.born("opportunity", reply) if reply != 422 else 1

    @rule(kind=st.sampled_from(list(PLURALS)), data=st.data(), details=TEXTS, tags=st.lists(NAMES, max_size=2))
    def update(self, kind: str, data: st.DataObject, details: str | None, tags: list[str]) -> None:
        """Absent is untouched, null clears, and all else stays as it was."""
        if not self.alive[kind]:
            return
        number = data.draw(st.sampled_from(sorted(self.alive[kind])))
        change = {"details": details, "tags": tags}
        reply = self.call("PUT", f"/{PLURALS[kind]}/{number}", change)
        change["tags"] = list(dict.fromkeys(tags))
        assert reply == {**self.alive[kind][number], **change, "date_modified": reply["date_modified"]}
        self.alive[kind][number] = reply

    @rule(number=leads)
    def read_lead(self, number: int) -> None:
        """Read a lead as it was last seen; a deleted or converted one is gone."""
        found = self.call("GET", f"/leads/{number}")
        assert found == self.alive["lead"].get(number, 404)

    @rule(kind=st.sampled_from(["person", "person", "opportunity", "company"]), data=st.data())
    def read(self, kind: str, data: st.DataObject) -> None:
        """Read any other record as it was last seen."""
        if self.alive[kind]:
            number = data.draw(st.sampled_from(sorted(self.alive[kind])))
            assert self.call("GET", f"/{PLURALS[kind]}/{number}") == self.alive[kind][number]

    @rule(number=consumes(leads))
    def delete_lead(self, number: int) -> None:
        expected: Any = {"id": number, "is_deleted": True} if number in self.alive["lead"] else 404
        assert self.call("DELETE", f"/leads/{number}") == expected
        self.alive["lead"].pop(number, None)

    @rule(number=consumes(companies))
    def delete_company(self, number: int) -> None:
        expected: Any = {"id": number, "is_deleted": True} if number in self.alive["company"] else 404
        assert self.call("DELETE", f"/companies/{number}") == expected
        self.alive["company"].pop(number, None)
        for kind in ("person", "opportunity"):
            for record in self.alive[kind].values():
                if record["company_id"] == number:
                    record |= {"company_id": None, "company_name": None}

    @rule(number=leads, firm=st.sampled_from([None, "", "Neu", "Padaria", "PADARIA"]), deal=st.booleans())
    def convert(self, number: int, firm: str | None, deal: bool) -> None:
        """Convert a lead: it is gone and what came of it is there; candidates convert nothing."""
        known = {kind: set(self.alive[kind]) for kind in PLURALS}
        was = self.alive["lead"].get(number) or self.converted.get(number)
        company = {} if firm is None else {"company": {"name": firm}}
        details = {**company, **({"opportunity": {"name": "Pilot"}} if deal else {})}
        reply = self.call("POST", f"/leads/{number}/convert", {"details": details})
        if was is None:
            assert reply == 404
            return
        if "person" not in reply:
            assert all(one["name"].casefold().startswith("padaria") for one in reply["companies"])
            return
        assert (reply["opportunity"] is not None) is deal
        for kind in ("person", "company", "opportunity"):
            record = reply[kind]
            if record and record["id"] in known[kind]:
                self.alive[kind][record["id"]] = record
            elif record:
                self.born(kind, record)
        assert {"lead_id": number, "converted_timestamp": reply["person"]["date_modified"]} in reply["person"][
            "leads_converted_from"
        ]
        if was["email"]:
            emails = [item["email"] for item in reply["person"]["emails"]]
            assert was["email"]["email"] in emails
        self.alive["lead"].pop(number, None)
        self.converted[number] = {**was, "person": reply["person"]["id"]}

    @rule(target=leads, name=NAMES, email=st.sampled_from([f"{name}@x.example" for name in "abc"]))
    def upsert(self, name: str, email: str) -> Any:
        """None creates, one is updated, several are refused with their ids."""
        body = {
            "properties": {"name": name, "email": {"email": email, "category": "work"}},
            "match": {"field_name": "email", "field_value": email},
        }
        matching = [n for n, lead in self.alive["lead"].items() if (lead["email"] or {}).get("email") == email]
        reply = self.call("PUT", "/leads/upsert", body)
        if len(matching) > 1:
            assert reply == 422
            return matching[0]
        if not matching:
            return self.born("lead", reply)
        assert [reply["id"]] == matching
        self.alive["lead"][reply["id"]] = reply
        return reply["id"]

    @rule(kind=st.sampled_from(list(PLURALS)), size=st.sampled_from([4, 200]))
    def search_all(self, kind: str, size: int) -> None:
        """All pages together hold every record that is there, once."""
        found: list[dict[str, Any]] = []
        for page in range(1, 400):
            part = self.call("POST", f"/{PLURALS[kind]}/search", {"page_size": size, "page_number": page})
            found += part
            if len(part) < size:
                break
        assert {record["id"]: record for record in found} == self.alive[kind]
        assert len(found) == len(self.alive[kind])

    @rule(email=EMAILS.filter(bool))
    def search_by_email(self, email: str) -> None:
        found = self.call("POST", "/leads/search", {"emails": email, "page_size": 200, "include_converted_leads": True})
        everyone = {**self.alive["lead"], **self.converted}
        wanted = {number for number, lead in everyone.items() if (lead["email"] or {}).get("email") == email}
        assert {lead["id"] for lead in found} == wanted
        for lead in found:
            assert (lead["converted_contact_id"] is not None) is (lead["id"] in self.converted)

    @invariant()
    def counts_agree(self) -> None:
        """Hold the number of records of each kind; a converted lead is still kept."""
        if not hasattr(self, "sandbox"):
            return
        store = self.sandbox.store("copper")
        for kind, alive in self.alive.items():
            extra = len(self.converted) if kind == "lead" else 0
            assert store.count(kind) == len(alive) + extra

    def check_truth(self) -> None:
        """Hold the whole truth log against the model, once at the end."""
        changes = self.sandbox.truth.changes("copper")
        for kind, alive in self.alive.items():
            made = [change.id for change in changes if (change.kind, change.what) == (kind, "created")]
            gone = {change.id for change in changes if (change.kind, change.what) == (kind, "deleted")}
            assert len(made) == len(set(made))
            assert set(made) == {number for of, number in self.given if of == kind}
            converted = set(self.converted) if kind == "lead" else set()
            assert set(made) - gone == set(alive) | converted
        told = {change.id for change in changes if change.what == "converted"}
        assert told == set(self.converted)


class Checked(Account):
    """The same, with the truth log read at the end of each run."""

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.check_truth()
        super().teardown()


TestCopper = Checked.TestCase
TestCopper.settings = SETTINGS
