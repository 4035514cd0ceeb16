"""What an account has of its own: conversions between the types of its fields, and its own rows."""
