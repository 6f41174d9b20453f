"""The steps of a backfill: scan, resolve, write; and restore, the way back."""
