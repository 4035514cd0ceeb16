"""The versions of Zoho's API that leadlens speaks."""

from __future__ import annotations

from typing import Literal

Version = Literal["v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"]
VERSIONS: tuple[Version, ...] = ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")
LATEST: Version = "v8"


def since(version: Version, first: Version) -> bool:
    """Tell whether ``version`` is ``first`` or later."""
    return VERSIONS.index(version) >= VERSIONS.index(first)
