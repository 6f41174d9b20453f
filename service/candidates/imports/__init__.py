"""Exports that somebody already has, read for the ids, authors and days of their tweets."""
