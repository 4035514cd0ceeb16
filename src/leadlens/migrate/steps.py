"""What has to be written for one conversion: the lead, the calls of the convert, and the records that it made."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Mapping
from typing import Any

import attrs

from leadlens.client import Client, Plan
from leadlens.conversion import (
    CompanyTarget,
    ContactTarget,
    ConvertRequest,
    Existing,
    Match,
    MatchKey,
    NewCompany,
    NewContact,
    NewDeal,
    Nothing,
    UpsertRequest,
    VendorDefault,
)
from leadlens.decoding import dumps
from leadlens.errors import UsageError
from leadlens.flow import Call
from leadlens.loss import Loss
from leadlens.migrate.crossing import Crossed, Crossing, has_tags, marker, number, remembered
from leadlens.migrate.origin import KINDS, Bundle
from leadlens.model import About, CustomField, Note, PersonName, Ref, is_given
from leadlens.operations import Planned, PlannedNote

Links = Mapping[str, Mapping[str, str]]
ANY_LINK = "1"
"""Stands for the id of a record that is not there yet, while losses are counted."""


@attrs.frozen
class Key:
    """A custom field of the target's leads that holds an id of the migration: a number, or a text."""

    definition: Ref
    numeric: bool = False

    @staticmethod
    def of(text: str) -> Key:
        """Read ``NAME``, ``ID``, ``NAME:number`` or ``ID:number``."""
        name, _, kind = text.partition(":")
        if kind not in ("", "number", "text") or not name:
            raise UsageError(f"--key {text}: give the field of leads, and :number where it holds numbers")
        return Key(Ref(name, name), kind == "number")

    def value(self, op_id: str) -> Any:
        """Return what the field holds for an operation."""
        return number(op_id) if self.numeric else marker(op_id)

    def is_on(self, record: Any, op_id: str) -> bool:
        """Tell whether a record has the value of an operation in this field."""
        own = [field.value for field in record.custom_fields if field.definition == self.definition]
        return self.value(op_id) in own


@attrs.frozen(kw_only=True)
class Maker:
    """Makes the writes of one conversion for a target. ``key`` is the field of leads to find them by, if any."""

    crossing: Crossing
    client: Client
    key: Key | None = None
    remember: bool = True

    # --- records ---

    def crossed(self, kind: str, bundle: Bundle, op_id: str, links: Links) -> Crossed:
        """Return a record of the conversion as the target can hold it, with our marks on it."""
        record: Any = bundle.record(kind)
        found = self.crossing.record(kind, record, links, _needed(kind, bundle))
        tags = (*found.record.tags, *self.marks(kind, bundle, op_id))
        losses = (*found.losses, *self._unrecorded(kind, found.record))
        return Crossed(attrs.evolve(found.record, tags=tags), losses)

    def _unrecorded(self, kind: str, record: Any) -> list[Loss]:
        """Return what of a record the target is sent, and may not keep."""
        there = ((loss, loss.path.split(".")) for loss in self.client.operations.unrecorded)
        return [loss for loss, (of, *path) in there if of == kind and _is_said(record, path)]

    def marks(self, kind: str, bundle: Bundle, op_id: str) -> tuple[str, ...]:
        """Return the tags that a record gets: whose it is, and what is remembered of its conversion.

        The lead has them too: where a conversion takes tags along, its records need no write for them.
        """
        if not has_tags(self.client.adapter, kind):
            return ()
        more = remembered(self.crossing.source, bundle.conversion) if self.remember else ()
        return (marker(op_id), *more)

    @property
    def _tagged(self) -> bool:
        return all(has_tags(self.client.adapter, kind) for kind in KINDS[1:])

    def losses(self, bundle: Bundle, decision: str) -> tuple[Loss, ...]:
        """Return what is lost of a conversion, whatever ids its records will have."""
        links = any_links(bundle)
        kinds = [kind for kind in KINDS if bundle.record(kind) is not None and (kind != "lead" or decision == "replay")]
        found = [loss for kind in kinds for loss in self.crossed(kind, bundle, "", links).losses]
        if decision == "replay":
            found += self._of_lead(bundle)
            if not self.client.adapter.keeps_leads:
                told = "the target takes a lead away when it is converted; what it became keeps what it has room for"
                found.append(Loss("lead", "left_out", told))
        elif decision == "update":
            found.append(Loss("lead", "left_out", "a lead that is converted is not changed any more"))
        else:
            kept = "its conversion is remembered on the records" if self._tagged else "nothing keeps its conversion"
            found.append(Loss("lead", "instead", f"it becomes no lead in the target; {kept}"))
        return tuple(dict.fromkeys((*found, *self._of_notes(bundle), *self._of_conversion(bundle))))

    def _of_notes(self, bundle: Bundle) -> list[Loss]:
        """Return what is lost of the notes."""
        create, about = self.client.operations.create_note, About(kind="contact", id=ANY_LINK)
        if create is None:
            return [Loss("note", "absent", "the target takes no notes from here")] if bundle.notes else []
        whole = [attrs.evolve(note, about=about) for note in bundle.notes]
        return [loss.below("note") for note in whole for loss in create(note).losses]

    def note(self, note: Note, about: About) -> PlannedNote:
        """Return how a note is written on a record of the target."""
        create = self.client.operations.create_note
        if create is None:
            raise UsageError("the target takes no notes from here")
        return create(Note(title=note.title, text=note.text, about=about))

    def _of_lead(self, bundle: Bundle) -> list[Loss]:
        """Return what of the lead is changed so that the convert makes the right records."""
        asked = (
            ConvertRequest(lead_id=ANY_LINK, contact=self._contact(bundle, links), company=self._company(bundle, links))
            for links in ({}, any_links(bundle))
        )
        if all(call.name != "lead" for request in asked for call in self.client.plan(request).calls):
            return []
        told = "the target makes records from it, so that it is changed before the convert"
        found = [Loss("lead.company_name", "instead", told)]
        if bundle.lead is None or bundle.lead.name is None or not bundle.lead.name.last:
            found.append(Loss("lead.name", "instead", told))
        return found

    def _of_conversion(self, bundle: Bundle) -> list[Loss]:
        """Return what the target cannot say of the conversion itself."""
        tagged = self.remember and self._tagged
        made, level = bundle.conversion, "note" if tagged else "loss"
        kept = "a tag keeps it" if tagged else "nothing keeps it"
        told: tuple[tuple[str, object, str], ...] = (
            ("conversion.converted_at", made.converted_at, "the target sets the time of a conversion itself"),
            ("conversion.converted_by", made.converted_by, "the target sets who converted it itself"),
            ("conversion.id", made.id or made.lead_id, "ids belong to an account"),
        )
        return [
            Loss(path, "read_only", f"{why}; {kept}", level)  # type: ignore[arg-type]  # one of the two levels
            for path, value, why in told
            if value is not None
        ]

    # --- the lead ---

    def check_key(self) -> None:
        """Raise :class:`UsageError` where leads of the target cannot be found again without a field of their own."""
        if self.key is None and (self.client.operations.create is None or not has_tags(self.client.adapter, "lead")):
            raise UsageError("the target's leads need a field to be found by: --key FIELD")

    def lead(self, bundle: Bundle, op_id: str) -> Planned:
        """Return how the lead is written: by the key that finds it again, or as a new one."""
        record = self.crossed("lead", bundle, op_id, {}).record
        operations = self.client.operations
        if self.key is None:
            self.check_key()
            assert operations.create is not None, "check_key has looked"
            return operations.create(record)
        value = self.key.value(op_id)
        field = CustomField(definition=self.key.definition, value=value)
        record = attrs.evolve(record, custom_fields=(*record.custom_fields, field))
        match = (MatchKey(definition=self.key.definition, value=None),)
        return operations.upsert(UpsertRequest(record=record, match=match))

    # --- the conversion ---

    def convert(self, bundle: Bundle, lead_id: str, links: Links) -> Plan:
        """Return the calls of the convert; what completes the records comes after, from the records themselves."""
        request = ConvertRequest(
            lead_id=lead_id,
            contact=self._contact(bundle, links),
            company=self._company(bundle, links),
            deal=self._deal(bundle, links),
        )
        plan = self.client.plan(request)
        return attrs.evolve(plan, calls=tuple(call for call in plan.calls if call.step != "after"))

    def _contact(self, bundle: Bundle, links: Links) -> ContactTarget:
        if bundle.contact is None:
            return Nothing()
        there = links.get("contact", {}).get(bundle.contact.id or "")
        if there is not None and self.can(ConvertRequest(lead_id="1", contact=Existing("1")), "contact"):
            return Existing(there)
        last = None if bundle.lead is None or bundle.lead.name is None else bundle.lead.name.last
        if not last:
            return NewContact(name=bundle.contact.name)
        return VendorDefault()

    def _company(self, bundle: Bundle, links: Links) -> CompanyTarget:
        if bundle.company is None:
            return Nothing()
        there = links.get("company", {}).get(bundle.company.id or "")
        if there is not None:
            linkable = self.can(ConvertRequest(lead_id="1", company=Existing("1")), "company")
            return Existing(there) if linkable else Nothing()
        name, named = bundle.company.name, bundle.lead is not None and bundle.lead.company_name
        default = self.client.adapter.defaults.get("company")
        if named and default is not None and default.code == "new":
            return VendorDefault()
        if default is not None and default.code == "new":
            return NewCompany(name=name)
        return Match(name) if name else VendorDefault()

    def _deal(self, bundle: Bundle, links: Links) -> NewDeal | Nothing:
        if bundle.deal is None:
            return Nothing()
        deal = self.crossing.record("deal", bundle.deal, links, _needed("deal", bundle)).record
        names = ("name", "value", "pipeline", "stage", "close_date", "probability")
        return NewDeal(**{name: getattr(deal, name) for name in names})

    def can(self, request: ConvertRequest, path: str) -> bool:
        """Tell whether the target's convert can do this; what it can once, it can always."""
        key = (request.contact, request.company, request.deal)
        if key not in self._abilities:
            lost = self.client.plan(request).losses
            self._abilities[key] = frozenset(loss.path for loss in lost if loss.reason == "absent")
        return path not in self._abilities[key]

    @functools.cached_property
    def _abilities(self) -> dict[Any, frozenset[str]]:
        return {}

    @property
    def by_mail(self) -> bool:
        """Whether the target has one contact per e-mail address, and its conversions find it by that."""
        default = self.client.adapter.defaults.get("contact")
        return default is not None and default.code == "by e-mail"

    def refused_shape(self, bundle: Bundle, *, contact_there: bool) -> str | None:
        """Return why the target cannot convert a lead into these records, or None where it can."""
        if bundle.contact is None and not self.can(ConvertRequest(lead_id="1", contact=Nothing()), "contact"):
            return "the target makes a contact of every conversion, and this one has none"
        if bundle.deal is None and not self.can(ConvertRequest(lead_id="1", deal=Nothing()), "deal"):
            return "the target makes a deal of every conversion, and this one has none"
        named = self.can(ConvertRequest(lead_id="1", contact=Existing("1")), "contact")
        if bundle.contact is not None and contact_there and not named and not self.by_mail:
            return "the target has the contact already, and its conversions always make a new one"
        return None

    # --- the records after it ---

    def completion(self, kind: str, bundle: Bundle, op_id: str, links: Links) -> Planned:
        """Return how a record that the conversion made becomes what it was in the source."""
        update = self.client.operations.update
        if update is None:
            raise UsageError("the target's records cannot be written by their ids")
        record = self.crossed(kind, bundle, op_id, links).record
        source: Any = bundle.record(kind)
        return update(links[kind][source.id], record)

    def creation(self, kind: str, bundle: Bundle, op_id: str, links: Links) -> Planned:
        """Return how a record is made that no conversion can make."""
        create = self.client.operations.create
        if create is None:
            raise UsageError("the target's records cannot be created one by one")
        return create(self.crossed(kind, bundle, op_id, links).record)


def any_links(bundle: Bundle) -> dict[str, dict[str, str]]:
    """Return links as if every record of a conversion were there."""
    return {kind: {record.id or "": ANY_LINK} for kind in KINDS if (record := bundle.record(kind)) is not None}


def _needed(kind: str, bundle: Bundle) -> dict[str, Any]:
    """Return what stands in for a deal's closing date: the day of the conversion."""
    when = bundle.conversion.converted_at
    if kind != "deal" or when is None:
        return {}
    day: dt.date = when.date()
    return {"close_date": day}


def _is_said(value: Any, path: list[str]) -> bool:
    """Tell whether a record says something at a path; of a name's parts only those that its words do not tell."""
    for name in path:
        if name == "parts" and isinstance(value, PersonName):
            return [value.first, value.last] != (value.display or "").split()
        value = getattr(value, name, None)
    return is_given(value)


def digest(call: Call) -> str:
    """Return what stands for a call in the ledger."""
    return hashlib.sha256(dumps([call.method, call.path, dict(call.query), call.body])).hexdigest()
