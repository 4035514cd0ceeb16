"""Secrets and what is veiled show themselves nowhere."""

from __future__ import annotations

import copy
import json
import pickle
import pprint
import traceback
from collections.abc import Callable
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlens.access import Access, Option, Secret, Token, Veiled
from leadlens.errors import UsageError
from leadlens.flow import Reply

TEXT = "canary-4711"


@attrs.frozen
class Holder:
    """Something that holds a secret, as attrs shows it."""

    secret: Secret


SHOWN: dict[str, Callable[[Secret], Any]] = {
    "str": str,
    "repr": repr,
    "format": "{:>40}".format,
    "f-string": lambda secret: f"{secret!s} {secret!r} {secret} {secret:^9}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  # this form too
    "holder": lambda secret: repr(Holder(secret)),
    "asdict": lambda secret: repr(attrs.asdict(Holder(secret))),
    "token": lambda secret: repr(Token(secret, 3.0, None, secret)),
    "list": lambda secret: repr([secret, {"a": secret}]),
    "pprint": lambda secret: pprint.pformat({"a": secret}),
    "copy": lambda secret: repr((copy.copy(secret), copy.deepcopy({"a": secret}))),
    "bytes": lambda secret: repr(str(secret).encode()),
    "veiled": lambda secret: f"{Veiled(a=secret.reveal())} {Veiled(a=secret.reveal())!r}",
}


@pytest.mark.parametrize("way", SHOWN)
def test_a_secret_does_not_show(way: str) -> None:
    """In no way of making it a text."""
    assert TEXT not in str(SHOWN[way](Secret(TEXT)))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("thing", [Secret(TEXT), Veiled(a=TEXT)])
def test_nothing_secret_is_pickled(thing: object, protocol: int) -> None:
    """Not at any protocol."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(thing, protocol)


@pytest.mark.parametrize("write", [json.dumps, orjson.dumps])
def test_a_secret_is_no_json(write: Callable[[object], object]) -> None:
    """It is refused, without being quoted."""
    with pytest.raises(TypeError) as caught:
        write({"a": Secret(TEXT)})
    assert TEXT not in str(caught.value)


def test_a_secret_has_no_vars() -> None:
    """There is no dict of attributes to print."""
    with pytest.raises(TypeError):
        vars(Secret(TEXT))


def test_a_traceback_with_locals_shows_no_secret() -> None:
    """As error reporters print them."""

    def fails(secret: Secret, veiled: Veiled) -> None:
        raise ValueError(f"{secret} {veiled}")

    with pytest.raises(ValueError, match="Secret") as caught:
        fails(Secret(TEXT), Veiled(a=TEXT))
    assert TEXT not in "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())


@given(st.text(), st.text())
def test_secrets_are_equal_when_their_texts_are(left: str, right: str) -> None:
    """Also with what is no UTF-8; and they are nothing else's equal."""
    assert (Secret(left) == Secret(right)) == (left == right)
    assert Secret(left) != left
    assert hash(Secret(left)) == hash(Secret(left))
    assert bool(Secret(left)) == bool(left)
    assert Secret(left).reveal() == left


def test_a_secret_of_a_broken_environment_can_be_compared() -> None:
    """Bytes that are no text come as lone surrogates."""
    assert Secret("\udcff") == Secret("\udcff")


def test_a_copy_of_a_secret_is_the_secret() -> None:
    """It never changes."""
    secret = Secret(TEXT)
    assert copy.copy(secret) is copy.deepcopy(secret) is secret


# --- the options of an account ---------------------------------------------------------------------------------------


def access() -> Access:
    options = (
        Option("token", "the key", secret=True, required=True),
        Option("email", "the user's address", required=True),
        Option("place", "where", default="com"),
        Option("more", "or not"),
    )
    return Access(
        options=options,
        base_url=lambda _: "https://x.example",
        sign=lambda _, __: {},
        grant=lambda _: None,
        granted=lambda _: Token(Secret("")),
    )


def test_options_are_checked_and_veiled() -> None:
    """Defaults are filled in, secrets hidden, what is empty left out, and nothing shows in a repr."""
    found = access().check({"token": TEXT, "email": "a@example.com", "more": ""}, "copper")
    assert dict(found) == {"token": Secret(TEXT), "email": "a@example.com", "place": "com"}
    assert repr(found) == str(found) == f"{found}" == "Veiled(token, email, place)"


def test_a_secret_may_be_given_as_one() -> None:
    """As it comes from a keyring."""
    assert access().check({"token": Secret(TEXT), "email": "x"}, "copper")["token"] == Secret(TEXT)


def test_what_is_missing_is_named() -> None:
    """All of it, with what it is."""
    with pytest.raises(UsageError, match=r"copper: these are needed: token \(the key\); email \(the user's address\)"):
        access().check({}, "copper")


def test_what_is_unknown_is_named_and_not_shown() -> None:
    """A slip in an option's name is no reason to print its value."""
    with pytest.raises(UsageError, match="no option 'tokn'") as caught:
        access().check({"tokn": TEXT}, "copper")
    assert TEXT not in "".join(traceback.TracebackException.from_exception(caught.value).format())


def test_a_call_costs_one_and_a_reply_asks_for_nothing_unless_the_crm_says_so() -> None:
    """The defaults."""
    made: Any = access()
    assert made.cost(None) == 1
    assert made.rest(Reply(200), 0.0) == 0.0
