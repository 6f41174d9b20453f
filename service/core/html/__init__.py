"""Where elements, text and comments of an HTML article stand in its source."""
