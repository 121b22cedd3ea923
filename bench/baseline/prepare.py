"""``python -m bench.baseline.prepare CONVERSATIONS OPERATORS``: makes the tables and prints the conversations."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.baseline.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from bench.baseline.models import Conversation  # noqa: E402


def main(conversations: int, operators: int) -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    made = [Conversation.objects.create(operator=str(number % operators)) for number in range(conversations)]
    print(json.dumps([str(conversation.id) for conversation in made]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
