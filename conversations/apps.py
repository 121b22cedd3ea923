from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        """Adds what the desk may say about specialists and knowledge, and the supervisors' commands."""
        from conversations.commands import knowledge, specialists, supervision  # noqa: F401 (two add their own)
        from conversations.commands.desk import desk_commands
        from conversations.frames import ConversationEscalate, EscalationWithdraw, SpecialistsFetch

        desk_commands.handles(SpecialistsFetch)(specialists.fetch_specialists)
        desk_commands.handles(ConversationEscalate)(specialists.escalate)
        desk_commands.handles(EscalationWithdraw)(specialists.withdraw)
