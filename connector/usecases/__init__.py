"""One verb a file: read by ports, ask the domain, write by ports."""
