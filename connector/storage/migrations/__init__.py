"""The schema's revisions, run by Alembic from `apply`, never by its command."""
