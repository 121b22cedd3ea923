"""``manage.py import_articles --organisation acme FILE``: articles from a file or a folder, all of them or none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledgebase.content import Difference
from knowledgebase.imports.reading import FORMATS, read
from knowledgebase.imports.rows import Problem
from knowledgebase.imports.sources import Unreadable, source_at
from knowledgebase.services.articles import Editor
from knowledgebase.services.importing import Change, Preview, apply_import, known_languages, preview_import
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound, ServiceError
from tenants.selectors import organisation_by_slug

SHOWN = 60


class Command(BaseCommand):
    help = "Takes articles in, as drafts. Says first what changes; a file with a problem changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="The organisation's short name.")
        parser.add_argument("file", type=Path, help="A file, a ZIP of Markdown files, or a folder of them.")
        parser.add_argument("--format", choices=sorted(FORMATS), default="", help="Told by the name otherwise.")
        parser.add_argument("--language", help="Where the file names none; the organisation's first otherwise.")
        parser.add_argument("--publish", action="store_true", help="What is new or a draft goes live.")
        parser.add_argument("--dry-run", action="store_true", help="Only says what would change.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organisation = organisation_by_slug(options["organisation"])
            in_organisation(organisation, self._import, options)
        except NotFound:
            raise CommandError(f"There is no active organisation '{options['organisation']}'.") from None
        except Unreadable as error:
            raise CommandError(_told(error.problem)) from None
        except ServiceError as error:
            raise CommandError(str(error.message)) from None

    def _import(self, organisation: OrganisationRef, options: dict[str, Any]) -> None:
        languages = known_languages(organisation)
        language = options["language"] or organisation.languages[0]
        files = source_at(options["file"])
        found = read(files, form=options["format"], language=language, languages=languages)
        self.stdout.write(f"Read {len(found.rows)} texts.")
        preview = preview_import(organisation, found, go_live=options["publish"])
        if preview.problems:
            for problem in preview.problems:
                self.stderr.write(_told(problem))
            raise CommandError(f"{len(preview.problems)} problems; nothing was imported.")
        self._tell(preview)
        if options["dry_run"]:
            self.stdout.write("Nothing was imported: this was a dry run.")
        elif preview.does_something:
            self.stdout.write(f"Writing {len(preview.new) + len(preview.changed)} articles …")
            editor = Editor(None, "import_articles")
            apply_import(organisation, editor, found, go_live=options["publish"], fingerprint=preview.fingerprint)
            self.stdout.write(self.style.SUCCESS("Imported."))

    def _tell(self, preview: Preview) -> None:
        for mark, changes in (("+", preview.new), ("~", preview.changed)):
            for change in changes[:SHOWN]:
                self.stdout.write(f"  {mark} {change.content.slug}  {change.title}{_live(change)}")
                for difference in change.differences:
                    self.stdout.write(f"      {_fields(difference)}")
            if len(changes) > SHOWN:
                self.stdout.write(f"  {mark} … and {len(changes) - SHOWN} more")
        self.stdout.write(
            f"{len(preview.new)} new, {len(preview.changed)} changed, {len(preview.unchanged)} unchanged,"
            f" {preview.going_live} to go live."
        )


def _told(problem: Problem) -> str:
    return f"{problem.place}: {problem.text}"


def _live(change: Change) -> str:
    return "  (live)" if change.is_live else ""


def _fields(difference: Difference) -> str:
    name = f"{difference.field} ({difference.language})" if difference.language else difference.field
    return f"{name}: {_short(difference.before)} → {_short(difference.after)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:59]}…”" if len(line) > 60 else f"“{line}”" if line else "–"
