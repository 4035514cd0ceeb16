"""Logging in: the person's browser comes back to this machine, and what it brings becomes a token that is kept."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from tests.http.servers import Server, reply, says, serving

from leadlens import accounts, registry
from leadlens.access import Veiled
from leadlens.cli import run
from leadlens.connecting import connect
from leadlens.errors import UsageError
from leadlens.http.clock import SystemClock
from leadlens.http.link import Link
from leadlens.http.login import Login, _Quiet, callback

TOKEN = {"access_token": "at-9", "refresh_token": "rt-9", "expires_in": 3600, "token_type": "Bearer"}
SECRET = "very-secret"  # of a test


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[tuple[str, str], str]:
    """Stand in for the system's keyring, and hide this machine's files and variables."""
    kept: dict[tuple[str, str], str] = {}
    fake = SimpleNamespace(
        get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, text: kept.update({(service, name): text}),
    )
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return kept


def answer(body: Any, status: int = 200) -> Any:
    return says(reply(json.dumps(body).encode(), f"{status} X", "Content-Type: application/json"))


def _login(vendor: str, **given: str) -> Login:
    adapter = registry.get(vendor)
    assert adapter.access is not None
    access = adapter.access()
    assert access.consent is not None
    checked = access.check(Veiled({"client_id": "c-1", "client_secret": SECRET, **given}), vendor, login=True)
    link = Link(access.base_url(checked), SystemClock())
    return Login(vendor=vendor, access=access, consent=access.consent, given=checked, link=link)


def browser(**said: str) -> Any:
    """Return what a person's browser does: it grants access on the page, and is sent back with a code."""

    def opened(url: str) -> bool:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        back = {"code": "code-1", "state": asked["state"], **said}
        thread = threading.Thread(target=lambda: requests.get(asked["redirect_uri"], params=back, timeout=10))
        thread.start()
        return True

    return opened


def form_of(server: Server) -> dict[str, str]:
    return dict(parse_qsl(server.requests[-1].partition(b"\r\n\r\n")[2].decode()))


@pytest.mark.parametrize(("vendor", "place"), [("zoho", "accounts_url"), ("base", "base_url")])
def test_a_person_logs_in(vendor: str, place: str, monkeypatch: pytest.MonkeyPatch, ring: Any, capfd: Any) -> None:
    """The page is asked for a code, the code becomes a refresh token, and that is kept; nothing shows it."""
    with serving(answer(TOKEN)) as server:
        monkeypatch.setenv(f"LEADLENS_{vendor.upper()}_CLIENT_ID", "c-1")
        monkeypatch.setenv(f"LEADLENS_{vendor.upper()}_CLIENT_SECRET", SECRET)
        monkeypatch.setenv(f"LEADLENS_{vendor.upper()}_{place.upper()}", server.url)
        monkeypatch.setattr(webbrowser, "open", browser())
        assert run(["login", vendor, "--port", "0"]) == 0
        sent = form_of(server)
    assert ring == {("leadlens", f"{vendor}.refresh_token"): "rt-9"}
    assert (sent["grant_type"], sent["code"], sent["client_id"]) == ("authorization_code", "code-1", "c-1")
    assert sent["client_secret"] == SECRET
    assert sent["redirect_uri"].startswith("http://127.0.0.1:")
    shown = "".join(capfd.readouterr())
    assert "logged in" in shown
    assert not [word for word in ("rt-9", "at-9", "code-1", SECRET) if word in shown]


def test_the_page_asks_for_what_is_needed() -> None:
    """Zoho is asked for records and metadata, for a token that lasts, and with a state that must come back."""
    asked = dict(parse_qsl(urlsplit(_login("zoho").page("http://127.0.0.1:1/callback").url).query))
    assert (asked["access_type"], asked["prompt"], asked["response_type"]) == ("offline", "consent", "code")
    assert "ZohoCRM.modules.ALL" in asked["scope"]
    assert len(asked["state"]) > 20


def test_copper_shows_a_code_to_paste(monkeypatch: pytest.MonkeyPatch, ring: Any) -> None:
    """Copper sends browsers to an HTTPS address only: the person pastes what it shows."""
    with serving(answer({"access_token": "at-9"})) as server:
        options = {"CLIENT_ID": "c-1", "CLIENT_SECRET": SECRET, "BASE_URL": server.url}
        for option, value in {**options, "REDIRECT_URI": "https://crm.example/callback"}.items():
            monkeypatch.setenv(f"LEADLENS_COPPER_{option}", value)
        monkeypatch.setattr("click.prompt", lambda *_, **__: " code-2 ")
        assert run(["login", "copper", "--no-browser"]) == 0
        assert form_of(server)["code"] == "code-2"
    assert ring == {("leadlens", "copper.access_token"): "at-9"}


def test_copper_needs_its_redirect_address(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """What is missing is named before a browser opens."""
    monkeypatch.setenv("LEADLENS_COPPER_CLIENT_ID", "c-1")
    assert run(["login", "copper"]) == 2
    assert "redirect_uri" in capfd.readouterr().err


def test_a_token_is_printed_on_request_only(monkeypatch: pytest.MonkeyPatch, ring: Any, capfd: Any) -> None:
    """--print writes the token for whoever has no keyring, and keeps nothing."""
    with serving(answer(TOKEN)) as server:
        monkeypatch.setenv("LEADLENS_BASE_CLIENT_ID", "c-1")
        monkeypatch.setenv("LEADLENS_BASE_BASE_URL", server.url)
        monkeypatch.setattr(webbrowser, "open", browser())
        assert run(["login", "base", "--port", "0", "--print"]) == 0
    assert capfd.readouterr().out == "rt-9\n"
    assert not ring


def test_no_keyring_is_told(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """A token that could not be kept is not lost in silence, and not shown either."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with serving(answer(TOKEN)) as server:
        monkeypatch.setenv("LEADLENS_BASE_CLIENT_ID", "c-1")
        monkeypatch.setenv("LEADLENS_BASE_BASE_URL", server.url)
        monkeypatch.setattr(webbrowser, "open", browser())
        assert run(["login", "base", "--port", "0"]) == 2
    shown = "".join(capfd.readouterr())
    assert "--print" in shown
    assert "rt-9" not in shown


REFUSED = [
    ({"error": "access_denied"}, "did not grant access: access_denied"),
    ({"location": "eu"}, "data centre 'eu'"),
]


@pytest.mark.parametrize(("said", "told"), REFUSED)
def test_what_is_not_granted(said: dict[str, str], told: str) -> None:
    """A person who said no, an account elsewhere: each is told, and no code is exchanged."""
    with serving(answer(TOKEN)) as server:
        login = _login("zoho", base_url=server.url)
        page, back = callback(login, 0, browser(**said))
        with pytest.raises(UsageError, match=told):
            login.token(page, back)
        assert not server.requests


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [({"error": "invalid_code"}, 200, "invalid_code"), ({"access_token": "at"}, 200, "no refresh token")],
)
def test_a_code_that_brings_no_token(body: Any, status: int, told: str) -> None:
    """Zoho's errors come with 200; a reply without a refresh token is nothing to keep."""
    with serving(answer(body, status)) as server:
        login = _login("zoho", accounts_url=server.url)
        with pytest.raises(Exception, match=told):
            login.token(login.page("http://127.0.0.1/callback"), "code-1")


def test_a_token_endpoint_that_is_not_there() -> None:
    """A connection that fails is told as such."""
    login = _login("zoho", accounts_url="http://127.0.0.1:1")
    with pytest.raises(Exception, match="no token"):
        login.token(login.page("http://127.0.0.1/callback"), "code-1")


def test_nobody_comes_back() -> None:
    """A login ends after its time; another page that is asked for meanwhile is not there."""
    login = _login("base")

    def opened(url: str) -> None:
        port = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port
        threading.Thread(target=lambda: requests.get(f"http://127.0.0.1:{port}/favicon.ico", timeout=5)).start()

    with pytest.raises(UsageError, match="nobody came back"):
        callback(login, 0, opened, wait=1.0)


PASTED = {
    "https://[x/callback?code=1": "no address",
    "://": "did not grant access: mismatching_state",
    "https://x/cb?code=1&state=another": "did not grant access: mismatching_state",
    "https://x/cb?error=access_denied&error_description=%3Cscript%3E&state={state}": "access: access_denied$",
    "https://x/cb?error=%1b%5b31mEVIL&state={state}": "a reason that is no word$",
    "https://x/cb?error=%1b%5b31mEVIL": "a reason that is no word$|mismatching_state$",
    "https://x/cb\x1b[31m": "neither a code nor an address",
    "x\ud800": "neither a code nor an address",
    "": "neither a code nor an address",
}


@pytest.mark.parametrize("pasted", PASTED)
def test_what_is_pasted_is_no_code(pasted: str) -> None:
    """Each is told in plain words; nothing of what was pasted is, and nothing is sent."""
    with serving(answer(TOKEN)) as server:
        login = _login("copper", base_url=server.url)
        page = login.page("https://crm.example/callback")
        with pytest.raises(UsageError, match=PASTED[pasted]) as caught:
            login.token(page, pasted.format(state=page.state))
        assert "EVIL" not in str(caught.value)
        assert not server.requests


def test_only_this_login_ends_the_wait() -> None:
    """A connection that says nothing holds nobody up, and a callback without the right state is sent away."""
    silent: list[socket.socket] = []
    answers: list[int] = []

    def opened(url: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        place = asked["redirect_uri"]

        def browse() -> None:
            silent.append(socket.create_connection(("127.0.0.1", urlsplit(place).port or 0)))
            wrong: tuple[dict[str, str], ...] = (
                {},
                {"code": "evil"},
                {"code": "evil", "state": "x"},
                {"error": "access_denied"},
            )
            good = {"code": "good", "state": asked["state"]}
            answers.extend(requests.get(place, params=said, timeout=5).status_code for said in (*wrong, good))

        threading.Thread(target=browse).start()

    began = time.monotonic()
    page, back = callback(_login("base"), 0, opened, wait=30.0)
    assert time.monotonic() - began < 9.0
    assert dict(parse_qsl(urlsplit(back).query)) == {"code": "good", "state": page.state}
    silent[0].close()
    assert answers[:4] == [400] * 4


def test_a_connection_that_says_nothing_is_let_go(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """After its time, and without a word on the screen."""
    monkeypatch.setattr(_Quiet, "timeout", 0.2)
    ended: list[bytes] = []

    def opened(url: str) -> None:
        port = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port or 0
        with socket.create_connection(("127.0.0.1", port), timeout=5) as silent:
            ended.append(silent.recv(1))

    with pytest.raises(UsageError, match="nobody came back"):
        callback(_login("base"), 0, opened, wait=0.1)
    assert ended == [b""]
    assert capfd.readouterr().err == ""


def test_a_port_that_is_taken() -> None:
    """The port is named, and another one can be given."""
    with serving(answer({})) as server, pytest.raises(UsageError, match=f"port {server.port}"):
        callback(_login("base"), server.port, lambda _: None)


def test_a_client_id_is_needed(capfd: Any) -> None:
    """Without an application there is nothing to log in with."""
    assert run(["login", "base", "--port", "0"]) == 2
    assert "client_id" in capfd.readouterr().err


def test_a_renewed_refresh_token_is_kept(monkeypatch: pytest.MonkeyPatch, ring: Any) -> None:
    """A CRM that gives another refresh token with each renewal does not lock the account out at the next start."""
    ring["leadlens", "base.refresh_token"], ring["leadlens", "base.client_secret"] = "rt-1", SECRET
    monkeypatch.setenv("LEADLENS_BASE_CLIENT_ID", "c-1")
    with serving(answer({**TOKEN, "data": {"id": 1}})) as server:
        monkeypatch.setenv("LEADLENS_BASE_BASE_URL", server.url)
        with connect("base") as client:
            client.call("GET", "/v2/users/self")
    assert ring["leadlens", "base.refresh_token"] == "rt-9"


def test_a_renewed_refresh_token_that_cannot_be_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said, without the token."""
    for name, value in (("REFRESH_TOKEN", "rt-2"), ("CLIENT_ID", "c-1"), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"LEADLENS_BASE_{name}", value)
    with serving(answer({**TOKEN, "data": {"id": 1}})) as server:
        monkeypatch.setenv("LEADLENS_BASE_BASE_URL", server.url)
        with connect("base") as client:
            client.call("GET", "/v2/users/self")
    assert "log in again" in caplog.text
    assert "rt-" not in caplog.text


def test_another_client_with_the_same_options_takes_nothing_away(monkeypatch: pytest.MonkeyPatch, ring: Any) -> None:
    """Both share the account's credentials, and what is renewed is still kept."""
    options: dict[str, Any] = {"refresh_token": "rt-1", "client_id": "c-1", "client_secret": SECRET}
    ring["leadlens", "base.refresh_token"], ring["leadlens", "base.client_secret"] = "rt-1", SECRET
    monkeypatch.setenv("LEADLENS_BASE_CLIENT_ID", "c-1")
    with serving(answer({**TOKEN, "data": {"id": 1}})) as server:
        monkeypatch.setenv("LEADLENS_BASE_BASE_URL", server.url)
        with connect("base") as client, connect("base", base_url=server.url, **options) as other:
            assert client.driver.credentials is other.driver.credentials
            other.call("GET", "/v2/users/self")
    assert ring["leadlens", "base.refresh_token"] == "rt-9"


def test_a_keyring_that_breaks(monkeypatch: pytest.MonkeyPatch, ring: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The call goes on with the new token; what the keyring raised, and its words, stay inside."""

    def broken(*_: str) -> None:
        raise RuntimeError("the agent said rt-9")

    ring["leadlens", "base.refresh_token"], ring["leadlens", "base.client_secret"] = "rt-1", SECRET
    monkeypatch.setenv("LEADLENS_BASE_CLIENT_ID", "c-1")
    monkeypatch.setattr(sys.modules["keyring"], "set_password", broken)
    with serving(answer({**TOKEN, "data": {"id": 1}})) as server:
        monkeypatch.setenv("LEADLENS_BASE_BASE_URL", server.url)
        with connect("base") as client:
            assert client.call("GET", "/v2/users/self").status == 200
            credentials: Any = client.driver.credentials
            credentials.keep, credentials._renew_at = broken, 0.0
            credentials._given = Veiled({**credentials._given, "refresh_token": "rt-0"})
            with pytest.raises(RuntimeError):
                client.call("GET", "/v2/users/self")
            assert credentials._renew_at > 0.0
    assert "log in again" in caplog.text
    assert "rt-" not in caplog.text


def test_a_keyring_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, ring: Any) -> None:
    """It has nothing, whatever it raises."""

    def broken(*_: str) -> None:
        raise RuntimeError("the agent said rt-9")

    monkeypatch.setattr(sys.modules["keyring"], "get_password", broken)
    monkeypatch.setenv("LEADLENS_BASE_TOKEN", "t-1")
    assert accounts.bare("base").given(registry.get("base").access())["refresh_token"] is None  # type: ignore[misc]  # None would fail too
