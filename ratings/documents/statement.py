"""A statement as page, CSV, XLSX and PDF: the same numbers, of which each is written here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from operators.models import ConversationKind, Statement
from ratings.documents.files import FileKind
from ratings.documents.sheet import FILES as SHEET_FILES
from ratings.documents.sheet import Column, Kind, Sheet
from ratings.handled import Line
from tenants.shares import share_text


@dataclass(frozen=True, slots=True)
class StatementDocument:
    """One version of one month. ``lines`` are one per kind; ``total`` is their sum."""

    statement: Statement
    organisation: str
    slug: str
    colour: str
    time_zone: str
    starts_at: datetime
    counted_until: datetime
    open_seconds: int
    lines: Sequence[Line]
    total: Line
    never_held: int

    @property
    def heading(self) -> str:
        return gettext("Statement of %(month)s") % {"month": date_format(self.statement.month, "YEAR_MONTH_FORMAT")}

    @property
    def file_stem(self) -> str:
        """``acme-statement-2026-10-v1``"""
        return f"{self.slug}-statement-{self.statement.month:%Y-%m}-v{self.statement.version}"

    @property
    def in_hours_text(self) -> str:
        """What share of the handled time lay in hours."""
        if not self.total.seconds:
            return "–"
        return share_text(round(self.total.in_seconds / 60), round(self.total.seconds / 60)).partition(" (")[0]

    @property
    def state_line(self) -> str:
        """Its version, and when it was counted or locked and by whom."""
        zone, statement = ZoneInfo(self.time_zone), self.statement
        version = gettext("Version %(version)s") % {"version": statement.version}
        if statement.locked_at is None:
            told = gettext("Draft, counted %(at)s (%(zone)s)")
            return f"{version} · " + told % {"at": _moment(statement.built_at, zone), "zone": self.time_zone}
        told = gettext("Locked %(at)s (%(zone)s) by %(name)s")
        return f"{version} · " + told % {
            "at": _moment(statement.locked_at, zone),
            "zone": self.time_zone,
            "name": statement.locked_by_name,
        }

    @property
    def notes(self) -> list[str]:
        """How to read it, in short; the page in the admin says more."""
        notes = [
            gettext("Handled time is how long operators held conversations. Two conversations at once count twice."),
            gettext("A conversation belongs to the moment of its visitor's first message."),
            gettext("Times are cut at opening and closing times and at the month's ends, in %(zone)s.")
            % {"zone": self.time_zone},
            gettext("The desk was open for %(time)s in this time.") % {"time": duration_text(self.open_seconds)},
        ]
        if self.never_held:
            notes.append(
                gettext("%(count)s of the conversations ended before an operator held them; they count as questions.")
                % {"count": number_format(self.never_held)}
            )
        return notes


def statement_document(statement: Statement) -> StatementDocument:
    """Of a statement that was read with its organisation. No query."""
    figures, organisation = statement.figures, statement.organisation
    return StatementDocument(
        statement=statement,
        organisation=organisation.name,
        slug=organisation.slug,
        colour=organisation.colour,
        time_zone=figures["time_zone"],
        starts_at=datetime.fromisoformat(figures["starts_at"]),
        counted_until=datetime.fromisoformat(figures["counted_until"]),
        open_seconds=figures["open_seconds"],
        lines=tuple(Line(**line) for line in figures["lines"]),
        total=Line(**figures["total"]),
        never_held=figures["never_held"],
    )


def duration_text(seconds: int) -> str:
    """205:45:07: hours, minutes and seconds, so that sums are exact."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{number_format(hours, force_grouping=True)}:{minutes:02}:{rest:02}"


def kind_text(kind: str) -> str:
    return str(gettext("total") if kind == "total" else ConversationKind(kind).label)


FILES = {
    **SHEET_FILES,
    "pdf": FileKind("PDF", "application/pdf", "statement_pdf:pdf_of"),
}
"""By the ending of the file's name. The PDF is of the document, the others of its sheet."""


def written(document: StatementDocument, ending: str) -> bytes:
    """The statement as this kind of file, in the active language."""
    return FILES[ending].write(document if ending == "pdf" else _sheet(document))


def _sheet(document: StatementDocument) -> Sheet:
    statement = document.statement
    columns = (
        Column("organisation", gettext("Organisation"), Kind.TEXT),
        Column("month", gettext("Month"), Kind.TEXT),
        Column("version", gettext("Version"), Kind.COUNT),
        Column("state", gettext("State"), Kind.TEXT),
        Column("time_zone", gettext("Time zone"), Kind.TEXT),
        Column("kind", gettext("Kind"), Kind.TEXT),
        Column("in_conversations", gettext("Conversations in hours"), Kind.COUNT),
        Column("out_conversations", gettext("Conversations out of hours"), Kind.COUNT),
        Column("conversations", gettext("Conversations"), Kind.COUNT),
        Column("in_seconds", gettext("Handled in hours"), Kind.DURATION),
        Column("out_seconds", gettext("Handled out of hours"), Kind.DURATION),
        Column("seconds", gettext("Handled"), Kind.DURATION),
        Column("checksum", gettext("Checksum (SHA-256)"), Kind.TEXT),
    )
    rows = [
        (
            document.organisation,
            f"{statement.month:%Y-%m}",
            statement.version,
            statement.state,
            document.time_zone,
            line.kind,
            line.in_conversations,
            line.out_conversations,
            line.conversations,
            line.in_seconds,
            line.out_seconds,
            line.seconds,
            statement.checksum,
        )
        for line in (*document.lines, document.total)
    ]
    lines = [document.state_line, *document.notes]
    if statement.reason:
        lines.insert(1, statement.reason)
    return Sheet(f"{document.organisation}: {document.heading}", columns, rows, lines)


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return date_format(localtime(moment, zone), gettext("j F Y, H:i"))
