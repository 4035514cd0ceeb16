"""What nobody has recorded about Copper [?], as switches; each default hurts whoever assumes too much."""

from __future__ import annotations

from typing import Final

from leadlens.emulation.vendor import Switch

SWITCHES: Final = (
    Switch(
        "second_convert",
        {
            "again": "converts again, and makes or links a second set of records",
            "404": "the lead is gone: Resource not found",
        },
        "again",
    ),
    Switch(
        "fuzzy_company",
        {
            "candidates": "200 with the companies that might be meant, and nothing is converted",
            "first": "links the oldest company that might be meant",
            "create": "makes a company unless one has exactly that name",
        },
        "candidates",
    ),
    Switch(
        "company_left_out",
        {
            "lead": "a conversion that says nothing of the company links or makes the lead's own",
            "none": "a conversion that says nothing of the company has none",
        },
        "lead",
    ),
    Switch(
        "matched_person",
        {
            "moved": "a person found by e-mail goes to the company of the conversion, and keeps all else",
            "kept": "a person found by e-mail stays as it is",
            "filled": "a person found by e-mail goes to the company, and takes from the lead what it lacks",
        },
        "moved",
    ),
    Switch(
        "carried_tags",
        {
            "person": "a new person has the lead's tags, company and opportunity have not",
            "none": "the lead's tags are not carried",
            "all": "every record that the conversion makes has the lead's tags",
        },
        "person",
    ),
    Switch(
        "opportunity_owner",
        {
            "none": "an opportunity whose owner is not named has none, as in the published sample",
            "lead": "an opportunity whose owner is not named has the lead's",
        },
        "none",
    ),
    Switch(
        "foreign_stage",
        {
            "first": "a conversion into a stage that the pipeline lacks takes its first, as in the published sample",
            "refused": "a conversion into a stage that the pipeline lacks is refused: 422",
        },
        "first",
    ),
    Switch(
        "unrecorded_keys",
        {
            "ignored": "prefix, the parts of a name, monetary_unit and a lead's status_id are taken and forgotten",
            "kept": "prefix, the parts of a name, monetary_unit and a lead's status_id are kept",
            "refused": "prefix, the parts of a name, monetary_unit and a lead's status_id are refused: 422",
        },
        "ignored",
    ),
    Switch(
        "upsert_converted",
        {
            "unseen": "an upsert does not see converted leads, and makes another",
            "seen": "an upsert that finds a converted lead updates it",
        },
        "unseen",
    ),
    Switch(
        "upsert_clash",
        {
            "sentence": "several matches: 422 with their ids within a sentence",
            "list": "several matches: 422 with their ids as a list",
        },
        "sentence",
    ),
    Switch(
        "name_search",
        {
            "loose": "a search by name finds whatever shares a beginning of a word, as one published sample does",
            "exact": "a search by name finds that name",
        },
        "loose",
    ),
    Switch(
        "close_date",
        {
            "month_first": "the account writes days as month/day/year, as the samples do",
            "day_first": "the account writes days as day/month/year",
        },
        "month_first",
    ),
)
