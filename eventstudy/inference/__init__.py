"""Groups, the battery of tests, resampling, comparisons, regressions, diagnostics."""
