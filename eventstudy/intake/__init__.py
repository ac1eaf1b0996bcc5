"""Any file or frame into named columns, one small file per layout; what was understood, in one line."""
