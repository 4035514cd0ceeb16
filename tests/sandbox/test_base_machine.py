"""Base's sandbox under random sequences of calls, against a small model of what must hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.sandbox.base_calls import call, data, ids

from leadlens.sandbox import Sandbox

KINDS = {"lead": "leads", "contact": "contacts", "deal": "deals"}
TEXTS = st.sampled_from(["A", "Ø", "李", "a@x.example"])
EMAILS = st.sampled_from([None, "a@x.example", "b@x.example", "A@X.example"])
MACHINES = max(5, 200 * settings().max_examples // 2_000)
PICK = st.integers(0, 99)


class Account(RuleBasedStateMachine):
    """``records`` are those that there must be, ``used`` all ids that ever were, ``done`` the conversions, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(data="empty", vendors=["base"])
        self.records: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self.used: dict[str, set[int]] = {kind: set() for kind in KINDS}
        self.done: list[dict[str, Any]] = []
        self.converted: Counter[int] = Counter()

    def teardown(self) -> None:
        self.agree()
        self.sandbox.close()

    # --- what happens ---

    @rule(first=TEXTS, last=TEXTS, firm=st.none() | TEXTS, email=EMAILS, tag=TEXTS)
    def create_lead(self, first: str, last: str, firm: str | None, email: str | None, tag: str) -> None:
        given = {"first_name": first, "last_name": last, "organization_name": firm, "email": email, "tags": [tag]}
        self.came(self.post("/leads", given), "lead", given)

    @rule(name=TEXTS, organization=st.booleans(), email=EMAILS)
    def create_contact(self, name: str, organization: bool, email: str | None) -> None:
        given = {"name" if organization else "last_name": name, "is_organization": organization, "email": email}
        self.came(self.post("/contacts", given), "contact", given)

    @rule(name=TEXTS, pick=PICK)
    def create_deal(self, name: str, pick: int) -> None:
        contact = self.one("contact", pick)
        if contact is not None:
            given = {"name": name, "contact_id": contact, "value": f"{pick}.50"}
            self.came(self.post("/deals", given), "deal", given)

    @rule(kind=st.sampled_from(list(KINDS)), pick=PICK, tag=TEXTS, owner=st.integers(1, 5))
    def update(self, kind: str, pick: int, tag: str, owner: int) -> None:
        number = self.one(kind, pick)
        given = {"tags": [tag], "owner_id": owner}
        reply = call(self.sandbox, "PUT", f"/{KINDS[kind]}/{number or 999}", given)
        if number is None:
            assert reply.status_code == 404
            return
        after = data(reply)
        assert after == self.records[kind][number] | given | {"updated_at": after["updated_at"]}
        self.records[kind][number] = after

    @rule(kind=st.sampled_from(list(KINDS)), pick=PICK, email=EMAILS)
    def refuse_an_update(self, kind: str, pick: int, email: str | None) -> None:
        number = self.one(kind, pick)
        if number is not None:
            assert call(self.sandbox, "PUT", f"/{KINDS[kind]}/{number}", {"emial": email}).status_code == 422

    @rule(kind=st.sampled_from(list(KINDS)), pick=PICK)
    def delete(self, kind: str, pick: int) -> None:
        number = self.one(kind, pick)
        if number is not None:
            assert call(self.sandbox, "DELETE", f"/{KINDS[kind]}/{number}").status_code == 204
            del self.records[kind][number]
            assert call(self.sandbox, "GET", f"/{KINDS[kind]}/{number}").status_code == 404

    @rule(pick=PICK, deal=st.none() | st.booleans())
    def convert(self, pick: int, deal: bool | None) -> None:
        number = self.one("lead", pick)
        more = {} if deal is None else {"create_deal": deal}
        reply = call(self.sandbox, "POST", "/lead_conversions", {"lead_id": number or 999, **more})
        if number is None:
            assert reply.status_code == 422
            return
        done, lead = data(reply), self.records["lead"][number]
        expected = {
            "individual_id": bool(lead["last_name"]),
            "organization_id": bool(lead["organization_name"]),
            "deal_id": deal is not False,
        }
        assert {key: done[key] is not None for key in expected} == expected
        for key, kind in (("individual_id", "contact"), ("organization_id", "contact"), ("deal_id", "deal")):
            if done[key] is not None:
                self.came(data(call(self.sandbox, "GET", f"/{KINDS[kind]}/{done[key]}")), kind, {})
        self.done.append(done)
        self.converted[number] += 1

    @rule(email=st.sampled_from(["a@x.example", "b@x.example", "c@x.example"]), name=TEXTS)
    def upsert_lead(self, email: str, name: str) -> None:
        matches = [number for number, lead in self.records["lead"].items() if lead["email"] == email]
        given = {"last_name": name, "email": email}
        reply = call(self.sandbox, "POST", f"/leads/upsert?email={email}", given)
        if not matches:
            assert reply.status_code == 201
            self.came(data(reply), "lead", given)
            return
        after, oldest = data(reply), min(matches)
        assert (reply.status_code, after["id"]) == (200, oldest)
        assert after == self.records["lead"][oldest] | given | {"updated_at": after["updated_at"]}
        self.records["lead"][oldest] = after

    # --- what is seen ---

    @rule(kind=st.sampled_from(list(KINDS)), size=st.integers(1, 30), page=st.integers(1, 3))
    def list_all(self, kind: str, size: int, page: int) -> None:
        found = ids(call(self.sandbox, "GET", f"/{KINDS[kind]}?per_page={size}&page={page}&sort_by=id:desc"))
        assert found == sorted(self.records[kind], reverse=True)[(page - 1) * size : page * size]

    @rule(kind=st.sampled_from(["lead", "contact"]), email=EMAILS)
    def list_some(self, kind: str, email: str | None) -> None:
        found = ids(call(self.sandbox, "GET", f"/{KINDS[kind]}?per_page=100&email={email}"))
        assert found == sorted(number for number, one in self.records[kind].items() if one["email"] == email and email)

    @rule(kind=st.sampled_from(list(KINDS)), pick=PICK)
    def get(self, kind: str, pick: int) -> None:
        number = self.one(kind, pick)
        if number is not None:
            assert data(call(self.sandbox, "GET", f"/{KINDS[kind]}/{number}")) == self.records[kind][number]

    @rule(pick=PICK)
    def list_conversions(self, pick: int) -> None:
        listed = [item["data"] for item in call(self.sandbox, "GET", "/lead_conversions?per_page=200").json()["items"]]
        assert listed == self.done[::-1]
        if self.done:
            lead = self.done[pick % len(self.done)]["lead_id"]
            assert len(ids(call(self.sandbox, "GET", f"/lead_conversions?lead_id={lead}"))) == self.converted[lead]

    # --- what always holds ---

    @invariant()
    def nothing_is_lost(self) -> None:
        """Hold the counts against the model; a converted lead stays."""
        store = self.sandbox.store("base")
        assert {kind: store.count(kind) for kind in KINDS} == {kind: len(self.records[kind]) for kind in KINDS}
        assert store.count("conversion") == len(self.done)

    def agree(self) -> None:
        """Hold store and truth log against the model, at the end of a run."""
        truth, store = self.sandbox.truth, self.sandbox.store("base")
        for kind in KINDS:
            assert dict(store.iterate(kind)) == self.records[kind]
            what = Counter(change.what for change in truth.changes("base", kind))
            assert what["created"] == len(self.used[kind])
            assert what["created"] - what["deleted"] == len(self.records[kind])
        assert Counter(change.id for change in truth.changes("base", "lead", "converted")) == self.converted
        assert not [entry for entry in truth.entries() if entry.status is None or entry.status >= 500]

    # --- steps ---

    def post(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        return data(call(self.sandbox, "POST", path, given))

    def came(self, record: dict[str, Any], kind: str, given: dict[str, Any]) -> None:
        """Take note of a new record: its id was never used, and it has what was given."""
        assert record["id"] not in self.used[kind]
        assert {key: record[key] for key in given} == given
        self.used[kind].add(record["id"])
        self.records[kind][record["id"]] = record

    def one(self, kind: str, pick: int) -> int | None:
        """Return the id of some record that there must be."""
        there = sorted(self.records[kind])
        return there[pick % len(there)] if there else None


TestAccount = Account.TestCase
TestAccount.settings = settings(max_examples=MACHINES, stateful_step_count=30)
