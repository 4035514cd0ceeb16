"""``leadlens login``."""

from __future__ import annotations

import webbrowser
from typing import Any

import click

from leadlens import accounts, registry
from leadlens.access import Access, Consent, Secret, Veiled
from leadlens.cli.output import saying
from leadlens.errors import UsageError


@click.command()
@click.argument("account")
@click.option(
    "--port",
    default=8910,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where this machine waits for the browser; 0: anywhere.",
)
@click.option("--no-browser", is_flag=True, help="Show the page's address instead of opening it.")
@click.option("--print", "printed", is_flag=True, help="Write the token to standard output; it is a secret.")
def command(account: str, port: int, no_browser: bool, printed: bool) -> None:
    """Log in to ACCOUNT of leadlens.toml, or to zoho, base or copper, in a browser, and keep the token.

    The account needs the client_id and client_secret of an OAuth application of yours, with
    http://127.0.0.1:8910/callback as one of its redirect addresses. The token is kept in the system's keyring.
    Copper sends browsers to an HTTPS address only: paste the address or the code that it shows.
    """
    known = accounts.load().get(account) or accounts.bare(account)
    adapter = registry.get(known.vendor)
    access = None if adapter.access is None else adapter.access()
    if access is None or access.consent is None:
        raise UsageError(f"{adapter.title} has no login")
    given = Veiled(access.check(Veiled(known.given(access)), known.name, login=True))
    token = _token(adapter.name, access, access.consent, given, port, show=no_browser)
    _keep(known, access.consent.keeps, token, printed=printed)


def _token(vendor: str, access: Access, consent: Consent, given: Any, port: int, *, show: bool) -> Secret:
    try:
        import requests_oauthlib  # noqa: F401  # only to say what to install
    except ImportError:
        raise UsageError("logging in needs more; install leadlens[login]") from None
    from leadlens.http.clock import SystemClock
    from leadlens.http.link import Link
    from leadlens.http.login import Login, callback

    link = Link(access.base_url(given), SystemClock())
    login = Login(vendor=vendor, access=access, consent=consent, given=given, link=link)
    if consent.loopback:
        page, said = callback(login, port, lambda url: _open(url, show=show))
    else:
        page = login.page(_registered(given))
        _open(page.url, show=show)
        said = click.prompt("The code, or the whole address that the browser was sent to", hide_input=True, err=True)
    return login.token(page, said)


def _registered(given: Any) -> str:
    if not given.get("redirect_uri"):
        raise UsageError("logging in needs redirect_uri: the HTTPS address that your application is registered with")
    return str(given["redirect_uri"])


def _open(url: str, *, show: bool) -> None:
    if show or not webbrowser.open(url):
        click.echo(f"Open this page in a browser:\n{url}", err=True)


def _keep(account: accounts.Account, option: str, token: Secret, *, printed: bool) -> None:
    if printed:
        with saying("You are logged in, and the token is lost: log in again."):
            click.echo(token.reveal())
        return
    if not account.keep(option, token):
        told = f"the {option} of {account.name} is not looked for in a keyring, or there is none (leadlens[keyring])"
        raise UsageError(f"{told}; log in again with --print, and keep the token where it is looked for")
    click.echo(f"You are logged in: the {option.replace('_', ' ')} of {account.name} is in the keyring.", err=True)
