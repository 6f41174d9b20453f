"""Files for browsers: the style of embeds, and the script for the reader's consent. No Python."""
