"""What templates write for machines: numbers and keys in attributes, which no language may group or point."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.no_database

NUMBERS = (
    "width|height|x|y|x1|x2|y1|y2|cx|cy|r|rx|points|viewBox|maxlength|minlength|min|max|rows|cols|colspan|rowspan|style"
)
NUMBER_ATTRIBUTE = re.compile(rf"""(?<![\w-])({NUMBERS})=(["'])((?:(?!\2).)*)\2""")
KEY = re.compile(r"""(?:value|href|id|for)="[^"]*\{\{ *[a-z_.]*\.(?:pk|id) *\}\}""")
SHOWN = re.compile(r"\{\{ *(.*?) *\}\}")
FOR_MACHINES = re.compile(r"\|(unlocalize|date|stringformat)")
COLOURS = {"colour", "ink"}
PART = re.compile(r"\{% (localize on|localize off|endlocalize) %\}")


def localized(source: str) -> str:
    """The parts of a template in which numbers are written for people."""
    parts, inside = [""], ["localize on"]
    for number, part in enumerate(PART.split(source)):
        if number % 2 == 0:
            parts.append(part if inside[-1] == "localize on" else " ")
        elif part == "endlocalize":
            inside.pop()
        else:
            inside.append(part)
    return "".join(parts)


def written_for_people(source: str) -> Iterator[str]:
    """Attributes for machines that would hold "1,234" or "1.234"."""
    source = localized(source)
    for attribute in NUMBER_ATTRIBUTE.finditer(source):
        for value in SHOWN.findall(attribute[3]):
            if not FOR_MACHINES.search(value) and value.rpartition(".")[2] not in COLOURS:
                yield attribute[0]
    yield from (key[0] for key in KEY.finditer(source))


def test_numbers_and_keys_in_attributes_are_written_for_machines() -> None:
    templates = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    wrong = [(path.name, attribute) for path in templates for attribute in written_for_people(path.read_text())]

    assert len(templates) > 50
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('<a id="r" width="{{ bar.width }}">', 1),
        ('<a style="flex-grow: {{ count }}">', 1),
        ('<a style="color: {{ brand.colour }}">', 0),
        ('<a width="{{ bar.width|unlocalize }}">', 0),
        ('{% localize off %}<a width="{{ w }}">{% endlocalize %}', 0),
        (
            '{% localize off %}<a>{% localize on %}<b x="{{ x }}">{% endlocalize %}{% endlocalize %}<i y="{{ y }}">',
            2,
        ),
        ('<input value="{{ row.pk }}">', 1),
        ('<a data-width="{{ name }}">{{ count }}</a>', 0),
    ],
)
def test_the_check_itself(source: str, found: int) -> None:
    assert len(list(written_for_people(source))) == found
