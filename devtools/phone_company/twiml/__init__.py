"""TwiML: fetching pages and doing what they say to a call."""
