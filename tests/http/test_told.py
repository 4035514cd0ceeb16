"""Retry-After, in all that servers write there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlens.flow import Reply
from leadlens.http.told import retry_after, skew

WALL = 1_767_603_600.0
"""2026-01-05T09:00:00Z."""
DATE = "Mon, 05 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "99999999"}, 99_999_999.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "5, 5"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "Mon, 05 Jan 2026 12:00:30 GMT", "date": DATE}, 30.0),
        ({"retry-after": "Mon, 05 Jan 2026 11:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Mon, 05 Jan 2026 09:01:00 GMT"}, 60.0),
        ({"retry-after": "Mon, 05 Jan 2026 09:01:00 GMT", "date": "today"}, 60.0),
        ({"retry-after": "Mon, 05 Jan 2026 09:01:00 -0000"}, 60.0),
        ({"retry-after": "Mon, 32 Jan 2026 09:01:00 GMT"}, None),
        ({"retry-after": "Mon, 05 Jan 99999 09:01:00 GMT"}, None),
    ],
)  # fmt: skip
def test_what_a_reply_asks_for(headers: dict[str, str], told: float | None) -> None:
    """Seconds, or a date against the reply's own; what cannot be meant says nothing."""
    assert retry_after(Reply(429, headers), WALL) == told


@given(st.text(max_size=60), st.text(max_size=40))
def test_any_text_is_taken(text: str, date: str) -> None:
    """Never an exception, never a negative number."""
    found = retry_after(Reply(429, {"retry-after": text, "date": date}), WALL)
    assert found is None or found >= 0


def test_the_clock_of_the_crm() -> None:
    """A reply's Date says how far the CRM's clock is ahead; without one nobody knows."""
    assert skew(Reply(200, {"date": "Sat, 21 Nov 2026 18:00:10 GMT"}), 1_795_284_000.0) == 10.0
    assert skew(Reply(200, {"date": "yesterday"}), 0.0) is None
    assert skew(Reply(200), 0.0) is None
