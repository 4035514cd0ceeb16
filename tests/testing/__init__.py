"""What is shipped for testing mappings and adapters."""
