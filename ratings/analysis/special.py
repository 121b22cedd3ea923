"""scipy's special functions, imported when the first is asked for: that takes a fifth of a second and a few dozen
megabytes, which the many processes that reckon nothing need not spend at their start.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    from scipy import special

    return getattr(special, name)
