"""Migrations between emulated accounts: planned, carried out, interrupted, verified."""
