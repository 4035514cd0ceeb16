"""Benchmarks: how fast two everyday translations are, bytes in and bytes out, next to other ways of writing them.

``pytest tests/bench`` measures and checks that all ways give the same output, ``python -m tests.bench.table`` makes the
table of the README, ``python -m tests.bench.stream`` and ``python -m tests.bench.cold`` measure memory and cold start.
Nothing here asserts a time.
"""
