"""What was learnt, kept on disk: answers, the history of each tweet, what was taken down."""
