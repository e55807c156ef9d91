"""Changes of shifts: swaps, overrides, their preview, and undo."""
