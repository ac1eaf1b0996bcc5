"""Factor tables and Ken French's library."""
