"""The tables as the first revision makes them: frozen, so a later change of a table is a revision of its own."""
