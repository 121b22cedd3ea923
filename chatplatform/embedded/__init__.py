"""`make run`: an embedded PostgreSQL and Redis, the platform's processes, and the supervisor that watches them.

Nothing in this package imports Django's settings: it starts the processes that do.
"""
