"""What a note and a file are on Copper's wire.

A note is an activity of the type 0 of users (developer.copper.com, activities/update-an-activity.html; creating one is
third-party). A file is told by its record's list (file-upload/list-attached-files-of-an-entity-record.html), which does
not repeat the record.
"""

from __future__ import annotations

from leadlens.codecs import one, text, unix_seconds, whole
from leadlens.crosswalk import READ, Crosswalk, absent, constant, field, ignored
from leadlens.model import About, Attachment, Note
from leadlens.references import integer_id, of_space, picklist, ref_by_id

_USER = ref_by_id(integer_id, "user")
_KINDS = picklist(
    {"lead": "lead", "person": "contact", "company": "company", "opportunity": "deal", "project": "project",
     "task": "task"}
)  # fmt: skip
ABOUT = Crosswalk(
    About,
    "copper.parent",
    field("kind", "type", _KINDS, required="Copper needs the kind of the record that a note is about"),
    field("id", "id", of_space(integer_id, "record"), required="Copper needs the record that a note is about"),
)

NOTE = Crosswalk(
    Note,
    "copper.note",
    field("id", "id", of_space(integer_id, "note"), access=READ),
    constant(None, "type.category", "user"),
    constant(None, "type.id", 0),
    field("text", "details", text, required="a Copper note needs a text"),
    field("about", "parent", one(ABOUT), required="a Copper note needs its record"),
    field("author", "user_id", _USER),
    field("created_at", "activity_date", unix_seconds),
    field("modified_at", "date_modified", unix_seconds, access=READ),
    absent("title", "a Copper note has no title"),
    *ignored("date_created", "it tells when the note was entered; activity_date tells when it was taken"),
    *ignored(("old_value", "new_value"), "they belong to activities that Copper writes itself"),
)

_ALWAYS = "Copper's replies always have it"
ATTACHMENT = Crosswalk(
    Attachment,
    "copper.attachment",
    field("id", "id", of_space(integer_id, "attachment"), required=_ALWAYS),
    field("name", "file_name", text, required=_ALWAYS),
    field("size", "file_size", whole),
    field("media_type", "content_type", text),
    field("author", "creator_id", _USER),
    field("created_at", "date_created", unix_seconds),
    field("modified_at", "date_modified", unix_seconds),
    absent("about", "the list of a record's files does not repeat the record", level="note"),
    *ignored("is_deleted", "it is false of what is listed"),
    author="vendor",
)
