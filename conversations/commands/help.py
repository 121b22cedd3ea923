"""What visitors may ask of the articles that are for them. ``apps`` loads them into the widget's registry."""

from collections.abc import Sequence

from conversations.commands.sessions import VisitorSession
from conversations.commands.visitor import visitor_commands
from conversations.events import Struct
from conversations.frames import HelpRate, HelpSearch
from conversations.replies import Ack, HelpArticle, VisitorHelp
from conversations.tokens import token_hash
from knowledgebase.services.helping import rate_help
from knowledgebase.visitor_help import find_help
from tenants.context import OrganisationRef, run_in_organisation


@visitor_commands.handles(HelpSearch)
async def search(session: VisitorSession, command: HelpSearch) -> Sequence[Struct]:
    session.allowance.spend()
    return [await run_in_organisation(session.organisation, _found, session.language, command.text)]


def _found(organisation: OrganisationRef, language: str, text: str) -> VisitorHelp:
    found = find_help(organisation, text, language)
    articles = [HelpArticle(article=one.id, title=one.title, reply=one.reply) for one in found.articles]
    return VisitorHelp(text=text, articles=articles, is_sure=found.is_sure)


@visitor_commands.handles(HelpRate)
async def rate(session: VisitorSession, command: HelpRate) -> Sequence[Struct]:
    """Raises NotFound."""
    session.allowance.spend()
    feedback = await run_in_organisation(
        session.organisation,
        rate_help,
        command.article,
        token_hash(session.token).hex(),
        command.helped,
        session.conversation_id,
    )
    return [Ack(cid=command.cid, conversation=None, id=feedback.id, seq=None, desk_seq=None, at=feedback.at)]
