"""X's embed markup and oEmbed answers, read into a tweet's parts."""
