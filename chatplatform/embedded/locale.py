"""Compiles the translations that changed: ``python -m chatplatform.embedded.locale``. No gettext tools are needed."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]


def compile_locale(root: Path = ROOT) -> list[Path]:
    """Write each ``.mo`` that is older than its ``.po``; returns the sources compiled. Fuzzy entries stay English."""
    compiled = []
    for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        # Moved into place whole: a running server may be reading the old one.
        draft = target.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
        compiled.append(source)
    return compiled


if __name__ == "__main__":
    for path in compile_locale():
        print(f"compiled {path.relative_to(ROOT)}")
