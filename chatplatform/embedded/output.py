"""The terminal: every line carries the coloured name of the process that wrote it."""

import os
import sys
from contextlib import suppress

_COLOURS = ("36", "33", "32", "35", "34", "31", "96", "93", "92", "95")
_NAME_WIDTH = 9
# A line that never ends is cut here, so that memory stays flat.
_LONGEST_LINE_BYTES = 64 * 1024
OWN_NAME = "platform"


class Terminal:
    """Writes named lines to standard output. A closed terminal is no reason to stop serving: errors are dropped."""

    def __init__(self) -> None:
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._colour_of = {OWN_NAME: "1"}

    def say(self, text: str, name: str = OWN_NAME) -> None:
        for line in text.splitlines() or [""]:
            self._write(name, line)

    def _write(self, name: str, line: str) -> None:
        label = f"{name:<{_NAME_WIDTH}}|"
        if self._coloured:
            colour = self._colour_of.setdefault(name, _COLOURS[len(self._colour_of) % len(_COLOURS)])
            label = f"\x1b[{colour}m{label}\x1b[0m"
        with suppress(OSError, ValueError):
            sys.stdout.write(f"{label} {line}\n")
            sys.stdout.flush()


class LineBuffer:
    """Bytes in, whole lines out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE_BYTES:
            lines.append(self._rest)
            self._rest = b""
        return [line.decode(errors="replace").rstrip("\r") for line in lines]

    def end(self) -> list[str]:
        rest, self._rest = self._rest, b""
        return [rest.decode(errors="replace")] if rest else []
