"""``manage.py create_organisation acme --name "Acme Outdoor" --host acme.example.com``: safe to run again."""

from argparse import ArgumentParser
from datetime import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.errors import Invalid
from tenants.models import Organisation
from tenants.services import ALL_DAY, NewOrganisation, NewWebsite, create_organisation


class Command(BaseCommand):
    help = "Creates an organisation with its schema, host, website and weekly hours. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name: lower-case letters, digits and hyphens")
        parser.add_argument("--name", required=True, help="the name visitors see")
        parser.add_argument("--host", required=True, help="host of its widget and admin, e.g. acme.chat.example.com")
        parser.add_argument("--time-zone", default="Europe/Amsterdam")
        parser.add_argument("--languages", default="en", help="comma-separated, the first is the default: en,nl,ja")
        parser.add_argument("--colour", default="#2f5bd8")
        parser.add_argument(
            "--website", action="append", default=[], metavar="KEY=ORIGIN", help="may be given more than once"
        )
        parser.add_argument("--open", default="08:00-23:00", help="daily hours, or 'always'")

    def handle(self, *args: Any, **options: Any) -> None:
        existed = Organisation.objects.filter(slug=options["slug"], state=Organisation.State.ACTIVE).exists()
        try:
            organisation = create_organisation(
                NewOrganisation(
                    slug=options["slug"],
                    name=options["name"],
                    host=options["host"],
                    time_zone=options["time_zone"],
                    languages=options["languages"].split(","),
                    colour=options["colour"],
                    websites=[_website(text) for text in options["website"]],
                    hours=[(day, *_hours(options["open"])) for day in range(7)],
                )
            )
        except Invalid as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(f"{organisation.name}: {'already there' if existed else 'created'}.")


def _website(text: str) -> NewWebsite:
    key, separator, origin = text.partition("=")
    if not separator:
        raise CommandError(f"--website {text}: write KEY=ORIGIN, such as shop=https://www.example.com")
    return NewWebsite(key=key, name=key, origins=[origin])


def _hours(text: str) -> tuple[time, time]:
    if text == "always":
        return ALL_DAY
    try:
        opens, closes = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError as error:
        raise CommandError(f"--open {text}: write 08:00-23:00 or always") from error
    return opens, closes
