"""The desk's commands about the organisation's knowledge. ``apps`` loads them into the desk's registry."""

from collections.abc import Sequence

from conversations.commands.desk import desk_commands
from conversations.commands.sessions import DeskSession
from conversations.events import Struct
from conversations.frames import (
    ArticleFetch,
    ArticleReport,
    ArticlesSearch,
    GapFlag,
    SuggestionsFetch,
    SuggestionUse,
)
from conversations.knowledge_reading import article_reply, search_reply
from conversations.replies import DeskArticleNoted, DeskGapNoted, DeskSuggestionNoted
from conversations.services import knowledge
from conversations.tasks import enqueue_mail
from knowledgebase.services.learning import Mentioned
from tenants.context import run_in_organisation


@desk_commands.handles(SuggestionsFetch)
async def fetch_suggestions(session: DeskSession, command: SuggestionsFetch) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    return [
        await run_in_organisation(
            organisation, knowledge.suggest_answers, session.operator, command.conversation, command.text
        )
    ]


@desk_commands.handles(ArticlesSearch)
async def search_articles(session: DeskSession, command: ArticlesSearch) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    return [
        await run_in_organisation(
            organisation, search_reply, session.operator.name, command.text, command.language, command.conversation
        )
    ]


@desk_commands.handles(ArticleFetch)
async def fetch_article(session: DeskSession, command: ArticleFetch) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    return [
        await run_in_organisation(
            organisation, article_reply, session.operator.name, command.article, command.conversation
        )
    ]


@desk_commands.handles(SuggestionUse)
async def use(session: DeskSession, command: SuggestionUse) -> Sequence[Struct]:
    mentioned = Mentioned(min(command.mentioned, command.points), command.points) if command.points else None
    await run_in_organisation(
        session.serving(command.organisation),
        knowledge.use_suggestion,
        session.operator,
        command.conversation,
        command.seq,
        command.article,
        command.rank,
        mentioned,
    )
    return [DeskSuggestionNoted(conversation=command.conversation, seq=command.seq, article=command.article)]


@desk_commands.handles(ArticleReport)
async def report(session: DeskSession, command: ArticleReport) -> Sequence[Struct]:
    organisation = session.serving(command.organisation)
    mail_id = await run_in_organisation(
        organisation,
        knowledge.report_article,
        session.operator,
        command.cid,
        command.article,
        command.kind,
        command.note,
        command.conversation,
    )
    if mail_id is not None:
        enqueue_mail(organisation.schema_name, mail_id)
    return [DeskArticleNoted(cid=command.cid, article=command.article)]


@desk_commands.handles(GapFlag)
async def flag_gap(session: DeskSession, command: GapFlag) -> Sequence[Struct]:
    await run_in_organisation(
        session.serving(command.organisation),
        knowledge.flag_gap,
        session.operator,
        command.conversation,
        command.seq,
    )
    return [DeskGapNoted(cid=command.cid, conversation=command.conversation, seq=command.seq)]
