"""One account's mapping into another: drafting it, checking it against live definitions, showing it to a person."""
