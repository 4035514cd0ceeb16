"""The jobs with pydantic v2: strict input models that forbid unknown keys, output models, pydantic's own JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, create_model
from tests.bench import objects, records
from tests.bench.jobs import JobName, Translate


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def _model(name: str, types: dict[str, Any]) -> type[BaseModel]:
    options: dict[str, Any] = {key: (kind | None, None) for key, kind in types.items()}
    return create_model(name, __base__=_Wire, **options)


_MODELS: dict[str, Any] = records.classes(_model)
_BY_JOB = {
    "conversion": (_MODELS["ConvertReply"], objects.convert_reply),
    "lead": (_MODELS["Lead"], objects.lead),
}


def with_pydantic(name: JobName) -> Translate:
    """Return the job with pydantic models."""
    model, work = _BY_JOB[name]

    def translate(data: bytes) -> bytes:
        text: str = work(model.model_validate_json(data), _MODELS).model_dump_json(exclude_none=True)
        return text.encode()

    return translate
