"""``manage.py build_report --organisation acme --date 2026-11-21 [--period week]``: one report, at once."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ratings.models import Report
from ratings.selectors import local_today
from ratings.services import build_report
from tenants.context import in_organisation
from tenants.errors import NotFound
from tenants.selectors import organisation_by_slug


class Command(BaseCommand):
    help = (
        "Builds the report of one organisation and local day, week or month, and prints its figures. What is not over"
        " is built as it stands."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="The organisation's short name.")
        parser.add_argument("--date", required=True, help="A local day of the period, such as 2026-11-21.")
        parser.add_argument("--period", choices=Report.Period.values, default=Report.Period.DAY.value)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            day = date.fromisoformat(options["date"])
        except ValueError:
            raise CommandError(f"'{options['date']}' is not a date. Write it as 2026-11-21.") from None
        try:
            organisation = organisation_by_slug(options["organisation"])
        except NotFound:
            raise CommandError(f"There is no active organisation '{options['organisation']}'.") from None
        if day > local_today(organisation.time_zone):
            raise CommandError(f"{day.isoformat()} has not begun in {organisation.time_zone}.")
        report = in_organisation(organisation, build_report, day, options["period"])
        period = "" if options["period"] == Report.Period.DAY else f"{options['period']} of "
        self.stdout.write(f"{organisation.name}, {period}{report.starts_on.isoformat()}, version {report.version}")
        for label, value in figure_lines(report):
            self.stdout.write(f"  {label:<36}{value:>14}")


def figure_lines(report: Report) -> list[tuple[str, str]]:
    """The report's figures as label and value; a share always beside what it is a share of."""
    return [
        ("Conversations", str(report.conversations)),
        ("First replies in time", f"{report.first_replies_kept} of {report.first_replies}"),
        ("Following replies in time", f"{report.follow_ups_kept} of {report.follow_ups}"),
        ("First reply, median", _seconds(report.first_wait_median_seconds)),
        ("First reply, 90th percentile", _seconds(report.first_wait_p90_seconds)),
        ("Following replies, median", _seconds(report.follow_up_wait_median_seconds)),
        ("Following replies, 90th percentile", _seconds(report.follow_up_wait_p90_seconds)),
        ("Ratings given", f"{report.ratings_given} of {report.ratings_asked}"),
        ("Mean mark", f"{report.mark_sum / report.ratings_given:.1f}" if report.ratings_given else "–"),
        ("Contact requests", str(report.contact_requests)),
    ]


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"
