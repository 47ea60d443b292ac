"""What the shell must provide: narrow interfaces, their values, and one tree of errors."""
