"""The sandbox is driven with plain requests, never with a client of ours."""
