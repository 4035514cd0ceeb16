"""Turns a Copper convert request into Zoho's calls for lead 1: what somebody writes who needs just that, just now."""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Read the file that is named and print the calls."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123  # a script that starts fast
        details = json.load(file)["details"]
    calls = []
    if name := details.get("person", {}).get("name"):
        first, _, last = name.rpartition(" ")
        names = {"First_Name": first, "Last_Name": last} if first else {"Last_Name": last}
        calls.append({"method": "PUT", "path": "/crm/v8/Leads/1", "query": {}, "body": {"data": [names]}})
    item = {}
    if (deal := details.get("opportunity")) is not None:
        item["Deals"] = {"Deal_Name": deal["name"]}
        if deal.get("monetary_value") is not None:
            item["Deals"]["Amount"] = deal["monetary_value"]
    path = "/crm/v8/Leads/1/actions/convert"
    calls.append({"method": "POST", "path": path, "query": {}, "body": {"data": [item]}})
    json.dump({"calls": calls, "losses": []}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
