"""What a client asks of an adapter's operations: held against the sandbox's own records, and against odd replies."""
