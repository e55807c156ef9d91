"""The carrier (Twilio): the only package that knows its API, webhooks and TwiML."""
