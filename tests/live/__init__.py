"""One client on every CRM."""
