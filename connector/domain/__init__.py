"""Values and decisions: pure, without I/O, without a clock, on the standard library alone."""
