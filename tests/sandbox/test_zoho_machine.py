"""Random sequences of calls against Zoho's sandbox, held against a small model of what must be true after each."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from tests.sandbox.zoho_calls import DEAL, LEAST, call, refusal

from leadlens.sandbox import Sandbox

MODULES: Final = ("Leads", "Contacts", "Accounts", "Deals")
NAMES: Final = st.sampled_from(("Daly", "Peña", "李", "Παπά", "x" * 80))
EMAILS: Final = st.sampled_from((None, "a@example.com", "B@example.com", "c@example.com"))
NAME_OF: Final = {"Leads": "Last_Name", "Contacts": "Last_Name", "Accounts": "Account_Name", "Deals": "Deal_Name"}
IN_PROFILE: Final = settings()
MACHINES: Final = 200 if IN_PROFILE.max_examples >= 1_000 else 20


class Zoho(RuleBasedStateMachine):
    """The model: what each record is called, which leads are converted into what, and every id that was ever given."""

    some = Bundle("some")

    @initialize()
    def begin(self) -> None:
        self.sandbox = Sandbox(data="empty", vendors=["zoho"])
        self.session = self.sandbox.session("zoho")
        self.alive: dict[str, dict[str, dict[str, Any]]] = {module: {} for module in MODULES}
        self.became: dict[str, dict[str, Any]] = {}
        self.given: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.audit()
            self.sandbox.close()

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        return call(self.sandbox, method, path, body, session=self.session, **query)

    def came(self, module: str, number: str, record: dict[str, Any]) -> tuple[str, str]:
        """Take note of a new record: its id must be one that was never given before."""
        assert number not in self.given
        self.given.add(number)
        self.alive[module][number] = record
        return module, number

    def open_lead(self, email: str) -> list[str]:
        found = self.alive["Leads"].items()
        return [n for n, lead in found if n not in self.became and (lead["Email"] or "").lower() == email.lower()]

    @rule(target=some, module=st.sampled_from(MODULES), name=NAMES, email=EMAILS)
    def create(self, module: str, name: str, email: str | None) -> Any:
        record = LEAST[module] | {NAME_OF[module]: name}
        if module in {"Leads", "Contacts"}:
            record["Email"] = email
        details = self.ask("POST", f"/{module}", {"data": [record]}).json()["data"][0]["details"]
        return self.came(module, details["id"], {"name": name, "Email": email})

    @rule(target=some, first=NAMES, second=NAMES)
    def create_several_of_which_one_is_bad(self, first: str, second: str) -> Any:
        items = [{"Last_Name": first}, {"Last_Name": "x" * 81}, {"Last_Name": second}]
        reply = self.ask("POST", "/Leads", {"data": items})
        assert reply.status_code == 207
        done = reply.json()["data"]
        assert [item["code"] for item in done] == ["SUCCESS", "INVALID_DATA", "SUCCESS"]
        came = [(done[0], first), (done[2], second)]
        return multiple(*(self.came("Leads", i["details"]["id"], {"name": n, "Email": None}) for i, n in came))

    @rule(one=some, name=NAMES)
    def update(self, one: tuple[str, str], name: str) -> None:
        module, number = one
        reply = self.ask("PUT", f"/{module}/{number}", {"data": [{NAME_OF[module]: name}]})
        if number in self.alive[module]:
            assert reply.status_code == 200
            self.alive[module][number]["name"] = name
        else:
            assert refusal(reply)[:2] == (400, "INVALID_DATA")

    @rule(one=consumes(some))
    def delete(self, one: tuple[str, str]) -> None:
        module, number = one
        reply = self.ask("DELETE", f"/{module}/{number}")
        assert reply.status_code == (200 if number in self.alive[module] else 400)
        self.alive[module].pop(number, None)

    @rule(one=some)
    def read(self, one: tuple[str, str]) -> None:
        """Find no converted lead unless it is asked for; it says then what it became."""
        module, number = one
        reply = self.ask("GET", f"/{module}/{number}")
        if number not in self.alive[module] or number in self.became:
            assert reply.status_code == 204
        else:
            assert reply.json()["data"][0][NAME_OF[module]] == self.alive[module][number]["name"]
        if number in self.became and number in self.alive[module]:
            lead = self.ask("GET", f"/Leads/{number}", converted="true").json()["data"][0]
            detail, ids = lead["$converted_detail"], self.became[number]
            assert (detail["contact"], detail["account"], detail["deal"]) == (
                ids["Contacts"], ids["Accounts"], ids["Deals"],
            )  # fmt: skip

    @rule(target=some, one=some, deal=st.booleans(), contact=some, account=some)
    def convert(self, one: tuple[str, str], deal: bool, contact: tuple[str, str], account: tuple[str, str]) -> Any:
        """Turn an open lead into new records, or those that are named; any other is refused."""
        number = one[1]
        item: dict[str, Any] = {"Deals": DEAL} if deal else {}
        item |= {module: {"id": n} for module, n in (contact, account) if module in {"Contacts", "Accounts"}}
        reply = self.ask("POST", f"/Leads/{number}/actions/convert", {"data": [item]})
        if number in self.became and number in self.alive["Leads"]:
            assert refusal(reply)[:2] == (400, "ID_ALREADY_CONVERTED")
        elif number not in self.alive["Leads"] or not self.are_there(item):
            assert refusal(reply)[:2] == (400, "INVALID_DATA")
        else:
            return multiple(*self.note(number, item, reply.json()["data"][0]["details"]))
        return multiple()

    def are_there(self, item: dict[str, Any]) -> bool:
        return all(named["id"] in self.alive[module] for module, named in item.items() if module != "Deals")

    def note(self, number: str, item: dict[str, Any], details: dict[str, Any]) -> list[tuple[str, str]]:
        self.became[number] = {module: made and made["id"] for module, made in details.items()}
        came = []
        for module in ("Contacts", "Accounts", "Deals"):
            made = details[module]
            if module != "Deals" and module in item:
                assert made["id"] == item[module]["id"]
            elif made:
                name = self.alive["Leads"][number]["name"] if module == "Contacts" else made["name"]
                email = self.alive["Leads"][number]["Email"]
                came.append(self.came(module, made["id"], {"name": name, "Email": email}))
        assert (details["Deals"] is not None) is ("Deals" in item)
        return came

    @rule(target=some, email=EMAILS.filter(bool), name=NAMES)
    def upsert(self, email: str, name: str) -> Any:
        """Update the open lead with the e-mail, the oldest of several; without any, one is made."""
        matches = self.open_lead(email)
        item = self.ask("POST", "/Leads/upsert", {"data": [{"Last_Name": name, "Email": email}]}).json()["data"][0]
        number = item["details"]["id"]
        if not matches:
            assert item["action"] == "insert"
            return self.came("Leads", number, {"name": name, "Email": email})
        assert (item["action"], number) == ("update", min(matches, key=int))
        self.alive["Leads"][number] = {"name": name, "Email": email}
        return multiple()

    @rule(email=EMAILS.filter(bool))
    def search(self, email: str) -> None:
        reply = self.ask("GET", "/Leads/search", email=email)
        found = [lead["id"] for lead in reply.json()["data"]] if reply.content else []
        assert sorted(found) == sorted(self.open_lead(email))

    @invariant()
    def nothing_is_lost(self) -> None:
        """Count the records of the model, no more and no less."""
        if hasattr(self, "sandbox"):
            store = self.sandbox.store("zoho")
            for module in MODULES:
                assert store.count(module) == len(self.alive[module])

    def audit(self) -> None:
        """Every record has the name that it was given last, and the truth log counts as the model does."""
        for module in MODULES:
            kept = {record["id"]: record[NAME_OF[module]] for _, record in self.sandbox.store("zoho").iterate(module)}
            assert kept == {number: record["name"] for number, record in self.alive[module].items()}
            changes = self.sandbox.truth.changes("zoho", module)
            made = [change.id for change in changes if change.what == "created"]
            gone = [change.id for change in changes if change.what == "deleted"]
            assert len(set(made)) == len(made)
            assert len(made) - len(gone) == len(self.alive[module])
        converted = [str(change.id) for change in self.sandbox.truth.changes("zoho", "Leads", "converted")]
        assert sorted(converted) == sorted(self.became)


TestZoho = Zoho.TestCase
TestZoho.settings = settings(max_examples=MACHINES, stateful_step_count=30)
