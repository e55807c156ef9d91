"""Lines, contracts, contacts, phones, shifts, accounts, tokens."""
