"""Every documented exchange of Zoho's is played again: what was published is what the sandbox answers.

Ids that the vendor made during the published call cannot be known, and the published sample of a conversion answers
another contact's id than the one that was asked for; such ids are left out of the comparison.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from tests.contracts import SPECS, check_reply
from tests.sandbox.zoho_calls import call

from leadlens.emulation.vendor import World
from leadlens.sandbox import Sandbox
from leadlens_zoho.sandbox.shape import kept
from leadlens_zoho.sandbox.values import tags

_FOLDER: Final = SPECS / "zoho" / "exchanges"
_PIPELINES: Final = "list_pipelines.json"
EXCHANGES: Final = sorted(path.name for path in _FOLDER.glob("*.json") if path.name != _PIPELINES)
LEAD: Final = 3652397000007566544


def _conversion(world: World) -> None:
    kept(world, "Accounts", 3652397000000624046, {"Account_Name": "Zylker"})
    kept(world, "Contacts", 3652397000000624640, {"First_Name": "Paul", "Last_Name": "Daly"})
    given = {"Last_Name": "Daly", "First_Name": "Paul", "Company": "Zylker"}
    kept(world, "Leads", LEAD, given | {"Tag": tags(world, "Leads", ["tag1", "tag2"])})


def _options(world: World) -> None:
    account = kept(world, "Accounts", 4876876000007421010, {"Account_Name": "Zylker Biotech"})
    link = {"Account_Name": {"id": account["id"], "name": "Zylker Biotech"}}
    pat = {"First_Name": "Pat", "Last_Name": "Boyle"}
    kept(world, "Contacts", 4876876000007437017, {"Last_Name": "Boyle", "Email": "pat.boyle@zylker.com"})
    kept(world, "Contacts", 4876876000007421001, {**pat, "Phone": "9844444444", **link})
    known = {"Email": "pat.boyle@zylker.com", "Phone": "9844444444", "Company": "Zylker Biotech"}
    kept(world, "Leads", LEAD, pat | known)


BEFORE: Final[dict[str, Callable[[World], None]]] = {"convert_lead": _conversion, "list_conversion_options": _options}


def without_ids(value: Any, own: set[str]) -> Any:
    """Return a reply without the ids that the test does not know, in an order of its own."""
    if isinstance(value, dict):
        return {key: without_ids(inner, own) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return sorted((without_ids(inner, own) for inner in value), key=repr)
    return "(id)" if isinstance(value, str) and value.isdigit() and len(value) == 19 and value not in own else value


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_documented_exchange_is_played_again(name: str) -> None:
    """The published request gets the published reply; a half that was not published is held against the contract."""
    recorded = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    with Sandbox(data="empty", vendors=["zoho"]) as sandbox:
        with sandbox.world("zoho") as world:
            BEFORE[recorded["operation"]](world)
        request = recorded["request"] or {"method": "GET", "path": f"/crm/v6/Leads/{LEAD}/__conversion_options"}
        path = request["path"].partition("/Leads")[2]
        reply = call(sandbox, request["method"], f"/Leads{path}", request.get("body"), recorded["version"])
        assert reply.status_code == 200
        if recorded["reply"]:
            assert recorded["reply"]["status"] == 200
            own = {"3652397000000624046", "4876876000007421010", "4876876000007437017", "4876876000007421001"}
            assert without_ids(comparable(reply.json()), own) == without_ids(comparable(recorded["reply"]["body"]), own)
            assert check_reply("zoho", request["method"], request["path"], 200, reply.json()) == []


def comparable(body: Any) -> Any:
    """Leave out what stands in the published options for the account's own set-up."""
    options = body.get("__conversion_options")
    if options is None:
        return body
    kept_ = {key: value for key, value in options.items() if key != "modules_with_multiple_layouts" and value != []}
    kept_["Contacts"] = [{k: v for k, v in one.items() if k != "Data_Processing_Basis"} for one in options["Contacts"]]
    return kept_


def test_the_documented_pipelines_are_told_in_the_same_words() -> None:
    """What both accounts have is told alike: the same keys everywhere, and the same of each stage but its id."""
    published = json.loads((_FOLDER / _PIPELINES).read_text(encoding="utf-8"))["reply"]["body"]["pipeline"]
    with Sandbox(data="empty", vendors=["zoho"]) as sandbox:
        (layout,) = call(sandbox, "GET", "/settings/layouts", None, "v7", module="Deals").json()["layouts"]
        reply = call(sandbox, "GET", "/settings/pipeline", None, "v7", layout_id=layout["id"])
    here = {one["actual_value"]: one for one in reply.json()["pipeline"]}
    assert {frozenset(one) for one in here.values()} == {frozenset(one) for one in published}
    (same,) = (one for one in published if one["actual_value"] in here)
    stages = {stage["actual_value"]: stage for stage in here[same["actual_value"]]["maps"]}
    shared = [(stages[one["actual_value"]], one) for one in same["maps"] if one["actual_value"] in stages]
    assert len(shared) == 7
    assert all({**mine, "id": one["id"], "sequence_number": one["sequence_number"]} == one for mine, one in shared)
    assert same["default"] is here[same["actual_value"]]["default"] is True


def test_every_exchange_is_there() -> None:
    """The folder is not empty."""
    assert len(EXCHANGES) >= 4
    assert (_FOLDER / _PIPELINES).exists()
