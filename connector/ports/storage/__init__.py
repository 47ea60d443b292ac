"""The seam to the database: one port an aggregate, reached through a unit of work with an explicit commit."""
