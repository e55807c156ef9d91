"""What breaks around the line, made real: the caller gets a human, the operator an alarm."""
