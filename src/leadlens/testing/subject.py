"""What the suite tries: an adapter and the emulated account that judges it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from leadlens import recent
from leadlens.adapter import Adapter
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.emulation.vendor import Vendor
from leadlens.http.driver import Hook
from leadlens.sandbox import finding
from leadlens.sandbox.box import Sandbox


@attrs.frozen
class Subject:
    """An adapter, and the sandbox of its CRM: found beside the adapter or by entry point, unless given."""

    adapter: Adapter
    given: Vendor | None = None

    @property
    def vendor(self) -> Vendor:
        """The sandbox of the CRM."""
        return self.given or finding.get(self.adapter.name)

    @contextmanager
    def account(self, *, hook: Hook | None = None, **options: Any) -> Iterator[tuple[Sandbox, Client]]:
        """Give an emulated account of its own, empty unless ``data`` says otherwise, and a client of it.

        What this process remembers of other accounts is forgotten before.
        """
        recent.forget()
        with (
            Sandbox(**{"data": "empty", "vendors": [self.vendor], **options}) as sandbox,
            connect(self.adapter, sandbox=sandbox, hook=hook) as client,
        ):
            yield sandbox, client
