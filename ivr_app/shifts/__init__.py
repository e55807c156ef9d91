"""Shifts changed by hand: given away, traded, added, taken back; whoever asks, it is done here."""
