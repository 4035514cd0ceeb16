"""The command line. Each subcommand has a file of its own and is loaded when it is called."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any

from leadlens import __version__
from leadlens.errors import InputError, LeadlensError, LossError, OutcomeUnknownError, RefusedError, UsageError

COMMANDS = {
    "adapters": "Show the installed adapters, or write the skeleton of a new one.",
    "archive": "Fetch all of an account into files, to migrate later without it.",
    "conversions": "List what leads of an account were converted into.",
    "convert": "Convert a lead of an account, once.",
    "demo": "Show the point in one screen, with the vendors' documented payloads.",
    "doctor": "Check an account: credentials, data, limits.",
    "fields": "Show the fields of an account, and what its records can point to.",
    "init": "Write an example of leadlens.toml.",
    "lint": "Check the installed crosswalks, or a file of your own rows.",
    "login": "Log in to an account in a browser, and keep its token.",
    "matrix": "Show what survives between CRMs, field by field.",
    "migrate": "Move the conversions of one account to another: plan, apply, verify, report.",
    "resolve": "Say what a lead of an account became.",
    "sandbox": "Serve emulated Copper, Zoho CRM and Base accounts on this machine.",
    "translate": "Translate a record, request or reply, and report every loss.",
    "upsert": "Update the one record of an account that matches, or create it.",
}
DONE, REFUSED, BAD_INPUT, UNKNOWN = 0, 1, 2, 3


def main() -> None:
    """Run the command line; an error becomes one clear message and an exit code, never a traceback."""
    gc.set_threshold(100_000)  # starting makes many objects that all stay; searching them took a tenth of its time
    try:
        import click  # noqa: F401  # only to say what to install
    except ImportError:
        sys.exit("leadlens: the command line needs more; install leadlens[cli]")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 refused, 2 bad usage or input, 3 unknown outcome."""
    import click

    if not _has_output():
        return BAD_INPUT
    try:
        code = _group().main(args=arguments, prog_name="leadlens", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except click.Abort:
        return REFUSED
    except LeadlensError as error:
        sys.stderr.write(f"leadlens: {error}\n")
        return exit_code(error)
    except OSError as error:
        sys.stderr.write(f"leadlens: {error.filename or 'standard input or output'}: {error.strerror or error}\n")
        return BAD_INPUT
    return code if isinstance(code, int) else DONE


def _has_output() -> bool:
    """Stand in for standard input and error that the caller closed; tell whether there is an output to write to."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  # open as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # see above
    if sys.stdout is None:
        sys.stderr.write("leadlens: standard output is closed\n")
    return sys.stdout is not None


def exit_code(error: LeadlensError) -> int:
    """Return the exit code of an error."""
    from leadlens.cli.output import UntoldError

    if isinstance(error, OutcomeUnknownError | UntoldError):
        return UNKNOWN
    if isinstance(error, InputError | UsageError):
        return BAD_INPUT
    assert isinstance(error, LossError | RefusedError | LeadlensError)
    return REFUSED


def _group() -> Any:
    import click

    from leadlens.cli.given import never_empty

    class Lazy(click.Group):
        """A group that knows its commands' names and loads one when it is called."""

        def invoke(self, ctx: click.Context) -> Any:
            """Run the command; whoever stops reading the output early has what they wanted."""
            try:
                return super().invoke(ctx)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return DONE

        def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
            return list(COMMANDS)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's
            if cmd_name not in COMMANDS:
                return None
            return never_empty(importlib.import_module(f"leadlens.cli.{cmd_name}").command)

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
            with formatter.section("Commands"):
                formatter.write_dl(list(COMMANDS.items()))

    help_text = "Move lead conversions between CRMs without losing or doubling anything."
    return click.version_option(__version__, prog_name="leadlens")(Lazy("leadlens", help=help_text))
