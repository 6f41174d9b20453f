"""One file for each form in which a tweet is found."""
