"""What is given on the command line: an option or argument is left out, or says something.

An empty text is most often a variable of a script that is not set. Taken for left out, ``--company-id "$ID"`` would go
ahead without the id that was meant.
"""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource


class NotEmpty(click.ParamType):  # type: ignore[type-arg]  # generic for type checkers only
    """Another type, of which an empty text is no value."""

    def __init__(self, inner: click.ParamType[Any]) -> None:
        self.inner, self.name = inner, inner.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value of the other type; a default is as it was written in the program."""
        given = ctx is None or param is None or ctx.get_parameter_source(param.name or "") != ParameterSource.DEFAULT
        if given and isinstance(value, str) and not value.strip():
            self.fail("it is empty; leave it out, or say what is meant", param, ctx)
        return self.inner.convert(value, param, ctx)


def never_empty(command: click.Command) -> click.Command:
    """Return a command, and with it those below it, that refuses empty texts and names of files."""
    for param in command.params:
        if param.type is click.STRING or isinstance(param.type, click.Path):
            param.type = NotEmpty(param.type)
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        never_empty(below)
    return command
