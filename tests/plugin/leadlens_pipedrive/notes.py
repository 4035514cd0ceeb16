"""What a note is on Pipedrive's wire, which is HTML (developers.pipedrive.com/docs/api/v1/Notes, v1)."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Final

from leadlens.codecs import Codec, Lossy, Unfit, Unsayable, iso_z, text
from leadlens.crosswalk import READ, Crosswalk, absent, field, ignored
from leadlens.model import JSON, About, Note
from leadlens.references import integer_id, of_space
from leadlens_pipedrive.values import LEAD_ID, USER

KEYS: Final = {"lead": "lead_id", "deal": "deal_id", "contact": "person_id", "company": "org_id"}
"""The keys that say what a note is on, the most special first."""
_IDS: Final = {"lead": LEAD_ID, "deal": integer_id, "contact": integer_id, "company": integer_id}


def _read_about(*wires: JSON) -> About | None:
    found = [(kind, wire) for kind, wire in zip(KEYS, wires, strict=True) if wire is not None]
    read = []
    for place, (kind, wire) in enumerate(zip(KEYS, wires, strict=True)):
        if wire is not None:
            try:
                read.append(About(kind=kind, id=_IDS[kind].decode(wire)))
            except Unfit as unfit:
                raise Unfit(str(unfit), place=place) from None
    return read[0] if found else None


def _write_about(about: About) -> tuple[JSON, ...]:
    if about.kind not in KEYS or about.id is None:
        raise Unsayable(
            "unmapped_option", "Pipedrive keeps notes on leads, contacts, companies and deals, by their ids"
        )
    return tuple(_IDS[kind].encode(about.id) if kind == about.kind else None for kind in KEYS)


ABOUT: Final = Codec(
    "the record that a note is on", _read_about, _write_about,
    (LEAD_ID.schema, *({"type": "null"} for _ in "dpo")), ids="record",
    lossy=Lossy("narrowed", "a note can be on several records in Pipedrive; of these the most special one counts"),
)  # fmt: skip


def _read_html(wire: JSON) -> str:
    return html.unescape(re.sub(r"<br ?/?>", "\n", text.decode(wire)))


def _write_html(said: str) -> str:
    return html.escape(text.encode(said), quote=False).replace("\n", "<br>")


HTML: Final = text.but(name="a text in HTML", decode=_read_html, encode=_write_html, same=None)


def _read_moment(wire: JSON) -> dt.datetime:
    if wire.__class__ is not str or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", wire):
        raise Unfit("a time of UTC such as 2026-01-31 09:00:00")
    found: dt.datetime = iso_z.decode(f"{wire.replace(' ', 'T')}Z")
    return found


def _write_moment(moment: dt.datetime) -> str:
    return str(iso_z.encode(moment)).replace("T", " ").removesuffix("Z")


MOMENT: Final = Codec(
    "a time of UTC", _read_moment, _write_moment,
    {"type": "string", "pattern": "^20[0-9]{2}-0[1-9]-1[1-9] [01][0-9]:[0-5][0-9]:[0-5][0-9]$"}, lossy=iso_z.lossy,
)  # fmt: skip

NOTE = Crosswalk(
    Note,
    "pipedrive.note",
    field("id", "id", of_space(integer_id, "note"), access=READ),
    field("text", "content", HTML, required="Pipedrive needs the text of a note"),
    field("about", tuple(KEYS.values()), ABOUT),
    field("author", "user_id", USER, access=READ),
    field("created_at", "add_time", MOMENT, access=READ),
    field("modified_at", "update_time", MOMENT, access=READ),
    absent("title", "a Pipedrive note has no title"),
    *ignored("active_flag", "what is deleted is not shown"),
    *ignored(("deal", "person", "organization", "user"), "it repeats the name of what the note is on or by"),
    *ignored(tuple(f"pinned_to_{of}_flag" for of in ("lead", "deal", "person", "organization")), "how it is shown"),
    *ignored("last_update_user_id", "leadlens keeps who wrote a note, not who changed it"),
)
"""Author and time are Pipedrive's own: only an administrator may write others."""
