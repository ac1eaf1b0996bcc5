"""`Event`, and reading and checking an event list with line and column."""
