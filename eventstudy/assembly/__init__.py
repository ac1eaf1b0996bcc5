"""From arrays to the result tables of a run."""
