"""What browsers are given, as files: the looks of an embed, the reader's consent. No code of
Python's.
"""
