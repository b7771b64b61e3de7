"""Helpers that work with records and the database, for models and migration scripts."""
