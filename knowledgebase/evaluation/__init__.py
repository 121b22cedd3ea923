"""Measures the ranking on labelled questions, beside two rivals; and chooses its constants."""
