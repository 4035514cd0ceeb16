"""Seeded runs of convert and upsert against an emulated account that fails as accounts do."""
