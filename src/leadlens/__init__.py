"""leadlens: one neutral model of leads and conversions, and crosswalks to every CRM that report each loss.

Everything public is here; each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "leadlens._compile": (
        "Decoded",
        "Encoded",
        "decode",
        "encode",
    ),
    "leadlens._onto": (
        "encode_onto",
        "residue",
    ),
    "leadlens.catalogue": (
        "Catalogue",
        "Choice",
        "Definition",
        "Option",
    ),
    "leadlens.client": (
        "Client",
        "Plan",
    ),
    "leadlens.connecting": ("connect",),
    "leadlens.conversion": (
        "Conversion",
        "ConversionOptions",
        "ConversionPage",
        "ConvertRequest",
        "Created",
        "Existing",
        "Linked",
        "Match",
        "MatchKey",
        "NewCompany",
        "NewContact",
        "NewDeal",
        "NoRecord",
        "Nothing",
        "Present",
        "UpsertRequest",
        "UpsertResult",
        "VendorDefault",
        "VendorExtras",
    ),
    "leadlens.customfields.mapping": ("AccountMapping",),
    "leadlens.customfields.reading": ("read_mapping",),
    "leadlens.errors": (
        "AlreadyConvertedError",
        "AmbiguousMatchError",
        "CredentialsError",
        "DeclarationError",
        "DuplicateError",
        "InputError",
        "InvalidRequestError",
        "LeadlensError",
        "LossError",
        "MappingError",
        "NotFoundError",
        "NotPermittedError",
        "OutcomeUnknownError",
        "PendingError",
        "RateLimitError",
        "RedirectedError",
        "RefusedError",
        "TryLaterError",
        "UnknownAdapterError",
        "UsageError",
        "VendorError",
    ),
    "leadlens.loss": (
        "Loss",
        "LossPolicy",
    ),
    "leadlens.model": (
        "About",
        "Address",
        "Attachment",
        "Company",
        "Contact",
        "ConvertedFrom",
        "ConvertedTo",
        "CustomField",
        "Deal",
        "Email",
        "Lead",
        "Money",
        "Note",
        "PersonName",
        "Phone",
        "Ref",
        "Social",
        "Website",
    ),
    "leadlens.operations": (
        "ConversionQuery",
        "Item",
        "Page",
        "Query",
    ),
    "leadlens.plain": (
        "adapter_converter",
        "from_plain",
        "to_plain",
    ),
    "leadlens.sandbox": ("Sandbox",),
    "leadlens.translation": (
        "Translation",
        "translate",
        "translator",
    ),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["__version__", *sorted(_WHERE)]  # noqa: PLE0604  # the names are texts; the linter cannot see it

if TYPE_CHECKING:
    from leadlens._compile import Decoded as Decoded
    from leadlens._compile import Encoded as Encoded
    from leadlens._compile import decode as decode
    from leadlens._compile import encode as encode
    from leadlens._onto import encode_onto as encode_onto
    from leadlens._onto import residue as residue
    from leadlens.catalogue import Catalogue as Catalogue
    from leadlens.catalogue import Choice as Choice
    from leadlens.catalogue import Definition as Definition
    from leadlens.catalogue import Option as Option
    from leadlens.client import Client as Client
    from leadlens.client import Plan as Plan
    from leadlens.connecting import connect as connect
    from leadlens.conversion import Conversion as Conversion
    from leadlens.conversion import ConversionOptions as ConversionOptions
    from leadlens.conversion import ConversionPage as ConversionPage
    from leadlens.conversion import ConvertRequest as ConvertRequest
    from leadlens.conversion import Created as Created
    from leadlens.conversion import Existing as Existing
    from leadlens.conversion import Linked as Linked
    from leadlens.conversion import Match as Match
    from leadlens.conversion import MatchKey as MatchKey
    from leadlens.conversion import NewCompany as NewCompany
    from leadlens.conversion import NewContact as NewContact
    from leadlens.conversion import NewDeal as NewDeal
    from leadlens.conversion import NoRecord as NoRecord
    from leadlens.conversion import Nothing as Nothing
    from leadlens.conversion import Present as Present
    from leadlens.conversion import UpsertRequest as UpsertRequest
    from leadlens.conversion import UpsertResult as UpsertResult
    from leadlens.conversion import VendorDefault as VendorDefault
    from leadlens.conversion import VendorExtras as VendorExtras
    from leadlens.customfields.mapping import AccountMapping as AccountMapping
    from leadlens.customfields.reading import read_mapping as read_mapping
    from leadlens.errors import AlreadyConvertedError as AlreadyConvertedError
    from leadlens.errors import AmbiguousMatchError as AmbiguousMatchError
    from leadlens.errors import CredentialsError as CredentialsError
    from leadlens.errors import DeclarationError as DeclarationError
    from leadlens.errors import DuplicateError as DuplicateError
    from leadlens.errors import InputError as InputError
    from leadlens.errors import InvalidRequestError as InvalidRequestError
    from leadlens.errors import LeadlensError as LeadlensError
    from leadlens.errors import LossError as LossError
    from leadlens.errors import MappingError as MappingError
    from leadlens.errors import NotFoundError as NotFoundError
    from leadlens.errors import NotPermittedError as NotPermittedError
    from leadlens.errors import OutcomeUnknownError as OutcomeUnknownError
    from leadlens.errors import PendingError as PendingError
    from leadlens.errors import RateLimitError as RateLimitError
    from leadlens.errors import RedirectedError as RedirectedError
    from leadlens.errors import RefusedError as RefusedError
    from leadlens.errors import TryLaterError as TryLaterError
    from leadlens.errors import UnknownAdapterError as UnknownAdapterError
    from leadlens.errors import UsageError as UsageError
    from leadlens.errors import VendorError as VendorError
    from leadlens.loss import Loss as Loss
    from leadlens.loss import LossPolicy as LossPolicy
    from leadlens.model import About as About
    from leadlens.model import Address as Address
    from leadlens.model import Attachment as Attachment
    from leadlens.model import Company as Company
    from leadlens.model import Contact as Contact
    from leadlens.model import ConvertedFrom as ConvertedFrom
    from leadlens.model import ConvertedTo as ConvertedTo
    from leadlens.model import CustomField as CustomField
    from leadlens.model import Deal as Deal
    from leadlens.model import Email as Email
    from leadlens.model import Lead as Lead
    from leadlens.model import Money as Money
    from leadlens.model import Note as Note
    from leadlens.model import PersonName as PersonName
    from leadlens.model import Phone as Phone
    from leadlens.model import Ref as Ref
    from leadlens.model import Social as Social
    from leadlens.model import Website as Website
    from leadlens.operations import ConversionQuery as ConversionQuery
    from leadlens.operations import Item as Item
    from leadlens.operations import Page as Page
    from leadlens.operations import Query as Query
    from leadlens.plain import adapter_converter as adapter_converter
    from leadlens.plain import from_plain as from_plain
    from leadlens.plain import to_plain as to_plain
    from leadlens.sandbox import Sandbox as Sandbox
    from leadlens.translation import Translation as Translation
    from leadlens.translation import translate as translate
    from leadlens.translation import translator as translator


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for (PEP 562)."""
    if name not in _WHERE:
        raise AttributeError(f"module 'leadlens' has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)
