"""The price cache: stored series, locks, fetching what is missing."""
