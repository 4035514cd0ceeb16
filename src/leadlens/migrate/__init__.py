"""Moving an account: what it is read from, and the archive that holds all of it."""
