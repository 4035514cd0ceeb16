"""Credentials: one renewal however many threads want it, in time, to the vendor's hosts only, and never for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from tests.http.drivers import GIVEN, Scripted, Virtual

from leadlens import registry
from leadlens.access import Access, Secret, Token
from leadlens.errors import (
    CredentialsError,
    OutcomeUnknownError,
    RateLimitError,
    TryLaterError,
    UsageError,
    VendorError,
)
from leadlens.flow import Reply
from leadlens.http.auth import EARLY, Credentials
from leadlens.http.link import Link, LostError, NotSentError


def access_of(vendor: str) -> Access:
    found = registry.get(vendor).access
    assert found is not None
    made: Access = found()
    return made


def credentials(vendor: str, tokens: list[Any], **given: str) -> tuple[Credentials, Scripted]:
    link: Any = Scripted(Virtual(), [Reply(200)], tokens=tokens)
    access = access_of(vendor)
    checked = access.check(given, vendor)
    link.base_url = access.base_url(checked)
    return Credentials(access, checked, link, link.clock, vendor), link


def token(text: str = "a1", lasts: object = 3600, **more: object) -> Reply:
    return Reply(200, {}, {"access_token": text, "expires_in": lasts, **more})


def bearer(found: Credentials) -> str:
    return found.headers(3.0)[1]["Authorization"]


ZOHO = {"refresh_token": "r1", "client_id": "c", "client_secret": "s"}
BASE = {"refresh_token": "r1", "client_id": "c", "client_secret": "s"}


def test_a_token_is_asked_for_once_and_used() -> None:
    """The form is that of the vendor; the next call takes the same token."""
    found, link = credentials("zoho", [token()], **ZOHO)
    assert [bearer(found), bearer(found)] == ["Zoho-oauthtoken a1"] * 2
    assert link.forms == [("https://accounts.zoho.com/oauth/v2/token", {"grant_type": "refresh_token", **ZOHO})]


@pytest.mark.parametrize("vendor", ["copper", "zoho", "base"])
def test_what_does_not_expire_is_never_renewed(vendor: str) -> None:
    """A key, a personal token, an access token: a refusal stands."""
    found, link = credentials(vendor, [token()], **GIVEN[vendor])
    age, _ = found.headers(3.0)
    assert not found.spent(age, 3.0)
    assert link.forms == []


def test_copper_signs_with_key_and_user_or_bearer() -> None:
    """Its own headers, or OAuth's."""
    key, _ = credentials("copper", [], token="k", email="a@example.com")
    assert key.headers(3.0)[1] == {
        "Accept": "application/json", "User-Agent": "leadlens", "X-PW-AccessToken": "k",
        "X-PW-Application": "developer_api", "X-PW-UserEmail": "a@example.com",
    }  # fmt: skip
    oauth, _ = credentials("copper", [], access_token="t")
    assert bearer(oauth) == "Bearer t"


@pytest.mark.parametrize(("lasts", "until"), [(3600, 3600 - EARLY), (100, 50.0), (1, 0.5), (120, 60.0)])
def test_a_token_is_renewed_early(lasts: int, until: float) -> None:
    """A minute before it ends, or after half of its life when that is short; counted from when it was asked for."""
    found, link = credentials("base", [token(lasts=lasts)], **BASE)
    asked = link.clock.instant
    bearer(found)
    link.clock.instant = asked + until - 0.01
    bearer(found)
    assert len(link.forms) == 1
    link.clock.instant = asked + until
    bearer(found)
    assert len(link.forms) == 2


@pytest.mark.parametrize("lasts", [0, -5, None, "3600"])
def test_a_token_that_does_not_say_how_long_it_lasts_is_used_until_refused(lasts: object) -> None:
    """Nothing that can be meant: no renewal by the clock."""
    found, link = credentials("base", [token(lasts=lasts)], **BASE)
    for _ in range(5):
        bearer(found)
        link.clock.instant += 1e6
    assert len(link.forms) == 1


def test_a_rotated_refresh_token_is_used_from_then_on() -> None:
    """Base gives a new one with each token; the old one may be dead."""
    tokens = [token("a1", refresh_token="r2"), token("a2", refresh_token="r3"), token("a3")]
    found, link = credentials("base", tokens, **BASE)
    for _ in range(4):
        bearer(found)
        link.clock.instant += 3600
    assert [form["refresh_token"] for _, form in link.forms] == ["r1", "r2", "r3", "r3"]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(200, {}, {"access_token": "t"}), Token),
        (Reply(400, {}, {"error": "invalid_grant"}), CredentialsError),
        (Reply(200, {}, {"error": "what"}), OutcomeUnknownError),
        (Reply(200, {}, {"id": 1}), OutcomeUnknownError),
        (Reply(200, {}, "<html>"), OutcomeUnknownError),
    ],
)
def test_what_copper_answers_to_a_code(reply: Reply, found: type) -> None:
    """A token, or the error that it is; its tokens do not expire."""
    assert type(access_of("copper").granted(reply)) is found


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_refused_token_is_renewed_and_the_call_sent_again() -> None:
    """Whoever holds the age that was refused renews; who is late only takes the new one."""
    found, link = credentials("base", [token("a1"), token("a2")], **BASE)
    age, _ = found.headers(3.0)
    assert found.spent(age, 3.0)
    assert found.spent(age, 3.0)
    assert bearer(found) == "Bearer a2"
    assert len(link.forms) == 2


def test_a_renewed_token_that_is_refused_too_is_not_renewed_for_a_minute() -> None:
    """Renewing would not help, and Zoho counts ten in ten minutes: its 401 may be a missing scope."""
    found, link = credentials("zoho", [token("a1"), token("a2"), token("a3")], **ZOHO)
    found.spent(found.headers(3.0)[0], 3.0)
    for _ in range(20):
        assert not found.spent(found.headers(3.0)[0], 3.0)
    assert len(link.forms) == 2
    link.clock.instant += EARLY + 1
    assert found.spent(found.headers(3.0)[0], 3.0)
    assert len(link.forms) == 3


def test_a_renewed_token_that_was_accepted_may_be_renewed_again() -> None:
    """It was good once, so it has been spent since."""
    found, link = credentials("base", [token("a1"), token("a2"), token("a3")], **BASE)
    found.spent(found.headers(3.0)[0], 3.0)
    age, _ = found.headers(3.0)
    found.accepted(age - 1)
    assert not found.spent(age, 3.0)
    found.accepted(age)
    assert found.spent(age, 3.0)
    assert len(link.forms) == 3


@pytest.mark.parametrize(
    ("vendor", "answer", "error", "code"),
    [
        ("zoho", Reply(200, {}, {"error": "invalid_code"}), CredentialsError, "invalid_code"),
        ("zoho", Reply(200, {}, {"error": "invalid_client"}), CredentialsError, "invalid_client"),
        ("zoho", Reply(400, {}, {"error": "Access Denied"}), RateLimitError, "Access Denied"),
        ("zoho", Reply(200, {}, {"what": "ever"}), CredentialsError, None),
        ("zoho", Reply(200, {}, None), CredentialsError, None),
        ("zoho", Reply(200, {}, "<html>"), CredentialsError, None),
        ("zoho", Reply(502, {}, "<html>"), TryLaterError, None),
        ("base", Reply(400, {}, {"error": "invalid_grant"}), CredentialsError, "invalid_grant"),
        ("base", Reply(401, {}, {"error": "invalid_client"}), CredentialsError, "invalid_client"),
        ("base", Reply(503, {}, None), TryLaterError, None),
        ("base", Reply(302, {}, None), CredentialsError, None),
        ("base", NotSentError("ConnectionError"), TryLaterError, "no token"),
        ("base", LostError("the deadline passed"), TryLaterError, "no token"),
    ],
)
def test_a_renewal_that_fails_is_a_refusal(
    vendor: str, answer: Any, error: type[VendorError], code: str | None
) -> None:
    """Nothing of the call was sent; what may pass by itself says so. Zoho's errors come with status 200."""
    found, _ = credentials(vendor, [answer], **(ZOHO if vendor == "zoho" else BASE))
    with pytest.raises(VendorError) as caught:
        found.headers(3.0)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert caught.value.__context__ is None


def test_after_a_failure_the_next_call_tries_again() -> None:
    """One failure is not for ever."""
    found, link = credentials("base", [LostError("x"), token("a1")], **BASE)
    with pytest.raises(TryLaterError):
        bearer(found)
    assert bearer(found) == "Bearer a1"
    assert len(link.forms) == 2


# --- where the API is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["https://www.zohoapis.eu", "https://www.zohoapis.com", "https://www.zohoapis.ca"])
def test_the_api_domain_is_followed(domain: str) -> None:
    """To the vendor's hosts."""
    found, link = credentials("zoho", [token(api_domain=domain)], **ZOHO)
    bearer(found)
    assert link.base_url == domain


@pytest.mark.parametrize(
    "domain",
    [
        "https://evil.example", "https://www.zohoapis.com.evil.example", "https://evil.example/www.zohoapis.com",
        "https://www.zohoapis.com@evil.example", "https://x@www.zohoapis.com", "https://www.zohoapis.com:8443",
        "https://evil.example\\@www.zohoapis.com", "http://127.0.0.1:1", "nonsense", "",
    ],
)  # fmt: skip
def test_the_api_domain_is_not_followed_elsewhere(domain: str) -> None:
    """Any other host, port or user: the token would go there."""
    found, link = credentials("zoho", [token(api_domain=domain)], **ZOHO)
    with pytest.raises(CredentialsError) as caught:
        bearer(found)
    assert caught.value.code == "api_domain"
    assert link.base_url == "https://www.zohoapis.com"


def test_the_api_domain_is_not_followed_into_the_clear() -> None:
    """The vendor's host without TLS."""
    access = access_of("zoho")
    checked = access.check(ZOHO, "zoho")
    clock = Virtual()
    link = Link(access.base_url(checked), clock)
    found = Credentials(access, checked, link, clock, "zoho")
    with pytest.raises(UsageError, match="https"):
        found._accept(Token(Secret("a"), 3600.0, "http://www.zohoapis.com"), 0.0)


def test_a_base_url_that_was_given_stays() -> None:
    """Whoever names a place (a sandbox) does not want to be led from it."""
    place = "http://127.0.0.1:8765/zoho"
    given = {**ZOHO, "base_url": place, "accounts_url": place}
    found, link = credentials("zoho", [token(api_domain="https://www.zohoapis.com")], **given)
    bearer(found)
    assert link.base_url == place


def test_secrets_are_not_sent_in_the_clear() -> None:
    """A token endpoint without TLS is refused before anything is asked."""
    access = access_of("zoho")
    checked = access.check({**ZOHO, "accounts_url": "http://accounts.zoho.com"}, "zoho")
    link = Link("https://www.zohoapis.com", Virtual())
    with pytest.raises(UsageError, match="https"):
        Credentials(access, checked, link, link.clock, "zoho")


# --- threads ---------------------------------------------------------------------------------------------------------


@attrs.define
class Slow:
    """A token endpoint that takes its time."""

    answers: list[Any]
    base_url: str = "https://api.getbase.com"
    asked: int = 0

    def check(self, url: str) -> None:
        """Allow all."""

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str], within: float) -> Reply:
        self.asked += 1
        time.sleep(0.05)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        found: Reply = answer
        return found


def crowd(link: Any, work: Any) -> list[Any]:
    access = access_of("base")
    found = Credentials(access, access.check(BASE, "base"), link, Virtual(), "base")
    gate = threading.Barrier(32)

    def one(_: int) -> Any:
        gate.wait(10)
        try:
            return work(found)
        except VendorError as error:
            return error

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(one, range(32)))


def test_32_threads_make_one_renewal() -> None:
    """All come at once and find no token."""
    link = Slow([token("a1")])
    assert crowd(link, bearer) == ["Bearer a1"] * 32
    assert link.asked == 1


def test_32_threads_that_are_refused_make_one_renewal() -> None:
    """All were refused with the same token."""
    link = Slow([token("a1"), token("a2")])

    def work(found: Credentials) -> str:
        gate.wait(10)
        age, _ = found.headers(3.0)
        gate.wait(10)
        assert found.spent(age, 3.0)
        return bearer(found)

    gate = threading.Barrier(32)
    assert crowd(link, work) == ["Bearer a2"] * 32
    assert link.asked == 2


def test_32_threads_share_a_failure() -> None:
    """They waited for the same renewal, and are told the same: one try, and an error object for each."""
    link = Slow([LostError("the deadline passed")])
    errors = crowd(link, bearer)
    assert {type(error) for error in errors} == {TryLaterError}
    assert len({id(error) for error in errors}) == 32
    assert link.asked <= 2
