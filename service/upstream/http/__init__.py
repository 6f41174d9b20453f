"""How the network is used: one door out, names looked up once, and manners towards the hosts behind
it.
"""
