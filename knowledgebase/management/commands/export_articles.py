"""``manage.py export_articles --organisation acme FILE``: all articles as CSV, JSON, or Markdown in a ZIP or folder."""

import io
import zipfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledgebase.imports.writing import ENDINGS, FORMATS
from knowledgebase.services.exporting import export_articles
from tenants.context import in_organisation
from tenants.errors import NotFound
from tenants.selectors import organisation_by_slug


class Command(BaseCommand):
    help = "Writes all articles but retired ones. Importing the file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="The organisation's short name.")
        parser.add_argument("file", type=Path, help="Ends in .csv, .json or .zip; a folder with --format markdown.")
        parser.add_argument("--format", choices=sorted(FORMATS), help="Told by the name otherwise.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        by_ending = {ending: form for form, ending in ENDINGS.items()}
        form = options["format"] or by_ending.get(path.suffix.lower())
        if form is None:
            raise CommandError(f"'{path.name}' does not end in {', '.join(by_ending)}: say --format.")
        try:
            organisation = organisation_by_slug(options["organisation"])
        except NotFound:
            raise CommandError(f"There is no active organisation '{options['organisation']}'.") from None
        data, count = in_organisation(organisation, export_articles, form)
        try:
            if form == "markdown" and path.suffix.lower() != ENDINGS[form]:
                zipfile.ZipFile(io.BytesIO(data)).extractall(path)
            else:
                path.write_bytes(data)
        except OSError as error:
            raise CommandError(f"'{path}' cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{count} articles of {organisation.name} in {path}")
