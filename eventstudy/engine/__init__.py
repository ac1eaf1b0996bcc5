"""Large studies: estimation on a grid, and sums over shards of firm-events."""
