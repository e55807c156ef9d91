"""The paper: reads ``line.yaml`` and ``contracts.csv`` into the values of the line."""
