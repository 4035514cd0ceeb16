"""What the subcommands share: reading input, JSON on stdout, and tables for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from leadlens.decoding import MAX_BYTES, dumps
from leadlens.errors import InputError, LeadlensError
from leadlens.loss import Loss
from leadlens.model import JSON


def read_bytes(name: str) -> bytes:
    """Return a file's bytes, or standard input's for ``-``; refuses more than leadlens would decode."""
    if name == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with open(name, "rb") as file:  # noqa: PTH123  # pathlib costs a tenth of a cold start
            data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError("$", f"at most {MAX_BYTES} bytes")
    return data


def write_json(value: JSON) -> None:
    """Write JSON to standard output, indented."""
    sys.stdout.buffer.write(dumps(value, indent=True) + b"\n")
    sys.stdout.buffer.flush()


class UntoldError(LeadlensError):
    """It was done, and what came of it could not be written to the output."""


@contextmanager
def saying(done: str) -> Iterator[None]:
    """Say on standard error what was done, where the output that says so breaks: it is no bad input.

    Raises :class:`UntoldError`. Whoever stops reading early has what they wanted, as everywhere.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
    else:
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in it is not written at the end
    raise UntoldError(f"{done} This could not be written to the output: {why}")


def wants_json(asked: bool) -> bool:
    """Tell whether output is for programs: when asked for, and when piped."""
    return asked or not sys.stdout.isatty()


def console(*, error: bool = False) -> Any:
    """Return a rich console."""
    from rich.console import Console

    class Screen(Console):
        """A console that leaves it to the command line what a closed pipe means."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Screen(stderr=error, highlight=False)


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Any:
    """Return a rich table of plain texts."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(title=Text(title), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False, collapse_padding=True)
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def show_losses(losses: Sequence[Loss]) -> None:
    """Show losses on standard error, if a person looks at it."""
    if not sys.stderr.isatty():
        return
    if not losses:
        console(error=True).print("Nothing is lost.")
        return
    real = sum(loss.level == "loss" for loss in losses)
    title = f"{real} loss(es), {len(losses) - real} note(s)"
    rows = [(loss.level, loss.path, loss.detail, loss.reason) for loss in losses]
    console(error=True).print(table(title, ("", "where", "what happens", "reason"), rows))
