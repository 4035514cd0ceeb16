"""Migrates conversions from one account to another: planned, resumable, verified, with nothing lost or doubled."""
