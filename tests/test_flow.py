"""Calls and replies."""

from __future__ import annotations

import pytest

from leadlens.flow import Call, Reply


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    """Retry-After counts when it is a number of seconds; a date is left to those who have a clock."""
    assert Reply(429, {"retry-after": header}).retry_after == seconds
    assert Reply(429).retry_after is None


def test_request_id() -> None:
    """The id of a request stands in whichever header ends like one."""
    assert Reply(500, {"x-request-id": "r-1"}).request_id == "r-1"
    assert Reply(500, {"x-zoho-request-id": "r-2", "date": "x"}).request_id == "r-2"
    assert Reply(500, {"date": "x"}).request_id is None


def test_a_body_stays_out_of_the_repr() -> None:
    """Personal data of calls and replies never shows in a repr."""
    secret = {"name": "Ada"}
    assert "Ada" not in repr((Call("x", "read", "GET", "/x", body=secret), Reply(200, {"x": "Ada"}, secret)))
