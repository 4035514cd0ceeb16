"""The adapter: the one object that a vendor's package exports."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import attrs

from leadlens.conversion import ConvertRequest, DealTarget, VendorDefault
from leadlens.crosswalk import Crosswalk
from leadlens.errors import UsageError, VendorError
from leadlens.flow import Reply
from leadlens.loss import Loss
from leadlens.model import JSON, Lead

if TYPE_CHECKING:
    from leadlens.access import Access
    from leadlens.catalogue import Definition
    from leadlens.codecs import Codec
    from leadlens.operations import Operations

Kind = Literal[
    "lead", "contact", "company", "deal", "convert-request", "convert-reply", "upsert-request", "upsert-reply"
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]  # typing's Literal keeps its members there
REQUESTS: tuple[Kind, ...] = ("convert-request", "upsert-request")

RECORDS: tuple[Kind, ...] = ("lead", "contact", "company", "deal")

Resolved: TypeAlias = tuple[ConvertRequest, tuple[Loss, ...]]


class Default(NamedTuple):
    """What a CRM does with a target when nothing is said: a code to compare CRMs by, and a sentence for people."""

    code: str
    sentence: str


def late(place: str, *arguments: Any) -> Callable[..., Any]:
    """Return a function that loads ``module:name`` when it is first called, and calls it with these arguments first."""
    module, _, name = place.partition(":")

    def call(*further: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*arguments, *further)

    return call


def given(place: str) -> Callable[[], Any]:
    """Return a function that loads the object at ``module:NAME`` when it is called."""
    module, _, name = place.partition(":")
    return lambda: getattr(importlib.import_module(module), name)


class Crosswalks(Mapping[str, Crosswalk]):
    """Crosswalks by kind, each declared (and checked) when its module is first needed.

    ``places`` holds per kind ``module:NAME`` of a crosswalk, or of a function and its arguments that returns one.
    """

    def __init__(self, places: Mapping[str, tuple[Any, ...]]) -> None:
        self._places = places
        self._made: dict[str, Crosswalk] = {}

    def __getitem__(self, kind: str) -> Crosswalk:
        if kind not in self._made:
            place, *arguments = self._places[kind]
            module, _, name = place.partition(":")
            found = getattr(importlib.import_module(module), name)
            self._made[kind] = found if isinstance(found, Crosswalk) else found(*arguments)
        return self._made[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def resolve_deal(request: ConvertRequest, default: DealTarget, sentence: str) -> Resolved:
    """Replace *the CRM's default* for the deal by what that is on this CRM, with a note that says so."""
    if not isinstance(request.deal, VendorDefault):
        return request, ()
    return attrs.evolve(request, deal=default), (Loss("deal", "defaulted", sentence, "note", "needs"),)


@attrs.frozen
class Adapter:
    """One CRM at one version.

    ``crosswalks`` holds one per kind (and further ones under names of the vendor's). ``resolve`` replaces what the
    CRM does when nothing is said by what that is, with a note for each. ``depends`` reports what a request does on
    this CRM depending on the lead's own data (None: the lead is not known). ``defaults`` says what becomes of a
    contact and a company about which nothing is said; ``envelope`` is the path to the record in a reply,
    ``samples`` are the vendor's documented payloads by kind. ``classify`` turns an unsuccessful reply into its error,
    and returns None for success. ``operations`` and ``access`` say what it can be asked and how it is reached,
    ``converts_once`` that it refuses to convert a lead a second time, ``keeps_leads`` that a converted one can still be
    read. ``custom_codec`` gives the codec of the values of
    a custom field by its definition. ``variants`` makes the adapter for what follows the ``@`` in its name.
    """

    name: str
    title: str
    crosswalks: Mapping[str, Crosswalk]
    classify: Callable[[Reply], VendorError | None]
    resolve: Callable[[ConvertRequest], Resolved]
    depends: Callable[[ConvertRequest, Lead | None], tuple[Loss, ...]]
    defaults: Mapping[str, Default] = attrs.field(factory=dict)
    envelope: tuple[str | int, ...] = ()
    operations: Callable[[], Operations] | None = None
    access: Callable[[], Access] | None = None
    converts_once: bool = False
    keeps_leads: bool = True
    custom_codec: Callable[[Definition], Codec] | None = None
    samples: Mapping[str, JSON] = attrs.field(factory=dict, repr=False)
    variant: str | None = None
    variants: Mapping[str, Callable[[], Adapter]] = attrs.field(factory=dict, repr=False)

    @property
    def full_name(self) -> str:
        """The name with its variant: ``zoho@v8``, ``copper``."""
        return self.name if self.variant is None else f"{self.name}@{self.variant}"

    def at(self, variant: str) -> Adapter:
        """Return this adapter at an API version or account setting (``v2``, ``month-first``)."""
        if variant not in self.variants:
            raise UsageError(f"{self.name} has no {variant!r}; there are {', '.join(self.variants) or 'no variants'}")
        return self.variants[variant]()

    def crosswalk(self, kind: str) -> Crosswalk:
        """Return the crosswalk of a kind; raises :class:`UsageError` for a kind that does not exist."""
        if kind not in self.crosswalks:
            raise UsageError(f"there is no kind {kind!r}; there are {', '.join(self.crosswalks)}")
        return self.crosswalks[kind]
