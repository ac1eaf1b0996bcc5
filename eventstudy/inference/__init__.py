"""Groups, the battery of tests, resampling, comparisons, diagnostics."""
