"""The jobs with attrs classes of both wires and plain cattrs, with its orjson preset and with json."""

from __future__ import annotations

import json
from typing import Any

import attrs
from cattrs import Converter
from cattrs.preconf.orjson import make_converter
from tests.bench import objects, records
from tests.bench.jobs import JobName, Translate


def _class(name: str, types: dict[str, Any]) -> type:
    options = {key: attrs.field(default=None, type=kind | None) for key, kind in types.items()}
    return attrs.make_class(name, options, kw_only=True, slots=True)


_CLASSES: dict[str, Any] = records.classes(_class)
_BY_JOB = {
    "conversion": (_CLASSES["ConvertReply"], objects.convert_reply),
    "lead": (_CLASSES["Lead"], objects.lead),
}


def with_orjson(name: JobName) -> Translate:
    """Return the job with cattrs' preset for orjson."""
    converter = make_converter(forbid_extra_keys=True, omit_if_default=True)
    cls, work = _BY_JOB[name]
    return lambda data: converter.dumps(work(converter.loads(data, cls), _CLASSES))


def with_json(name: JobName) -> Translate:
    """Return the job with a default converter and the standard library's json."""
    converter = Converter(forbid_extra_keys=True, omit_if_default=True)
    cls, work = _BY_JOB[name]

    def translate(data: bytes) -> bytes:
        made = converter.unstructure(work(converter.structure(json.loads(data), cls), _CLASSES))
        return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()

    return translate
