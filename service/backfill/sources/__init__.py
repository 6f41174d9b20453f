"""The kinds of archives that are files, and where articles stand in their bytes."""
