"""The exit codes of the command line (docs/errors.md)."""

DONE = 0
FAILED = 1
"""It began, and could not do it, or not all of it."""
USAGE = 2
"""It could not begin."""
WOULD_CHANGE = 3
STOPPED = 4
"""A guard stopped it: the same command goes on."""
