from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperatorsConfig(AppConfig):
    name = "operators"
    verbose_name = _("Operators")

    def ready(self) -> None:
        """Looks at closing time again when an organisation's hours change."""
        from operators.services import recheck_closing
        from tenants.calendars import FOLLOWERS

        FOLLOWERS.append(recheck_closing)
