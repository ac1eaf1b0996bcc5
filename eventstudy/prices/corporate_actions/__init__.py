"""Splits, dividends and other corporate actions: as they are listed, and each counted once in a series."""
