"""What keeps an archive whole: checkpoint, backup, files replaced atomically, locks."""
