"""A loss: one thing that does not arrive as it was, where, why, and in words; and the policy about losses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import attrs

from leadlens.errors import LossError, UsageError

Level = Literal["loss", "note"]
Kind = Literal["wire_only", "needs", "differs"]
Reason = Literal[
    "absent",
    "read_only",
    "narrowed",
    "unmapped_option",
    "foreign_id",
    "truncated",
    "coerced",
    "ambiguous",
    "instead",
    "required",
    "defaulted",
    "unknown_key",
    "id_not_exact",
    "left_out",
]
REASONS: tuple[str, ...] = Reason.__args__  # type: ignore[attr-defined]  # typing's Literal keeps its members there
Mode: TypeAlias = Literal["report", "raise", "ignore"]
MODES: tuple[str, ...] = Mode.__args__  # type: ignore[attr-defined]  # see REASONS


@attrs.frozen(slots=True, weakref_slot=False)
class Loss:
    """One loss. ``path`` is neutral (``deal.pipeline``), or the wire path (``$.x``) of a key that nobody knows."""

    path: str
    reason: Reason
    detail: str
    level: Level = "loss"
    kind: Kind = "differs"

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.path}: {self.detail} [{self.reason}]"

    def below(self, prefix: str) -> Loss:
        """Return the same loss, seen from the record that holds it at ``prefix``."""
        joint = "" if self.path.startswith("[") else "."
        return Loss(f"{prefix}{joint}{self.path}", self.reason, self.detail, self.level, self.kind)


def covers(prefix: str, path: str) -> bool:
    """Tell whether ``prefix`` is ``path`` or holds it: ``deal`` covers ``deal.pipeline`` and not ``deals``."""
    return path == prefix or path.startswith((f"{prefix}.", f"{prefix}["))


def _texts(entries: Iterable[str]) -> tuple[str, ...]:
    return (entries,) if isinstance(entries, str) else tuple(entries)


@attrs.frozen
class LossPolicy:
    """What to do about losses: ``report`` them, ``raise`` at the first set, or ``ignore`` them.

    ``allow`` holds neutral paths (each covers what lies below it) and ``reason:CODE`` entries that never raise.
    """

    mode: Mode = "report"
    allow: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __attrs_post_init__(self) -> None:
        """Refuse a mode or a reason that does not exist, since it would silently mean another or nothing."""
        if self.mode not in MODES:
            raise UsageError(f"on_loss must be one of {', '.join(MODES)}, not {self.mode!r}")
        for entry in self.allow:
            if entry.startswith("reason:") and entry.removeprefix("reason:") not in REASONS:
                raise UsageError(f"--allow {entry}: no such reason; there are {', '.join(REASONS)}")

    def allows(self, loss: Loss) -> bool:
        """Tell whether this loss may pass under ``raise``."""
        return loss.level == "note" or any(
            entry == f"reason:{loss.reason}" or covers(entry, loss.path) for entry in self.allow
        )

    def apply(self, losses: Iterable[Loss]) -> tuple[Loss, ...]:
        """Return the losses to report; raise :class:`LossError` with all that are not allowed, if the mode says so."""
        kept = tuple(losses)
        if self.mode == "ignore":
            return ()
        refused = [loss for loss in kept if not self.allows(loss)] if self.mode == "raise" else []
        if refused:
            raise LossError(refused)
        return kept
