"""Arrays in, arrays out: least squares, ranks, distributions, multiplicity."""
