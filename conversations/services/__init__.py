"""State changes of conversations: each locks, checks, writes and announces. Inside the organisation's schema.

One lock order everywhere: visitor → conversation → promise → queue → operator.
"""
