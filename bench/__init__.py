"""Measures the message path on this machine, through real servers, beside the way the tutorials teach."""
