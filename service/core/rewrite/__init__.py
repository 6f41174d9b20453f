"""What is written for each mention, and the article with it."""
