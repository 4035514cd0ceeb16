"""A local, stateful emulation of the CRMs: in process (:class:`Sandbox`) or as a server (``leadlens sandbox``)."""

from leadlens.sandbox.box import Sandbox

__all__ = ["Sandbox"]
