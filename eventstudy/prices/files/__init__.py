"""Price series from files and frames."""
