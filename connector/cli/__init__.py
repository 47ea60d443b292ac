"""The `closedloop` command; one file a group of commands."""
