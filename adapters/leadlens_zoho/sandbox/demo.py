"""Demo data: leads, accounts, contacts and deals that a salesperson would believe, drawn from small tables.

The first lead, account and contact are those of the vendor's published sample of a conversion.
"""

from __future__ import annotations

import random
from typing import Any, Final

import attrs

from leadlens.emulation.clock import iso_offset
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox import activities
from leadlens_zoho.sandbox.conversion import Plan, carry_out
from leadlens_zoho.sandbox.fields import OPTIONS, PIPELINES, carried
from leadlens_zoho.sandbox.names import COUNTRIES, JOBS, NOTES, TAGS, TRADES, USERS, Country
from leadlens_zoho.sandbox.related import put
from leadlens_zoho.sandbox.shape import kept, made, me
from leadlens_zoho.sandbox.values import named, tags

_LEADS: Final = 240
_ACCOUNTS: Final = 40
_CONTACTS: Final = 60
_DEALS: Final = 40
_DAY: Final = 86_400
_ACCOUNT: Final = 3652397000000624046
_CONTACT: Final = 3652397000000624640


@attrs.frozen
class _Firm:
    """A company and where it is; ``domain`` is that of its e-mail addresses."""

    country: Country
    name: str
    domain: str


def add_user(world: World, first: str, last: str, profile: str, status: str) -> None:
    """Make a user."""
    number = world.store.next_id("user")
    plain = {"first_name": first, "last_name": last, "full_name": f"{first} {last}", "status": status, "confirm": True}
    email = f"{first}.{last}@example.com".lower().encode("ascii", "ignore").decode()
    kind = {"id": str(3652397000000026011 + len(profile)), "name": profile}
    more = {"email": email, "profile": kind, "role": {"id": "3652397000000026005", "name": "Manager"}}
    world.store.create("user", number, {"id": str(number), **plain, **more, "time_zone": "Etc/UTC"})


def demo(world: World, drawn: random.Random) -> None:
    """Make the records, in the order of their dates: those of the last year, ending today."""
    now = world.now
    for who in USERS[2:]:
        add_user(world, *who)
    _sample(world, now)
    firms = [_firm(drawn, place) for place in range(_ACCOUNTS + 60)]
    accounts = [_at(world, now - drawn.randrange(300, 400) * _DAY, _account, drawn, firm) for firm in firms[:_ACCOUNTS]]
    contacts = [_at(world, now - drawn.randrange(200, 300) * _DAY, _person, drawn, firms[place % _ACCOUNTS],
                    accounts[place % _ACCOUNTS], place) for place in range(_CONTACTS)]  # fmt: skip
    for place in range(_DEALS):
        _at(world, now - drawn.randrange(10, 200) * _DAY, _deal, drawn, contacts[place])
    leads: list[Record] = []
    for place in range(_LEADS):
        days = 190 - 180 * place // _LEADS
        leads.append(_at(world, now - days * _DAY, _lead, drawn, firms, contacts, leads, place))
    for place, lead in enumerate(leads):
        if place % 6 == 4:
            _at(world, now - (9 - place % 9) * _DAY, _converted, drawn, lead)
    world.now = now - _DAY
    _activities(world, [*leads, *contacts])
    world.now = now


def _activities(world: World, people: list[Record]) -> None:
    """Leave a task, a call and a meeting with some people."""
    for place, person in enumerate(people[::20]):
        who = {"Who_Id": {"id": person["id"], "name": person["Full_Name"]}}
        activities.put(world, "Tasks", {**who, "Subject": f"Follow up {place}", "Status": "Not Started"})
        activities.put(world, "Calls", {**who, "Subject": "Call", "Call_Type": "Outbound", "Call_Duration": "05:00"})
        activities.put(world, "Events", {**who, "Event_Title": "Visit", "Venue": person.get("City")})


def _at(world: World, when: float, make: Any, *args: Any) -> Any:
    """Make a record as if it were then."""
    world.now = when
    return make(world, *args)


def _sample(world: World, now: float) -> None:
    world.now = now - 200 * _DAY
    person = {"First_Name": "Paul", "Last_Name": "Daly", "Email": "paul.daly@zylker.example.com"}
    given = {"Company": "Zylker", "Lead_Status": "Contacted", "Customer_Number": "C-00001", "No_of_Employees": 250}
    made(world, "Leads", {**person, **given, "Tag": tags(world, "Leads", ["tag1", "tag2"])})
    account = {"Account_Name": "Zylker", "Industry": "Technology", "Account_Type": "Customer"}
    zylker = kept(world, "Accounts", _ACCOUNT, account)
    kept(world, "Contacts", _CONTACT, {**person, "Account_Name": named("Accounts", zylker)})


def _firm(drawn: random.Random, place: int) -> _Firm:
    country = COUNTRIES[place % len(COUNTRIES)]
    (owner, plain), (trade, domain) = drawn.choice(country.last), drawn.choice(TRADES)
    return _Firm(country, country.firm.format(owner, trade), f"{plain}-{domain}-{country.domain}.example")


def _owner(world: World, drawn: random.Random) -> Record:
    active = sum(status == "active" for *_, status in USERS)
    user = world.store.get("user", int(me(world)["id"]) + drawn.randrange(active)) or {}
    return {"id": user["id"], "name": user["full_name"], "email": user["email"]}


def _phone(drawn: random.Random, country: Country) -> str:
    return f"{country.phone}{drawn.randrange(100_000):05}"


def _address(drawn: random.Random, country: Country) -> Record:
    city, state, code = drawn.choice(country.places)
    street = country.street.format(drawn.randrange(1, 200))
    return {"Street": street, "City": city, "State": state, "Zip_Code": code, "Country": country.name}


def _renamed(values: Record, module: str) -> Record:
    """Return a lead's values under the names that they have in another module."""
    names = carried(module)
    return {names[name]: value for name, value in values.items() if name in names}


def _account(world: World, drawn: random.Random, firm: _Firm) -> Record:
    more = {"Company": firm.name, "Phone": _phone(drawn, firm.country), "Website": f"https://{firm.domain}",
            "Industry": drawn.choice(OPTIONS["Industry"]), "Segment": drawn.choice(OPTIONS["Segment"]),
            "Annual_Revenue": drawn.randrange(1, 900) * 10_000, "No_of_Employees": drawn.randrange(3, 900)}  # fmt: skip
    given = _renamed({**_address(drawn, firm.country), **more}, "Accounts")
    given["Account_Type"] = drawn.choice(OPTIONS["Account_Type"])
    return made(world, "Accounts", {**given, "Owner": _owner(world, drawn)})


def _named(drawn: random.Random, firm: _Firm) -> Record:
    """Return a person of a firm: name, e-mails, telephones, job, address."""
    (first, plain), (last, spelled) = drawn.choice(firm.country.first), drawn.choice(firm.country.last)
    given = {"First_Name": first, "Last_Name": last, "Email": f"{plain}.{spelled}@{firm.domain}",
             "Phone": _phone(drawn, firm.country), "Designation": drawn.choice(JOBS),
             "Salutation": drawn.choice(OPTIONS["Salutation"]), **_address(drawn, firm.country)}  # fmt: skip
    if drawn.random() < 0.4:
        given["Secondary_Email"] = f"{plain}{drawn.randrange(60, 99)}@mail.example.com"
    if drawn.random() < 0.6:
        given["Mobile"] = _phone(drawn, firm.country)
    return given


def _person(world: World, drawn: random.Random, firm: _Firm, account: Record, place: int) -> Record:
    given = _renamed(_named(drawn, firm), "Contacts") | {"Account_Name": named("Accounts", account)}
    if place % 20 == 3:
        given["Customer_Number"] = f"C-{90_000 + place}"
    return made(world, "Contacts", {**given, "Owner": _owner(world, drawn)})


def _deal(world: World, drawn: random.Random, contact: Record) -> Record:
    pipeline = drawn.choice(list(PIPELINES))
    links = {"Account_Name": contact["Account_Name"], "Contact_Name": named("Contacts", contact)}
    given = {"Deal_Name": f"{contact['Account_Name']['name']} {drawn.choice(OPTIONS['Interests'])}",
             "Pipeline": pipeline, "Stage": drawn.choice(list(PIPELINES[pipeline])),
             "Amount": drawn.randrange(5, 900) * 100, "Type": drawn.choice(OPTIONS["Type"]),
             "Closing_Date": iso_offset(world.now + 90 * _DAY)[:10]}  # fmt: skip
    return made(world, "Deals", {**given, **links, "Owner": _owner(world, drawn)})


def _lead(
    world: World, drawn: random.Random, firms: list[_Firm], contacts: list[Record], leads: list[Record], place: int
) -> Record:
    firm = drawn.choice(firms)
    given = _named(drawn, firm) | {"Company": firm.name} | _particulars(world, drawn, place)
    given |= _twin(drawn, contacts, leads, place)
    if place % 25 == 7:
        del given["Company"]
    names = [name for name in TAGS if drawn.random() < 0.2]
    record = made(world, "Leads", {**given, "Tag": tags(world, "Leads", names), "Owner": _owner(world, drawn)})
    if place % 5 == 0:
        put(world, "Notes", "Leads", record["id"], {"Note_Title": None, "Note_Content": drawn.choice(NOTES)})
    if place % 11 == 0:
        put(world, "attachment", "Leads", record["id"], {"File_Name": f"offer-{place}.pdf", "Size": "20480"})
    return record


def _particulars(world: World, drawn: random.Random, place: int) -> Record:
    """Return standard and custom fields, of every type; a lead has some of them."""
    soon = world.now + drawn.randrange(3, 60) * _DAY
    every = {
        "Lead_Source": drawn.choice(OPTIONS["Lead_Source"]), "Lead_Status": drawn.choice(OPTIONS["Lead_Status"]),
        "Industry": drawn.choice(OPTIONS["Industry"]), "No_of_Employees": drawn.randrange(1, 3000),
        "Annual_Revenue": drawn.randrange(1, 500) * 25_000, "Description": drawn.choice(NOTES),
        "Legacy_Number": str(10**17 + drawn.randrange(10**12)), "Lead_Score": drawn.randrange(100),
        "Distance_Km": drawn.randrange(1, 90_000) / 10, "Budget": drawn.randrange(1, 400) * 250,
        "Discount": drawn.randrange(0, 300) / 10, "Trial_Start": iso_offset(soon)[:10], "Next_Call": iso_offset(soon),
        "Newsletter": drawn.random() < 0.5, "Segment": drawn.choice(OPTIONS["Segment"]),
        "Interests": drawn.sample(OPTIONS["Interests"], 2), "Remarks": drawn.choice(NOTES),
        "LinkedIn": f"https://www.linkedin.com/in/example-{place}", "Account_Manager": _owner(world, drawn),
        "Second_Phone": _phone(drawn, COUNTRIES[place % len(COUNTRIES)]), "Shoe_Size": str(drawn.randrange(35, 48)),
        "Billing_Email": f"billing{place}@example.com",
    }  # fmt: skip
    some = {name: value for name, value in every.items() if drawn.random() < 0.6}
    return {**some, "Customer_Number": f"C-{place + 2:05}"}


def _twin(drawn: random.Random, contacts: list[Record], leads: list[Record], place: int) -> Record:
    """Return what makes some leads duplicates: of a contact by e-mail, by customer number, or of another lead."""
    if place % 20 == 9:
        contact = drawn.choice(contacts)
        return {"Email": contact["Email"].upper(), "Company": contact["Account_Name"]["name"]}
    if place % 60 == 13:
        return {"Customer_Number": contacts[3 + 20 * (place // 60 % 3)]["Customer_Number"]}
    if place % 20 == 17:
        other = drawn.choice(leads)
        return {key: other[key] for key in ("First_Name", "Last_Name", "Email")} | {"Company": "Zylker Inc."}
    return {}


def _converted(world: World, drawn: random.Random, lead: Record) -> None:
    pipeline = drawn.choice(list(PIPELINES))
    deal = {"Deal_Name": f"{lead['Last_Name']} {drawn.choice(OPTIONS['Interests'])}", "Pipeline": pipeline,
            "Stage": next(iter(PIPELINES[pipeline])), "Closing_Date": iso_offset(world.now + 60 * _DAY)[:10],
            "Amount": drawn.randrange(5, 500) * 100}  # fmt: skip
    plan = Plan(deal=deal if drawn.random() < 0.6 else None, tags={"Contacts": [tag["name"] for tag in lead["Tag"]]})
    carry_out(world, int(lead["id"]), lead, plan)
