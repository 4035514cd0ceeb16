"""What nobody has recorded of Base, or only third parties have: the plausible behaviours.

The default is the one that harms whoever assumes too much, or the one that was seen where none is harmless.
"""

from __future__ import annotations

from leadlens.emulation.vendor import Switch

SWITCHES = (
    Switch(
        "second_convert",
        {
            "again": "makes a second set of records",
            "refused": "422, incorrect_value at /data/lead_id",
            "same": "answers with the first conversion",
        },
        "again",
    ),
    Switch(
        "converted_lead",
        {"kept": "stays as it was, to be read and converted again", "gone": "404, and in no list"},
        "kept",
    ),
    Switch(
        "several_matches",
        {
            "oldest": "an upsert updates the oldest of several matches and says nothing",
            "newest": "it updates the newest",
            "409": "409, and nothing is written [third-party]",
        },
        "oldest",
    ),
    Switch(
        "upsert_create",
        {
            "body": "a new record has what the body says, so that the same filters may not find it",
            "with_filters": "it has the values of the filters too",
        },
        "body",
    ),
    Switch(
        "upsert_status",
        {"told": "201 for created, 200 for updated [third-party]", "silent": "200 for both"},
        "told",
    ),
    Switch(
        "created",
        {"200": "a creation or conversion is answered with 200", "201": "with 201"},
        "200",
    ),
    Switch(
        "text_filters",
        {"exact": "filters tell upper from lower case, so that an upsert may double", "ignore_case": "they do not"},
        "exact",
    ),
    Switch(
        "tags",
        {
            "contacts": "a conversion gives the lead's tags to the contacts",
            "everywhere": "to the deal too",
            "dropped": "to none",
        },
        "contacts",
    ),
    Switch(
        "activities",
        {"contact": "notes and tasks of a converted lead go to the individual or organization", "deal": "to the deal"},
        "contact",
    ),
    Switch(
        "read_conversion",
        {"answered": "GET /lead_conversions/{id} gives the conversion", "404": "there is no such resource"},
        "answered",
    ),
    Switch(
        "no_user_agent",
        {
            "refused": "400, invalid_param",
            "named": "400, invalid_user_agent, a code that is not on the page of errors",
            "answered": "a request without User-Agent is answered",
        },
        "refused",
    ),
    Switch(
        "too_many",
        {"429": "429, rate_limit_exceeded", "404": "404 for /429.json [third-party]"},
        "429",
    ),
)
