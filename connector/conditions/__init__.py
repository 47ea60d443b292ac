"""Condition text to our own checked tree; knows no database."""
