"""What a note and a file are on Zoho's wire (zoho/crm-oas, the vendor's own description of v8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from leadlens.codecs import Codec, Unfit, Unsayable, iso_offset, one, text
from leadlens.crosswalk import READ, Crosswalk, absent, field, ignored
from leadlens.model import JSON, About, Attachment, Note
from leadlens.references import of_space, picklist
from leadlens_zoho.values import ID, lookup

_KINDS: Final[Mapping[str, str]] = {"Leads": "lead", "Contacts": "contact", "Accounts": "company", "Deals": "deal"}

ABOUT = Crosswalk(
    About,
    "zoho.parent",
    field(
        "kind", "module.api_name", picklist(_KINDS), required="Zoho needs the module of the record that a note is about"
    ),
    field("id", "id", of_space(ID, "record"), required="Zoho needs the record that a note is about"),
    *ignored(("module.id", "name"), "leadlens keeps the kind and the id of what a note is about"),
)

_NO_PLACE = "leadlens has no place for it yet"
NOTE = Crosswalk(
    Note,
    "zoho.note",
    field("id", "id", of_space(ID, "note"), access=READ),
    field("title", "Note_Title", text),
    field("text", "Note_Content", text, required="a Zoho note needs a text"),
    field("about", "Parent_Id", one(ABOUT), required="a Zoho note needs its record"),
    field("author", "Created_By", lookup("user"), access=READ),
    field("created_at", "Created_Time", iso_offset, access=READ),
    field("modified_at", "Modified_Time", iso_offset, access=READ),
    *ignored(("Owner", "Modified_By"), _NO_PLACE),
    *ignored(("$attachments", "$voice_note", "$size"), "what hangs on a note is not carried"),
    *ignored(("$editable", "$is_shared_to_client", "$sharing_permission", "$state"), "it describes Zoho's own screens"),
)


def _read_size(wire: JSON) -> int:
    if wire.__class__ is int:
        return int(wire)
    if wire.__class__ is str and wire.isascii() and wire.isdigit() and len(wire) <= 16:
        return int(wire)
    raise Unfit("a number of bytes as text")


def _write_size(size: int) -> str:
    if not 0 <= size < 10**16:
        raise Unsayable("coerced", "a file has from 0 to some 10^16 bytes")
    return str(size)


SIZE = Codec(
    "a number of bytes as text", _read_size, _write_size, {"type": "string", "pattern": "^(0|[1-9][0-9]{0,11})$"}
)
ATTACHMENT = Crosswalk(
    Attachment,
    "zoho.attachment",
    field("id", "id", of_space(ID, "attachment"), required="Zoho's replies always have it"),
    field("name", "File_Name", text),
    field("size", "Size", SIZE),
    field("about", "Parent_Id", one(ABOUT)),
    field("author", "Created_By", lookup("user")),
    field("created_at", "Created_Time", iso_offset),
    field("modified_at", "Modified_Time", iso_offset),
    absent("media_type", "Zoho tells no media type; the name of the file ends with one"),
    *ignored(("Owner", "Modified_By"), _NO_PLACE),
    author="vendor",
)
