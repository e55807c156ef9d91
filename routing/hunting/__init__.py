"""The search for somebody who takes an incident: who is rung, when, and which of them wins."""
