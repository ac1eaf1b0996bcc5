"""From any file or frame to named columns: what was understood is said, what is doubtful is asked about."""
