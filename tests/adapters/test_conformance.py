"""Our own adapters pass the suite that every adapter has to pass."""

from __future__ import annotations

import leadlens_base
import leadlens_copper
import leadlens_zoho
from leadlens.testing import conformance

TestBase = conformance(leadlens_base.ADAPTER)
TestCopper = conformance(leadlens_copper.ADAPTER)
TestZoho = conformance(leadlens_zoho.ADAPTER)
