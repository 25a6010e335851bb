"""The only door to Evolink: everything that knows its wire format lives here.

Knows nothing of conversations, people or money.
"""
