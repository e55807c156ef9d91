"""Shifts given away, traded, added and taken back."""
