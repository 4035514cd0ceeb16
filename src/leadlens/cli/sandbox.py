"""``leadlens sandbox``."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadlens.emulation.clock import RealClock, VirtualClock
from leadlens.errors import UsageError

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

    from leadlens.sandbox import Sandbox

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--anywhere", is_flag=True, help="Allow a host that other machines can reach.")
@click.option("--seed", default=7, show_default=True, help="Decides the data and every chance.")
@click.option("--data", type=click.Choice(["demo", "empty"]), default="demo", show_default=True)
@click.option("--db", type=_FILE, help="Keep the state in this file, over restarts.")
@click.option("--clock", type=click.Choice(["real", "virtual"]), default="real", show_default=True)
@click.option("--faults", type=_FILE, help="A fault plan, as JSON.")
@click.option("--switch", "switches", multiple=True, metavar="VENDOR.NAME=OPTION", help="Choose unknown behaviour.")
@click.option("--limits", is_flag=True, help="Enforce the vendors' rate limits.")
@click.option("--control", is_flag=True, help="Open the truth log, clock and faults under /_sandbox.")
def command(
    port: int,
    host: str,
    anywhere: bool,
    seed: int,
    data: str,
    db: Path | None,
    clock: str,
    faults: Path | None,
    switches: tuple[str, ...],
    limits: bool,
    control: bool,
) -> None:
    """Serve emulated Copper, Zoho CRM and Base accounts on this machine, for programs written for the real ones."""
    if importlib.util.find_spec("werkzeug") is None:
        raise UsageError("the server needs more; install leadlens[sandbox]")
    from leadlens.sandbox import Sandbox

    with Sandbox(
        seed,
        data="demo" if data == "demo" else "empty",
        db=db,
        faults=faults,
        clock=_clock(clock, db),
        switches=_pairs(switches),
        limits=limits,
        control=control,
    ) as sandbox:
        server = _bound(sandbox, host, port, anywhere=anywhere)
        _greet(sandbox, control=control)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Stopped.")
        finally:
            server.server_close()


def _bound(sandbox: Sandbox, host: str, port: int, *, anywhere: bool) -> BaseWSGIServer:
    from leadlens.sandbox.server import bind

    try:
        return bind(sandbox, host, port, anywhere=anywhere)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}, port {port}: {error.strerror}") from None


def _clock(name: str, db: Path | None) -> RealClock | VirtualClock | None:
    if name == "real":
        return RealClock()
    return None if db else VirtualClock()


def _pairs(switches: tuple[str, ...]) -> dict[str, str]:
    for switch in switches:
        if "=" not in switch:
            raise UsageError(f"a switch is VENDOR.NAME=OPTION, not {switch!r}")
    return {name: option for name, _, option in (switch.partition("=") for switch in switches)}


def _greet(sandbox: Sandbox, *, control: bool) -> None:
    """Say where everything is, and what to type."""
    click.echo("Emulated accounts: nothing here reaches a real CRM.\n")
    for name, vendor in sandbox.vendors.items():
        headers = " ".join(f"-H {shlex.quote(f'{key}: {value}')}" for key, value in vendor.credentials.items())
        click.echo(f"{click.style(vendor.title, bold=True)}  {sandbox.url(name)}")
        click.echo(f"  curl -s {shlex.quote(sandbox.url(name, vendor.example))} {headers}\n")
    click.echo("Any credential works but an empty one and the one called 'expired'.")
    if control:
        click.echo(f"What was really committed: {sandbox.origin}/_sandbox/truth")
    click.echo("Press Ctrl+C to stop.")
    sys.stdout.flush()
