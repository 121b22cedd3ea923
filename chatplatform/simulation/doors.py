"""The real platform behind the simulated people: services, journal, sweeps, called as sockets and processes do."""

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction

from chatplatform.simulation.clock import moment
from chatplatform.simulation.model import Client, Roster
from chatplatform.simulation.scripts import Script
from chatplatform.simulation.staging import WEBSITE
from conversations.errors import ConversationClosed, NotAssigned
from conversations.events import InboxChanged, InboxEntry, PromiseWarned
from conversations.frames import Page
from conversations.journal import NewEntry, append_now
from conversations.models import Conversation, Entry
from conversations.services.closing import close_conversation, leave_conversation
from conversations.services.offering import offer_conversation
from conversations.services.starting import VisitorMessage, receive_message
from conversations.services.sweeping import sweep_once
from conversations.tokens import new_token
from operators.answering import note_typing
from operators.models import Presence
from operators.presence import record_beats, set_presence
from operators.selectors import OperatorRef, waiting_for
from tenants.context import OrganisationRef, in_organisation
from tenants.selectors import WebsiteRef, organisation_by_slug, website_by_key

PAGE = Page(url="https://www.example/", title="Page")
QUESTION, ANSWER = "Could you help me with my order?", "Certainly. Let me have a look for you."

_NEXT_DUE = """
SELECT least((SELECT min(next_at) FROM public.operators_clock),
             (SELECT min(due_at) FROM public.operators_duework WHERE %s OR kind <> 'offer'))
"""
_INBOX, _WARNING = '{"type":"inbox.changed"', '{"type":"promise.warned"'
_inbox_decoder = msgspec.json.Decoder(InboxChanged)
_warning_decoder = msgspec.json.Decoder(PromiseWarned)


class Doors:
    """Every call is one transaction on this process's only connection, at the time the timeline has set.

    ``on_inbox`` and ``on_warning`` hear what the platform announces, as a desk would.
    """

    def __init__(self, on_inbox: Callable[[InboxEntry], None], on_warning: Callable[[uuid.UUID], None]) -> None:
        self._on_inbox = on_inbox
        self._on_warning = on_warning
        self._organisations: dict[str, OrganisationRef] = {}
        self._clients: dict[Client, tuple[OrganisationRef, WebsiteRef]] = {}
        self._tokens: dict[uuid.UUID, str] = {}
        self._visitors: dict[uuid.UUID, uuid.UUID] = {}

    def hear(self, hints: Sequence[tuple[str, str]]) -> None:
        """The listener of ``tenants.realtime.published_to``."""
        for _group, text in hints:
            if text.startswith(_INBOX):
                self._on_inbox(_inbox_decoder.decode(text).entry)
            elif text.startswith(_WARNING):
                self._on_warning(_warning_decoder.decode(text).conversation)

    def receive(self, script: Script) -> tuple[uuid.UUID, bool]:
        """A visitor's message that begins or reopens a conversation: (which, is it to be offered)."""
        organisation, website = self._client(script.client)
        token = self._tokens.setdefault(script.id, new_token(organisation.schema_name))
        received = in_organisation(
            organisation,
            receive_message,
            VisitorMessage(
                token=token,
                website=website,
                page=PAGE,
                language=script.language,
                new_conversation_id=script.id,
                cid=uuid.uuid4(),
                body=QUESTION,
            ),
        )
        self._visitors[script.id] = received.visitor_id
        return received.conversation_id, received.needs_operator

    def say(self, script: Script) -> None:
        """A visitor's message into the open conversation. Raises ConversationClosed."""
        self._append(script, Entry.Sender.VISITOR, self._visitors[script.id], "", QUESTION)

    def reply(self, script: Script, operator: Roster) -> bool:
        """The operator's answer; False when the platform refused it: somebody else holds the conversation, or it is
        over."""
        try:
            self._append(script, Entry.Sender.OPERATOR, operator.id, operator.name, ANSWER)
        except (NotAssigned, ConversationClosed):
            return False
        return True

    def _append(self, script: Script, kind: str, sender_id: uuid.UUID, name: str, body: str) -> None:
        entry = NewEntry(
            conversation_id=script.id,
            kind=Entry.Kind.MESSAGE_SENT,
            sender_kind=kind,
            sender_id=sender_id,
            sender_name=name,
            cid=uuid.uuid4(),
            body=body,
        )
        with transaction.atomic():
            append_now(self._client(script.client)[0].schema_name, [entry])

    def type(self, script: Script, operator: Roster) -> None:
        """The desk tells that the operator is typing."""
        note_typing(self._client(script.client)[0], operator.id, script.id, True)

    def close(self, script: Script, operator: Roster) -> bool:
        """The operator ends the conversation, and gets what is next; False when the platform refused."""
        ref = OperatorRef(operator.id, operator.name, operator.capacity, operator.languages)
        try:
            in_organisation(
                self._client(script.client)[0],
                close_conversation,
                ref,
                script.id,
                uuid.uuid4(),
                Conversation.Purpose.INFORMATION,
            )
        except (NotAssigned, ConversationClosed):
            return False
        return True

    def leave(self, script: Script) -> None:
        """The visitor ends the conversation."""
        organisation = self._client(script.client)[0]
        in_organisation(organisation, leave_conversation, self._visitors[script.id], script.id, uuid.uuid4())

    def offer(self, schema_name: str, conversation_id: uuid.UUID) -> None:
        """What Celery's task does."""
        in_organisation(self._organisations[schema_name], offer_conversation, conversation_id)

    def offer_to(self, operator: Roster) -> list[tuple[str, uuid.UUID]]:
        """What is to be offered now that this operator may have room."""
        return waiting_for(operator.id)

    def beat(self, operators: Collection[Roster]) -> None:
        if operators:
            record_beats([one.id for one in operators])

    def choose_presence(self, operator: Roster, state: Presence.State) -> None:
        is_break = state == Presence.State.ON_BREAK
        set_presence(operator.id, state, Presence.Reason.PAUSE if is_break else "")

    def sweep(self) -> int:
        return sweep_once()

    def next_due(self, *, with_offers: bool) -> float | None:
        """The second at which the sweep has something to do, if nothing changes before. One query."""
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_DUE, [with_offers])
            due: datetime | None = cursor.fetchone()[0]
        return None if due is None else (due - moment(0)).total_seconds()

    def schema_of(self, client: Client) -> str:
        return self._client(client)[0].schema_name

    def _client(self, client: Client) -> tuple[OrganisationRef, WebsiteRef]:
        if client not in self._clients:
            organisation = organisation_by_slug(client.slug)
            self._organisations[organisation.schema_name] = organisation
            self._clients[client] = (organisation, website_by_key(organisation, WEBSITE))
        return self._clients[client]
