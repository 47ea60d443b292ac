"""YAML and environment to domain values; every mistake as file, line, column, found, expected."""
