"""Our own adapters pass the suite that every adapter has to pass."""

from __future__ import annotations

import leadlens_base
import leadlens_copper
import leadlens_zoho
from leadlens.testing import conformance

TestBase = conformance(leadlens_base.ADAPTER, switches={"text_filters": "ignore_case"})
TestCopper = conformance(leadlens_copper.ADAPTER, switches={"unrecorded_keys": "kept"})
TestZoho = conformance(leadlens_zoho.ADAPTER)
