"""The pure half: strings in, values out. Nothing here awaits, reads a clock or an environment, or
knows a library for I/O.
"""
