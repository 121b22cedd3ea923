"""``manage.py load_demo``: two organisations and their people, to look around in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chatplatform.demo_content import load as load_demo


class Command(BaseCommand):
    help = "Makes the demo's organisations, topics and people. Running it again makes only what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_HOSTS:
            raise CommandError("These settings have no demo hosts: its known passwords are for development only.")
        load_demo()
        self.stdout.write("The demo content is in place.")
