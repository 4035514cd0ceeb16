"""Tests of what moves an account."""
