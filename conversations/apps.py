from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        """Adds what may be said about specialists, knowledge and help, and the supervisors' commands."""
        from conversations.commands import help, knowledge, specialists, supervision  # noqa: F401 (three add their own)
        from conversations.commands.desk import desk_commands
        from conversations.frames import ConversationEscalate, EscalationWithdraw, SpecialistsFetch

        desk_commands.handles(SpecialistsFetch)(specialists.fetch_specialists)
        desk_commands.handles(ConversationEscalate)(specialists.escalate)
        desk_commands.handles(EscalationWithdraw)(specialists.withdraw)
