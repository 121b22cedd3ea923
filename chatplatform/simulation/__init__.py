"""A day at the desk, simulated: the real services and SQL on a clock that stands where the simulation puts it.

It judges a routing rule before it ships. docs/simulation.md describes the model and what it found.
"""
