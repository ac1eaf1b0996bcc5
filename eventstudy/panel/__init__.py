"""From calendar time to event time: returns, benchmarks, windows, masks."""
