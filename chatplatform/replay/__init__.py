"""Plays recorded dialogues against the running platform, over its real doors, and compares every history afterwards."""
