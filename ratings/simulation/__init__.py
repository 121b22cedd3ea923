"""Made-up ratings whose true effects are known: what the analysis of satisfaction is proved against.

The generator is no copy of the model that is fitted to it; docs/satisfaction.md lists where the two differ.
"""
