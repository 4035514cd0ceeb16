"""Tests of what carries calls out: connections, credentials, pacing, and what becomes of each answer."""
