"""How an account of a CRM is reached: what it needs, where it is, how calls are signed, how many it takes."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Self, TypeAlias

import attrs

from leadlens.errors import UsageError, VendorError
from leadlens.flow import Call, Reply


class Secret:
    """A text that shows itself nowhere: not in str, repr, format, pickle or JSON; only :meth:`reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the header or form that it belongs in."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(other), _bytes(self))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")


class Veiled(dict[str, Any]):
    """A dict that shows none of its values: for headers, forms and options, which tracebacks would show otherwise."""

    def __repr__(self) -> str:
        return f"Veiled({', '.join(self)})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("what is veiled is not pickled")


@attrs.frozen
class Option:
    """One thing that an account needs: its name, what it is, and whether it is a secret or may be left out."""

    name: str
    sentence: str
    secret: bool = False
    required: bool = False
    default: str | None = None


@attrs.frozen
class Window:
    """At most so many calls (or credits) in any so many seconds."""

    calls: int
    seconds: float


@attrs.frozen
class Grant:
    """How a fresh access token is asked for: the URL and the form (secrets still hidden)."""

    url: str
    form: Mapping[str, str | Secret]


@attrs.frozen
class Token:
    """An access token, how many seconds it lasts, and where the API is for it, if the CRM says so."""

    text: Secret
    seconds: float | None = None
    base_url: str | None = None
    refresh: Secret | None = None


@attrs.frozen(kw_only=True)
class Consent:
    """How a person grants access to an account in a browser (the authorization-code flow of OAuth 2.0).

    ``page(given)`` is where the browser goes, with ``scope`` and what else the CRM wants to be asked (``asked``), and
    ``token(given)`` where the code is exchanged. ``keeps`` is the option that holds the outcome: a refresh token, or an
    access token that lasts. ``loopback`` tells that the CRM sends the browser back to
    this machine; where it does not, the person pastes what the browser shows. ``denied(reply)`` says why the CRM's
    own words in the callback mean that this cannot go on (None: they do not).
    """

    page: Callable[[Mapping[str, Any]], str]
    token: Callable[[Mapping[str, Any]], str]
    scope: str
    keeps: str
    asked: Mapping[str, str] = attrs.field(factory=dict)
    loopback: bool = True
    denied: Callable[[Mapping[str, Any], Mapping[str, str]], str | None] = lambda _given, _said: None


Given: TypeAlias = Mapping[str, Any]
"""The values of an account's options: texts, and secrets where an option is one."""


@attrs.frozen(kw_only=True)
class Access:
    """How the accounts of one CRM are reached.

    ``base_url(given)`` is where calls go, ``sign(given, token)`` their headers, ``grant(given)`` how a token is asked
    for (None: the account has one that lasts), ``granted(reply)`` the token or the error that the reply to it is,
    ``cost(call)`` how much of ``windows`` a call uses, ``hosts`` where ``base_url`` of a token may point.
    ``rest(reply, wall)`` is how many seconds a reply's headers ask all further calls to wait (0.0: none), for CRMs that
    tell what is left; ``wall`` is the time of the calendar, in seconds since 1970. ``consent`` is how a person logs in,
    where the CRM has that. ``complete`` are the sets of options each of which suffices to sign calls.
    """

    options: tuple[Option, ...]
    base_url: Callable[[Given], str]
    sign: Callable[[Given, Secret | None], Mapping[str, str]]
    grant: Callable[[Given], Grant | None]
    granted: Callable[[Reply], Token | VendorError]
    windows: tuple[Window, ...] = ()
    concurrent: int = 10
    cost: Callable[[Call], int] = attrs.field(default=lambda _: 1)
    hosts: tuple[str, ...] = ()
    rest: Callable[[Reply, float], float] = attrs.field(default=lambda _reply, _wall: 0.0)
    consent: Consent | None = None
    complete: tuple[tuple[str, ...], ...] = ()

    def check(self, given: Mapping[str, str | Secret | None], name: str, *, login: bool = False) -> Given:
        """Return the options of an account with defaults filled in and secrets hidden.

        Raises :class:`UsageError` that names every option that is missing, unknown or no text, and the sets of which
        one has to be whole; for a ``login``, which is there to get the rest, none has to be.
        """
        known = {option.name: option for option in self.options}
        if unknown := [key for key in given if key not in known]:
            raise UsageError(f"{name}: there is no option {unknown[0]!r}; there are {', '.join(known)}")
        if wrong := [key for key in given if not _is_value(given[key])]:
            raise UsageError(f"{name}: {wrong[0]}: expected a text on one line")
        values = Veiled((key, given.get(key) or option.default) for key, option in known.items())
        if missing := [option for option in self.options if option.required and not values[option.name]]:
            told = "; ".join(f"{option.name} ({option.sentence})" for option in missing)
            raise UsageError(f"{name}: these are needed: {told}")
        if not login and self.complete and not any(all(values[key] for key in one) for one in self.complete):
            told = ", or ".join(" and ".join(one) for one in self.complete)
            raise UsageError(f"{name}: no credentials, or not all of them: give {told}")
        return Veiled((key, _hidden(value, known[key])) for key, value in values.items() if value)


def _is_value(value: object) -> bool:
    """Tell whether an option can be this: nothing, or a text that can stand in a header or a URL."""
    text = value.reveal() if isinstance(value, Secret) else value
    return text is None or (isinstance(text, str) and text.isprintable())


def _hidden(value: str | Secret, option: Option) -> str | Secret:
    return Secret(value) if option.secret and isinstance(value, str) else value
