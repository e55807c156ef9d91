"""The webhooks that the phone company calls: a form becomes an event, the reply becomes TwiML."""
