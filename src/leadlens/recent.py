"""What this process knows of an account's leads before the CRM's own lists do.

Lists may be a minute behind, and a CRM that guards against nothing would convert a lead again meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary, WeakValueDictionary

from leadlens.conversion import Conversion
from leadlens.http.account import Account
from leadlens.operations import Converted
from leadlens.settle import Operation

MOST = 10_000
"""So many conversions are remembered, the newest; lists know of the older ones."""


class Recent:
    """The conversions that were made, and those whose outcome is unknown, by their lead. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leads: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._converted: dict[str, Conversion] = {}
        self._open: dict[str, Operation] = {}
        self._unfinished: dict[str, tuple[Converted, str | None]] = {}

    @contextmanager
    def held(self, lead_id: str | None) -> Iterator[None]:
        """Let one thread at a time work on a lead."""
        with self._lock:
            lock = self._leads.setdefault(lead_id or "", threading.Lock())
        with lock if lead_id is not None else threading.Lock():
            yield

    def converted(self, lead_id: str) -> Conversion | None:
        """Return the conversion of a lead that this process made."""
        return self._converted.get(lead_id)

    def open(self, lead_id: str) -> Operation | None:
        """Return the conversion of a lead that was sent and is unknown."""
        return self._open.get(lead_id)

    def is_converted(self, lead_id: str, conversion: Conversion) -> None:
        """Remember what a lead became."""
        with self._lock:
            self._open.pop(lead_id, None)
            self._converted[lead_id] = conversion
            while len(self._converted) > MOST:
                del self._converted[next(iter(self._converted))]

    def unfinished(self, lead_id: str) -> tuple[Converted, str | None] | None:
        """Return a conversion with calls after it that are open, and the key of the ledger that it was made under."""
        return self._unfinished.get(lead_id)

    def is_unfinished(self, lead_id: str, done: Converted, key: str | None) -> None:
        """Remember the calls that are open after a lead's conversion; none, where there are none."""
        if done.open:
            self._unfinished[lead_id] = (done, key)
        else:
            self._unfinished.pop(lead_id, None)

    def is_open(self, lead_id: str, operation: Operation) -> None:
        """Remember that nobody knows what became of a lead."""
        self._open[lead_id] = operation

    def is_free(self, lead_id: str) -> None:
        """Forget what was open of a lead: it was not done."""
        self._open.pop(lead_id, None)


_in_sandboxes: WeakKeyDictionary[object, dict[Hashable, Recent]] = WeakKeyDictionary()
_live: dict[Hashable, Recent] = {}
_lock = threading.Lock()


def recent(account: Account) -> Recent:
    """Return what is known of an account, by all its clients in this process."""
    with _lock:
        book = _live if account.where is None else _in_sandboxes.setdefault(account.where, {})
        return book.setdefault(account.key, Recent())


def forget() -> None:
    """Forget everything, as if the process had ended."""
    with _lock:
        _live.clear()
        _in_sandboxes.clear()
