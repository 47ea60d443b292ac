"""SQLModel tables, stores by aggregate, conditions to SQLAlchemy, migrations; SQLite and PostgreSQL."""
