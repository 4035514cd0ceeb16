"""What an account has: users, pipelines, stages, fields, tokens; and what it is from the beginning, with demo data."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from leadlens.emulation.clock import iso_utc
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_pipedrive.sandbox import convert, leads, records
from leadlens_pipedrive.sandbox.dress import answer
from leadlens_pipedrive.sandbox.reading import by_cursor, query_of

_USERS: Final = (
    ("Sandra Box", "sandra@example.com"),
    ("Jürgen Müller", "juergen@example.com"),
    ("Aiko Tanaka", "aiko@example.com"),
)
_PIPELINES: Final = {
    "Sales Pipeline": ("Incoming", "Qualified", "Quote", "Closure"),
    "Partner Programme": ("Introduced", "Agreement"),
}
CHANNELS: Final = ("Website", "Trade fair", "Referral", "Newsletter", "Cold call")
_FIELDS: Final = {
    "deal": (("External ID", "varchar"), ("Region", "enum"), ("Budget", "double")),
    "person": (("External ID", "varchar"), ("Newsletter", "enum")),
    "organization": (("External ID", "varchar"),),
}
_OPTIONS: Final = {"Region": ("North", "South", "East", "West"), "Newsletter": ("Yes", "No")}
_PEOPLE: Final = ("Ana Souza", "Zoë Lefèvre", "Björn Weiß", "Łukasz Żak", "美咲 田中", "Grace O'Connor")
LEADS: Final = 24


def key_of(kind: str, name: str) -> str:
    """Return the key of a custom field: 40 hexadecimal digits, the same in every account of the sandbox."""
    return hashlib.blake2b(f"{kind}:{name}".encode(), digest_size=20).hexdigest()


def setup(world: World, drawn: random.Random) -> None:
    """Make what every account has."""
    for name, email in _USERS:
        _kept(world, "user", name=name, email=email, active_flag=True, is_deleted=False, is_you=name == _USERS[0][0])
    for order, (name, stages) in enumerate(_PIPELINES.items(), 1):
        pipeline = _kept(world, "pipeline", name=name, order_nr=order, is_deleted=False)["id"]
        for place, stage in enumerate(stages, 1):
            _kept(world, "stage", name=stage, order_nr=place, pipeline_id=pipeline, is_deleted=False)
    options = [{"id": at, "label": name} for at, name in enumerate(CHANNELS, 1)]
    _field(world, "deal", "channel", "Source channel", "enum", options)
    for kind, fields in _FIELDS.items():
        for name, type_ in fields:
            own = [{"id": 10 * at, "label": one} for at, one in enumerate(_OPTIONS.get(name, ()), 1)]
            _field(world, kind, key_of(kind, name), name, type_, own or None)


def _kept(world: World, kind: str, **facts: Any) -> Record:
    number = world.store.next_id(kind)
    record = {"id": number, **facts, "add_time": iso_utc(world.now)}
    world.store.create(kind, number, record)
    return record


def _field(world: World, of: str, code: str, name: str, type_: str, options: list[Record] | None) -> None:
    field = {"field_code": code, "field_name": name, "field_type": type_, "options": options, "description": ""}
    more = {"is_custom_field": len(code) == 40, "is_optional_response_field": False, "subfields": None}
    world.store.create("field", world.store.next_id("field"), {**field, **more, "of": of})


def demo(world: World, drawn: random.Random) -> None:
    """Make leads of the last month with their persons and organizations, and convert some."""
    start = world.now
    made = []
    for at in range(LEADS):
        world.now = start - (LEADS - at) * 86_400.0
        name = f"{_PEOPLE[at % len(_PEOPLE)]}{'' if at < len(_PEOPLE) else f' {at}'}"
        mail = [{"value": f"person{at}@demo.example", "label": "work", "primary": True}]
        firm = records.made(world, "organization", {"name": f"Demo Bakery {at}"})
        person = records.made(world, "person", {"name": name, "emails": mail, "org_id": firm["id"]})
        value = {"amount": drawn.randrange(1, 90) * 100, "currency": "EUR"} if at % 3 else None
        given = {"title": name, "person_id": person["id"], "organization_id": firm["id"], "value": value}
        made.append(leads.made(world, {**given, "channel": at % len(CHANNELS) + 1}))
    for lead in made[::4]:
        number, _ = leads.found(world, lead["id"])
        world.store.delete("lead", number, what="converted")
        convert.deal_of(world, lead, {})
    world.now = start


# --- calls -----------------------------------------------------------------------------------------------------------


def _users(world: World, request: Request) -> Reply:
    query_of(request, ())
    return answer([record for _, record in world.store.iterate("user")])


def _me(world: World, request: Request) -> Reply:
    return answer(world.store.get("user", records.ME))


def _listed(world: World, request: Request, *, kind: str) -> Reply:
    found = query_of(request, ("limit", "cursor", "sort_by", "sort_direction", "pipeline_id"))
    every = (
        one for _, one in world.store.iterate(kind) if found.get("pipeline_id") in (None, str(one.get("pipeline_id")))
    )
    return by_cursor(found, every, lambda one: one)


def _fields(world: World, request: Request, *, kind: str) -> Reply:
    found = query_of(request, ("limit", "cursor", "include_fields"))

    def every() -> Iterator[Record]:
        yield from (one for _, one in world.store.find("field", "of", kind))

    return by_cursor(found, every(), lambda one: {key: value for key, value in one.items() if key != "of"})


def token(world: World, request: Request) -> Reply:
    """``POST /oauth/token``: a token for any code or refresh token but an empty one and ``expired``."""
    given = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if given.get("grant_type") not in ("refresh_token", "authorization_code"):
        return Reply(400, {"success": False, "error": "unsupported_grant_type"})
    if given.get("refresh_token", given.get("code", "")) in ("", "expired"):
        return Reply(400, {"success": False, "error": "invalid_grant"})
    granted = {"access_token": world.token("access"), "token_type": "Bearer", "refresh_token": world.token("refresh")}
    return Reply(200, {**granted, "expires_in": 3600, "scope": "base", "api_domain": world.url})


ROUTES: Final = (
    Route("GET", "/api/v1/users", "get_users", _users),
    Route("GET", "/api/v1/users/me", "get_current_user", _me),
    Route("GET", "/api/v2/pipelines", "get_pipelines", partial(_listed, kind="pipeline")),
    Route("GET", "/api/v2/stages", "get_stages", partial(_listed, kind="stage")),
    *(
        Route("GET", f"/api/v2/{kind}Fields", f"get_{kind}_fields", partial(_fields, kind=kind))
        for kind in ("deal", "person", "organization")
    ),
    Route("POST", "/oauth/token", "get_tokens", token, open=True),
)
