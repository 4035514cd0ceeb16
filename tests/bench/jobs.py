"""The two jobs that every implementation does, and leadlens doing them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs
import orjson

from leadlens._compile import encoder, reader
from leadlens.crosswalk import Crosswalk
from leadlens.decoding import dumps
from leadlens.loss import Loss
from leadlens_copper.crosswalks import crosswalks as copper
from leadlens_zoho.crosswalks import crosswalks as zoho

JobName = Literal["conversion", "lead"]
JOB_NAMES: tuple[JobName, ...] = ("conversion", "lead")
Translate: TypeAlias = Callable[[bytes], bytes]

_HERE = Path(__file__).resolve().parent
SPECS = _HERE.parent.parent / "specs"


@attrs.frozen
class Job:
    """One job: a Copper payload, and the crosswalks that lead from it to Zoho's wire."""

    name: JobName
    title: str
    payload: bytes
    source: Crosswalk
    target: Crosswalk


def _conversion() -> Job:
    exchange = json.loads((SPECS / "copper/exchanges/convert_lead.json").read_bytes())
    payload = orjson.dumps(exchange["reply"]["body"])
    kind = "convert-reply"
    return Job("conversion", "Copper convert reply → Zoho convert reply", payload, copper()[kind], zoho()[kind])


def _lead() -> Job:
    payload = orjson.dumps(json.loads((_HERE / "data/copper_lead.json").read_bytes()))
    return Job("lead", "Copper lead → Zoho upsert record", payload, copper()["lead"], zoho()["lead"])


JOBS: dict[JobName, Job] = {"conversion": _conversion(), "lead": _lead()}


def leadlens_job(name: JobName) -> Translate:
    """Return the whole translation by leadlens, from bytes to bytes, ids kept; losses are collected on the way."""
    job = JOBS[name]
    read, encode = reader(job.source), encoder(job.target, job.target.author)

    def translate(data: bytes) -> bytes:
        losses: list[Loss] = []
        return dumps(encode(read(data, losses), losses, None))

    return translate


def floor_job(name: JobName) -> Translate:
    """Return the least that any translation does: read these bytes, write those; the output is ready-made."""
    ready = orjson.loads(leadlens_job(name)(JOBS[name].payload))

    def translate(data: bytes) -> bytes:
        orjson.loads(data)
        return orjson.dumps(ready)

    return translate


def renewed(name: JobName, count: int) -> list[bytes]:
    """Return payloads of which each has record ids and times of its own, so that nothing remembered of these helps."""
    chance = random.Random(7)  # payloads that are the same in every run, no secrets

    def other(number: re.Match[bytes]) -> bytes:
        size = len(number[0])
        return b"%d" % chance.randrange(13 * 10 ** (size - 2), 17 * 10 ** (size - 2))

    return [re.sub(rb"(?<=:)[0-9]{7,10}(?=[,}])", other, JOBS[name].payload) for _ in range(count)]


def fields(value: Any) -> int:
    """Return how many fields a JSON value has: what is no object, each, and a list of scalars or none as one."""
    if isinstance(value, dict):
        return sum(map(fields, value.values()))
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return sum(map(fields, value))
    return 1
