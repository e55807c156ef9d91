"""What the carrier room promises."""
