"""What X answered, in memory and on disk: answers, the history of each tweet, and takedowns."""
