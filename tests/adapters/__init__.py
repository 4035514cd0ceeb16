"""What each CRM says, and how it arrives on the others; every expected value is written from the vendors' facts."""
