"""What a backfill reports: JSON Lines for machines, a self-contained HTML page for readers."""
