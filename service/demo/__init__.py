"""What `tweet-embed demo` shows: two articles and X's recorded answers to them. People, places,
words and ids are made up.
"""
