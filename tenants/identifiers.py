"""Keys that sort by time: uuid version 7 (RFC 9562), made here because PostgreSQL before 18 cannot."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """48 bits of milliseconds, 12 bits of sub-millisecond time, 62 random bits."""
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (rest * 4096 // 1_000_000) << 64
    value |= 0b10 << 62
    value |= int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=value)
