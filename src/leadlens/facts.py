"""What was found out about accounts by trying, kept between processes: one small JSON file of the user's.

An account is known by a digest of what it is given, so that another account under the same name knows nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

fcntl: Any
try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

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
    with _alone(place.with_suffix(".lock")):
        facts = {**_read(), account: {**known(account), name: value}}
        handle, fresh = tempfile.mkstemp(dir=place.parent)  # 0600
        with os.fdopen(handle, "wb") as out:
            out.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
        Path(fresh).replace(place)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one thread of one process at a time write; nothing holds another back where the system has no such locks."""
    with lock.open("ab") as held:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _read() -> dict[str, object]:
    try:
        found = orjson.loads(file().read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
