"""What has changed in the target between the draft and a request stops the request before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from tests.tenants import settled

import leadlens
from leadlens.catalogue import Definition
from leadlens.client import Client
from leadlens.conversion import ConvertRequest, MatchKey, NewDeal, UpsertRequest
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.reading import parse_mapping
from leadlens.errors import MappingError, UsageError
from leadlens.ledger import Ledger
from leadlens.mapped import LOOKED_UP_FOR
from leadlens.model import CustomField, Email, Lead, PersonName, Ref
from leadlens.sandbox import Sandbox
from leadlens.tenant.draft import drafted


@attrs.frozen
class Scene:
    """A sandbox, a client of its Copper account, and a decided mapping from Zoho into it."""

    box: Sandbox
    copper: Client
    zoho: Client
    mapping: AccountMapping

    def field(self, name: str) -> Definition:
        """Return a field of Zoho's leads."""
        return self.mapping.source.definitions["lead"][name]

    def request(self, name: str = "Ada", **own: Any) -> UpsertRequest:
        """Return the upsert of a lead with own fields of Zoho, by their names with underscores."""
        fields = tuple(
            CustomField(definition=Ref(None, self.field(label.replace("_", " ")).key), value=value)
            for label, value in own.items()
        )
        lead = Lead(
            name=PersonName(first=name, last="Byron"), emails=(Email(address=f"{name.lower()}@acme.example"),),
            custom_fields=fields,
        )  # fmt: skip
        return UpsertRequest(record=lead, match=(MatchKey(field="email"),))

    def there(self, label: str) -> tuple[int, dict[str, Any]]:
        """Return the definition in Copper that a field of Zoho's goes to."""
        rule = next(rule for rule in self.mapping.kinds["lead"].fields if rule.label == label)
        identity = int(self.mapping.target.definitions["lead"][rule.said].id or "")
        return identity, self.box.store("copper").get("definition", identity) or {}

    def change(self, label: str, **facts: Any) -> None:
        """Change a definition in Copper behind the mapping's back."""
        identity, now = self.there(label)
        self.box.store("copper").replace("definition", identity, {**now, **facts})

    def writes(self) -> int:
        """Return how many changes Copper has seen."""
        return sum(1 for change in self.box.truth.changes("copper", "lead") if change.sequence)

    def refused(self, told: str, request: UpsertRequest | None = None) -> None:
        """Show that an upsert is refused, with the line, and that nothing was sent that changes anything."""
        before = self.writes()
        with pytest.raises(MappingError, match=rf"mapping\.toml:[0-9]+: .*{told}"):
            self.copper.upsert(request or self.request(Newsletter=True), mapping=self.mapping)
        assert self.writes() == before


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Give two accounts and a mapping of them."""
    with Sandbox(seed=7) as box:
        zoho, copper = (leadlens.connect(name, sandbox=box) for name in ("zoho", "copper"))
        mapping = parse_mapping(settled(drafted(zoho.catalogue(), copper.catalogue()).text))
        yield Scene(box, copper, zoho, mapping)


def test_an_account_that_has_not_changed_is_written_to(scene: Scene) -> None:
    """The check lets pass what is right, and asks only about the kind that the request uses, once a minute."""
    before = len(scene.box.truth.entries())
    assert scene.copper.upsert(scene.request(Newsletter=True), mapping=scene.mapping).id
    asked = [one.operation for one in scene.box.truth.entries()[before:]]
    assert sum("definition" in name for name in asked) == 1
    assert scene.copper.upsert(scene.request("Bob", Newsletter=True), mapping=scene.mapping).id
    asked = [one.operation for one in scene.box.truth.entries()[before:]]
    assert sum("definition" in name for name in asked) == 1


def test_a_request_that_uses_nothing_of_the_mapping_asks_nothing(scene: Scene) -> None:
    """A vanished field is nothing to a request that does not say it."""
    scene.box.store("copper").delete("definition", scene.there("Newsletter")[0])
    before = len(scene.box.truth.entries())
    assert scene.copper.upsert(scene.request(), mapping=scene.mapping).id
    assert not any("definition" in one.operation for one in scene.box.truth.entries()[before:])


CHANGED: list[tuple[str, Callable[[Scene], None]]] = [
    ("'Newsletter' is no longer there", lambda s: s.box.store("copper").delete("definition", s.there("Newsletter")[0])),
    ("'Newsletter' was boolean, and is text now", lambda s: s.change("Newsletter", data_type="String")),
    ("'Newsletter' is called 'News' now", lambda s: s.change("Newsletter", name="News")),
    ("'Newsletter' is no longer there", lambda s: s.change("Newsletter", available_on=["task"])),
]


@pytest.mark.parametrize(("told", "change"), CHANGED, ids=["vanished", "retyped", "renamed", "elsewhere"])
def test_a_definition_that_changed_is_told_before_anything_is_sent(
    scene: Scene, told: str, change: Callable[[Scene], None]
) -> None:
    """Vanished, of another type, renamed, or no longer shown on leads: one line, and no write."""
    change(scene)
    scene.refused(told)


def test_an_option_that_was_renamed_is_told(scene: Scene) -> None:
    """Its id is still there under another name: whether it means the same is for a person to say."""
    _, now = scene.there("Interests")
    rule = next(rule for rule in scene.mapping.kinds["lead"].options["Interests"] if rule.verdict == "to")
    renamed = [{**one, "name": "Renamed" if one["name"] == rule.said else one["name"]} for one in now["options"]]
    scene.change("Interests", options=renamed)
    scene.refused(f"option '{rule.said}' of .* is called 'Renamed' now", scene.request(Interests=[rule.label]))


def test_a_user_who_has_left_is_told(scene: Scene) -> None:
    """Owners are looked up too."""
    ours = next(iter(scene.mapping.source.choices["user"].values()))
    there = next(iter(scene.mapping.target.choices["user"]))
    rules = tuple(
        attrs.evolve(rule, verdict="to", said=there) if rule.label == str(ours.ref.name) else rule
        for rule in scene.mapping.choices["user"]
    )
    mapping = attrs.evolve(scene.mapping, choices={**scene.mapping.choices, "user": rules})
    deal = NewDeal(name="Pilot", owner=ours.ref)
    plain = scene.request()
    request = attrs.evolve(plain, record=attrs.evolve(plain.record, owner=ours.ref))
    identity = int(scene.mapping.target.choices["user"][there].ref.id or "")
    scene.box.store("copper").delete("user", identity)
    before = scene.writes()
    with pytest.raises(MappingError, match=f"the target has no user '{there}' any more"):
        scene.copper.upsert(request, mapping=mapping)
    lead_id = next(iter(scene.copper.iter_records("lead"))).id
    with pytest.raises(MappingError, match="no user"):
        scene.copper.convert(ConvertRequest(lead_id=lead_id, deal=deal), mapping=mapping, on_loss="ignore")
    assert scene.writes() == before


def test_what_was_read_is_looked_up_again_after_a_minute(scene: Scene) -> None:
    """A client that lives for days does not go on with what it once saw."""
    assert scene.copper.upsert(scene.request(Newsletter=True), mapping=scene.mapping).id
    scene.change("Newsletter", name="News")
    scene.copper.driver.clock.sleep(LOOKED_UP_FOR)
    scene.refused("is called 'News' now")


# --- several at once -------------------------------------------------------------------------------------------------


def test_several_speak_of_the_source_too(scene: Scene) -> None:
    """Each record is carried; losses name its place; what has changed stops all of them."""
    requests = [scene.request("Ada", Newsletter=True), scene.request("Bob", Newsletter=False)]
    done = scene.copper.upsert_many(requests, mapping=scene.mapping)
    assert all(getattr(one, "id", None) for one in done)
    assert scene.writes() == 2
    stranger = attrs.evolve(
        requests[1], record=attrs.evolve(requests[1].record, custom_fields=(CustomField(definition=Ref("1"), value=1),))
    )
    with pytest.raises(leadlens.LossError, match=r"\[1\]\.record\.custom_fields\[0\]: the mapping does not know"):
        scene.copper.upsert_many([requests[0], stranger], mapping=scene.mapping)
    scene.change("Newsletter", data_type="String")
    scene.copper.driver.clock.sleep(LOOKED_UP_FOR)
    before = scene.writes()
    with pytest.raises(MappingError, match="is text now"):
        scene.copper.upsert_many([scene.request("Cyd"), scene.request("Dan", Newsletter=True)], mapping=scene.mapping)
    assert scene.writes() == before


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_stands_for_what_was_sent(scene: Scene, tmp_path: Any) -> None:
    """The same key with a mapping that says something else is refused; with one that says the same, it is the first."""
    with leadlens.connect("copper", sandbox=scene.box, ledger=tmp_path / "l.db") as copper:
        request = scene.request(Newsletter=True)
        first = copper.upsert(request, mapping=scene.mapping, idempotency_key="k")
        again = attrs.evolve(scene.mapping, file="again.toml")
        assert copper.upsert(request, mapping=again, idempotency_key="k") == first
        rules = tuple(
            attrs.evolve(rule, verdict="leave_out", said="not any more") if rule.label == "Newsletter" else rule
            for rule in scene.mapping.kinds["lead"].fields
        )
        other = attrs.evolve(scene.mapping.kinds["lead"], fields=rules)
        changed = attrs.evolve(scene.mapping, kinds={**scene.mapping.kinds, "lead": other})
        with pytest.raises(UsageError, match="this idempotency key was used for another request"):
            copper.upsert(request, mapping=changed, idempotency_key="k")
    assert scene.writes() == 1


def test_a_key_gives_the_first_outcome_whatever_has_changed(scene: Scene, tmp_path: Any) -> None:
    """What is done is told again, and nothing is looked up for it; under a key that nothing was sent for, it is."""
    with leadlens.connect("copper", sandbox=scene.box, ledger=tmp_path / "l.db") as copper:
        request = scene.request(Newsletter=True)
        first = copper.upsert(request, mapping=scene.mapping, idempotency_key="k")
        scene.change("Newsletter", name="News")
        copper.driver.clock.sleep(LOOKED_UP_FOR)
        assert copper.upsert(request, mapping=scene.mapping, idempotency_key="k") == first
        with pytest.raises(MappingError):
            copper.upsert(request, mapping=scene.mapping, idempotency_key="other")
    ledger = Ledger(tmp_path / "l.db")
    assert (ledger.is_begun("k"), ledger.is_begun("other")) == (True, False)
    ledger.close()
