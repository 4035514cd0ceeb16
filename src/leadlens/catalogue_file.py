"""Catalogues as files: one that a person asked for, and the last one of each account, kept for an hour.

A catalogue holds the names and the e-mail addresses of the account's users, and no secret. So the files are the
owner's alone (mode 0600), and a new one takes the place of the old one at once.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

from leadlens.catalogue import Catalogue
from leadlens.decoding import MAX_BYTES, dumps, loads
from leadlens.errors import InputError
from leadlens.files import replace
from leadlens.plain import from_plain, to_plain

MAX_AGE: Final = dt.timedelta(hours=1)


def read_catalogue(file: str | Path) -> Catalogue:
    """Return the catalogue of a file; raises :class:`InputError` with the path of what is none, or OSError."""
    with Path(file).open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError("$", f"at most {MAX_BYTES} bytes")
    found = from_plain(loads(data), Catalogue)
    if found.read_at.tzinfo is None:
        raise InputError("$.read_at", "a time with its zone")
    return found


def write_catalogue(file: str | Path, catalogue: Catalogue) -> None:
    """Write a catalogue as JSON; whoever reads the file meanwhile sees the old one or the new one, whole."""
    replace(Path(file), dumps(to_plain(catalogue), indent=True) + b"\n")


def kept_at(account: str) -> Path:
    """Return where the last catalogue of an account is kept, below XDG_CACHE_HOME or ``~/.cache``."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "leadlens" / "catalogues" / f"{quote(account, safe='')}.json"


def keep(catalogue: Catalogue) -> None:
    """Keep a catalogue as the last one of its account."""
    place = kept_at(catalogue.account)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_catalogue(place, catalogue)


def kept(account: str, vendor: str, now: dt.datetime, max_age: dt.timedelta = MAX_AGE) -> Catalogue | None:
    """Return the last catalogue of an account of that vendor (``zoho@v8``), if it is there, whole and young enough."""
    try:
        found = read_catalogue(kept_at(account))
    except (OSError, InputError):
        return None
    age = now - found.read_at
    fits = found.vendor == vendor and found.account == account
    return found if fits and dt.timedelta(0) <= age <= max_age else None
