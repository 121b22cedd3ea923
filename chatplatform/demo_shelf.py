"""The form in which the demo's articles are written down."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoArticle:
    """``texts`` maps a language to (title, short reply); all other maps are by language as well."""

    slug: str
    topic: str
    texts: dict[str, tuple[str, str]]
    questions: dict[str, tuple[str, ...]]
    points: dict[str, tuple[str, ...]] = field(default_factory=dict)
    long_texts: dict[str, str] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    source: str = ""
    is_for_visitors: bool = False
    is_overdue: bool = False
