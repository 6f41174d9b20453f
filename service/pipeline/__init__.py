"""The way of an article and of each mention in it: detect, resolve, fetch, sanitize, render,
splice.
"""
