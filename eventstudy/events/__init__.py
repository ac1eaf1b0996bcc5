"""Events: study files, event lists, articles, and everything a run is about."""
