"""Moving an account: the plan, its application, its verification, and the archive that holds all of an account."""
