"""What reaches a vendor's handler, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import attrs

from leadlens.decoding import dumps, loads
from leadlens.errors import InputError


@attrs.define
class Request:
    """One HTTP request. ``path`` begins after the vendor's prefix; header names are lower-case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes = b""
    args: Mapping[str, str] = attrs.field(factory=dict)

    def param(self, name: str, default: str | None = None) -> str | None:
        """Return the last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def json(self) -> Any:
        """Return the body as JSON, whatever its Content-Type; raises :class:`InputError`."""
        return loads(self.body)

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises :class:`InputError` for anything else."""
        found = self.json()
        if not isinstance(found, dict):
            raise InputError("$", "an object")
        return found


@attrs.frozen
class Reply:
    """One HTTP reply: JSON, or nothing, or ``raw`` bytes of another type."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    raw: bytes | None = None

    def payload(self) -> bytes:
        """Return the bytes to send; JSON null cannot be sent, and stands for no body."""
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else dumps(self.body)

    @property
    def reason(self) -> str:
        """The words after the status."""
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Unknown"

    def with_headers(self, **headers: str) -> Reply:
        """Return the reply with further headers, written with ``_`` for ``-``."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return attrs.evolve(self, headers={**self.headers, **more})


class Refusal(Exception):  # noqa: N818  # it is an answer, not a fault of the program
    """Raised by a handler to answer with an error: everything that the call wrote is rolled back.

    ``unclear`` says for people what was not understood; it is sent as the header ``X-Sandbox-Unclear``.
    """

    def __init__(self, reply: Reply, unclear: str = "") -> None:
        super().__init__(f"{reply.status} {unclear}".strip())
        self.reply = reply.with_headers(X_Sandbox_Unclear=header_text(unclear)) if unclear else reply


def header_text(text: str) -> str:
    """Return a text as a header can carry it: one line of printable ASCII, at most 200 characters."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)[:200]


def saved(request: Request) -> bytes:
    """Return a request as it is put aside to be carried out later."""
    plain = {"method": request.method, "path": request.path, "query": request.query, "headers": dict(request.headers)}
    return dumps({**plain, "body": request.body.decode("latin-1")})


def restored(text: bytes) -> Request:
    """Return the request that was put aside."""
    plain = loads(text)
    query = tuple((name, value) for name, value in plain["query"])
    return Request(plain["method"], plain["path"], query, plain["headers"], plain["body"].encode("latin-1"))
