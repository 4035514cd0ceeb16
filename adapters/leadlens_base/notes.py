"""What a note and a file (Base calls it a document) are on Base's wire.

Sources: …/sales-crm/resources/notes by the attribute lists of the vendor's own clients [third-party];
…/sales-crm/resources/documents.
"""

from __future__ import annotations

from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, iso_z, text, whole
from leadlens.crosswalk import READ, Crosswalk, absent, field, ignored
from leadlens.model import JSON, About, Attachment, Note
from leadlens.references import integer_id, of_space
from leadlens_base.values import USER

_KINDS = ("lead", "contact", "deal")


def _read_about(kind: JSON, identity: JSON) -> About | None:
    if kind is not None and kind.__class__ is not str:
        raise Unfit("the kind of a record")
    number = None if identity is None else integer_id.decode(identity)
    return None if kind is None or number is None else About(kind=kind, id=number)


def _write_about(about: About) -> tuple[JSON, JSON]:
    kind = "contact" if about.kind == "company" else about.kind
    if kind not in _KINDS or about.id is None:
        raise Unsayable("unmapped_option", "Base keeps notes on leads, contacts, companies and deals, by their ids")
    return kind, integer_id.encode(about.id)


ABOUT = Codec(
    "the kind and id of a record", _read_about, _write_about,
    ({"type": "string", "enum": list(_KINDS)}, integer_id.schema), ids="record",
    lossy=Lossy("narrowed", "Base keeps companies among its contacts, and a note does not tell which it is on", "note"),
)  # fmt: skip

NOTE = Crosswalk(
    Note,
    "base.note",
    field("id", "id", of_space(integer_id, "note"), access=READ),
    field("text", "content", text, required="a Base note needs a text"),
    field("about", ("resource_type", "resource_id"), ABOUT, required="a Base note needs its record"),
    field("author", "creator_id", USER, access=READ),
    field("created_at", "created_at", iso_z, access=READ),
    field("modified_at", "updated_at", iso_z, access=READ),
    absent("title", "a Base note has no title"),
    *ignored(("is_important", "tags", "type"), "leadlens has no place for it yet"),
)

_ALWAYS = "Base's replies always have it"
ATTACHMENT = Crosswalk(
    Attachment,
    "base.attachment",
    field("id", "id", of_space(integer_id, "attachment"), required=_ALWAYS),
    field("name", "name", text, required=_ALWAYS),
    field("size", "size", whole),
    field("media_type", "content_type", text),
    field("about", ("resource_type", "resource_id"), ABOUT, required=_ALWAYS),
    field("author", "creator_id", USER),
    field("created_at", "created_at", iso_z),
    field("modified_at", "updated_at", iso_z),
    *ignored("download_url", "it opens the file to whoever has it, for 90 minutes"),
    author="vendor",
)
