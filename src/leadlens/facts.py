"""What was found out about accounts by trying, kept between processes: one small JSON file of the user's.

An account is known by a digest of what it is given, so that another account under the same name knows nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import orjson

from leadlens.files import replace
from leadlens.holding import holds

SECOND_CONVERT: Final = "second_convert"
"""How the account answers a second conversion of a lead: ``refused`` or ``done``."""


def file() -> Path:
    """Return where the facts are: ``leadlens/facts.json`` in the user's folder for state."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "leadlens" / "facts.json"


def known(account: str) -> dict[str, str]:
    """Return what is known of an account. A file that cannot be read says nothing."""
    found = _read().get(account)
    return found if isinstance(found, dict) else {}


def remember(account: str, name: str, value: str) -> None:
    """Keep one fact; the file is replaced as a whole. Raises OSError where it cannot be written."""
    place = file()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with holds(place.with_suffix(".lock")).held("facts"):
        facts = {**_read(), account: {**known(account), name: value}}
        replace(place, orjson.dumps(facts, option=orjson.OPT_INDENT_2))


def _read() -> dict[str, object]:
    try:
        found = orjson.loads(file().read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
