"""What an operation asks for and what comes back: calls, replies and waits. Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

import attrs

from leadlens.model import JSON

Step = Literal["read", "before", "convert", "upsert", "after"]
_Result = TypeVar("_Result")


@attrs.frozen
class Call:
    """One HTTP request, to be sent by whoever drives the operation.

    ``path`` is the full path with its version. An id that only an earlier reply will know stands as ``{deal_id}``.
    ``why`` says what the call is for, ``when`` on what a conditional call depends (None: always sent).
    """

    name: str
    step: Step
    method: str
    path: str = attrs.field(repr=lambda path: repr(path.partition("?")[0]))
    query: Mapping[str, JSON] = attrs.field(factory=dict, repr=False)
    body: JSON = attrs.field(default=None, repr=False)
    why: str = ""
    when: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the call as plain JSON, in the order in which people read it."""
        return {
            "name": self.name,
            "step": self.step,
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "body": self.body,
            "why": self.why,
            "when": self.when,
        }


@attrs.frozen
class Reply:
    """What came back: the HTTP status, lower-case header names, and the decoded body (None when empty)."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: JSON = attrs.field(default=None, repr=False)

    @property
    def retry_after(self) -> float | None:
        """Retry-After in seconds; a date is left to those who have a clock."""
        text = self.headers.get("retry-after", "").strip()
        return float(text) if text.isascii() and text.isdigit() else None

    @property
    def request_id(self) -> str | None:
        """The id of the request, where a header (``x-request-id`` or one that ends like it) tells it."""
        return next((value for name, value in self.headers.items() if name.endswith("request-id")), None)


@attrs.frozen
class Wait:
    """Ask the driver to come back after so many seconds; for vendors that answer with a job to poll."""

    seconds: float


Flow: TypeAlias = Generator[Call | Wait, Any, _Result]
"""An operation: it yields calls and waits, receives a :class:`Reply` for each call, and returns its result."""


def alone(call: Call) -> Flow[Reply]:
    """Return the flow of one call."""
    reply: Reply = yield call
    return reply
