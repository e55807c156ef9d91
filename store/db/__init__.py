"""The database itself: engine, schema, column types, backup."""
