"""``manage.py update_messages``: the translators' files follow the sources."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatplatform.messages import catalogue_path, marked_texts, read_catalogue, untranslated, update_catalogue


class Command(BaseCommand):
    help = "Brings locale/*/LC_MESSAGES/django.po in step with the texts that are marked for translation."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = settings.BASE_DIR
        texts = marked_texts(root)
        for language, _name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            changed = update_catalogue(root, language, texts)
            missing = len(untranslated(read_catalogue(root, language)))
            path = catalogue_path(root, language).relative_to(root)
            state = "changed" if changed else "unchanged"
            self.stdout.write(f"{path}: {state}, {missing} of {len(texts)} texts to translate")
