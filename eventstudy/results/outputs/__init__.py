"""Writing what a user asked for: whole files, in place of none but our own."""
