"""What nobody has recorded of Zoho, or only third parties have, as switches; the default is the dangerous option.

``rights``, ``refresh_limit`` and ``contact_email`` are situations rather than unknowns: how the account is set up.
"""

from __future__ import annotations

from typing import Final

from leadlens.emulation.vendor import Switch

SWITCHES: Final = (
    Switch("account_beside_contact", {
        "made": "a contact that has an account is given: the lead's company becomes a second account all the same",
        "kept": "the account of the given contact is the account of the conversion",
    }, "made"),
    Switch("add_to_existing", {
        "overwrites": "add_to_existing_record writes the lead's values over those of the record",
        "fills": "it fills the fields that the record has empty",
    }, "overwrites"),
    Switch("attachments", {
        "left": "without move_attachments_to the attachments stay with the lead, where nobody looks",
        "contact": "they go to the contact",
    }, "left"),
    Switch("company_match", {
        "new": "the lead's company becomes a new account, even if there is one of that name",
        "same_name": "an account of exactly that name is linked",
    }, "new"),
    Switch("contact_email", {
        "repeats": "several contacts may have the same e-mail: a conversion makes one more",
        "unique": "it is unique: the conversion is refused with DUPLICATE_DATA",
    }, "repeats"),
    Switch("convert_refusal", {
        "400": "a conversion refused inside data comes with status 400, as the page says",
        "202": "it comes with 202 and looks like a success to whoever reads the status only [third-party]",
    }, "400"),
    Switch("converted_detail", {
        "ids": "$converted_detail has bare ids",
        "objects": "it has objects with id and name",
    }, "ids"),
    Switch("converted_lead_read", {
        "hidden": "GET of a converted lead answers 204 unless converted=true [third-party]",
        "shown": "it answers the lead, flagged",
    }, "hidden"),
    Switch("converted_lead_write", {
        "taken": "a converted lead can be updated and deleted; nothing of it reaches the contact",
        "refused": "it cannot: CANNOT_PERFORM_ACTION",
    }, "taken"),
    Switch("job_status", {
        "small": "the status of a mass conversion is spelled as the page lists it: completed",
        "capitals": "it is spelled as the page's sample has it: COMPLETED",
    }, "small"),
    Switch("refresh_limit", {
        "off": "a refresh token gives as many access tokens as are asked for",
        "on": "it gives ten in ten minutes, as documented, then Access Denied",
    }, "off"),
    Switch("rights", {
        "all": "the token's user may do everything",
        "no_scope": "the token lacks the scope: 401 OAUTH_SCOPE_MISMATCH",
        "no_permission": "the user may only read: 403 NO_PERMISSION on every write",
        "no_privilege": "the user may only read: 400 AUTHORIZATION_FAILED on every write",
    }, "all"),
    Switch("unknown_option", {
        "taken": "a picklist takes a text that is none of its options",
        "refused": "it does not: INVALID_DATA",
    }, "taken"),
    Switch("upsert_several", {
        "oldest": "an upsert that matches several records updates the oldest and says nothing",
        "newest": "it updates the newest",
        "refused": "it is refused with DUPLICATE_DATA",
    }, "oldest"),
)  # fmt: skip
