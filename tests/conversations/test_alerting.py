"""Thresholds: crossed once, raised once, ended once, told to supervisors alone, and mailed where a rule says so."""

import json
import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from django.conf import settings
from django.core import mail

from conversations.services.alerting import acknowledge, mail_alert, watch_thresholds
from conversations.services.sweeping import sweep_slow_work_once, watch_thresholds_once
from operators.alerts import THRESHOLDS
from operators.models import Alert, AlertKind, AlertRule, Clock, DueWork, Presence, QueueEntry, TurnRecord
from operators.selectors import OperatorRef
from operators.wallboard import day_start
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.models import AuditRecord, Pulse
from tests.cast import account, acme, globex
from tests.conversations.scene import append, asked, in_threads, lay_conversation

Hire = Callable[..., OperatorRef]


@pytest.fixture(autouse=True)
def _calm(noon: timedelta) -> Iterator[None]:
    """A noon at which nothing is crossed yet: other tests' queue, turns and people are out of the way."""
    QueueEntry.objects.all().delete()
    DueWork.objects.all().delete()
    Clock.objects.all().delete()
    Presence.objects.all().delete()
    TurnRecord.objects.filter(opened_at__gte=day_start(platform_now())).delete()
    _forget()
    yield
    _forget()


def _forget() -> None:
    Alert.objects.all().delete()
    AlertRule.objects.all().delete()
    Pulse.objects.filter(name="alerts").delete()


@pytest.fixture
def told() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What supervisors' desks heard since."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5)
    pubsub = client.pubsub()
    pubsub.psubscribe("supervisors.*")
    pubsub.get_message(timeout=5)

    def heard() -> list[dict[str, Any]]:
        frames = []
        while (message := pubsub.get_message(timeout=0.2)) is not None:
            frames.append(json.loads(message["data"]))
        return frames

    yield heard
    pubsub.close()
    client.close()


def look() -> list[tuple[str, str | None, float]]:
    """One look; (kind, client, value) of what is open after it."""
    if not watch_thresholds():
        assert watch_thresholds()  # the very first one makes the row that everybody claims
    return open_now()


def open_now() -> list[tuple[str, str | None, float]]:
    rows = Alert.objects.filter(ended_at__isnull=True).select_related("organisation").order_by("kind")
    return [(row.kind, row.organisation.slug if row.organisation else None, row.value) for row in rows]


def later(seconds: float) -> Any:
    return clock_moved(timedelta(seconds=seconds))


def lay_turns(organisation: OrganisationRef, **outcomes: int) -> None:
    TurnRecord.objects.bulk_create(
        TurnRecord(
            id=uuid4(),
            organisation_id=organisation.id,
            conversation_id=uuid4(),
            kind="first",
            outcome=outcome,
            opened_at=platform_now(),
        )
        for outcome, count in outcomes.items()
        for _ in range(count)
    )


def test_the_first_look_makes_the_general_rules_and_finds_nothing_crossed() -> None:
    assert look() == []
    assert dict(AlertRule.objects.values_list("kind", "threshold")) == {str(k): v for k, v in THRESHOLDS.items()}
    assert not AlertRule.objects.filter(by_mail=True).exists()


def test_a_long_wait_is_raised_once_told_to_supervisors_and_ends(
    told: Callable[[], list[dict[str, Any]]], hire: Hire
) -> None:
    olga = hire(acme())
    conversation = lay_conversation(acme(), operator=olga)
    append(acme(), asked(conversation))
    assert look() == []

    with later(61):
        Presence.objects.update(seen_at=platform_now())
        [(kind, client, value)] = look()
        assert (kind, client) == ("longest_wait", "acme")
        assert 61 <= value < 63
    with later(70):
        Presence.objects.update(seen_at=platform_now())
        assert [(one, slug) for one, slug, _ in look()] == [("longest_wait", "acme")]
    QueueEntry.objects.filter(pk=conversation.id).update(promise_opened_at=None)
    with later(80):
        Presence.objects.update(seen_at=platform_now())
        assert look() == []

    raised, ended = told()
    assert (raised["type"], ended["type"]) == ("alert.raised", "alert.ended")
    assert raised["alert"]["threshold"] == 60
    assert (raised["alert"]["organisation"], raised["alert"]["id"]) == ("acme", ended["alert"])
    assert Alert.objects.count() == 1


def test_a_queue_that_nobody_serves_is_raised_for_its_length_and_for_its_time() -> None:
    for _ in range(6):
        lay_conversation(globex())
    DueWork.objects.update(created_at=platform_now())
    assert look() == [("queue_length", "globex", 6)]

    with later(31):
        kinds = [(kind, client) for kind, client, _ in look()]
    assert kinds == [("nobody_free", "globex"), ("queue_length", "globex")]


def test_a_share_of_few_turns_is_no_alarm() -> None:
    lay_turns(acme(), kept=2, broken=7)
    lay_turns(globex(), kept=7, broken=3, abandoned=5)

    assert look() == [("kept_share", "globex", 70)]


def test_an_operator_who_vanished_with_conversations_is_named(hire: Hire) -> None:
    olga, idle = hire(acme()), hire(acme(), name="Ida")
    lay_conversation(acme(), operator=olga)
    with later(46):
        assert look() == [("operator_gone", None, 1)]
        assert Alert.objects.get().operator_id == olga.id
    assert idle.id != olga.id


def test_specialists_who_were_reminded_and_are_silent_are_counted() -> None:
    lay_step(acme(), is_reminded=False)
    assert look() == []
    lay_step(acme(), is_reminded=True)
    with later(6):
        assert look() == [("escalation_silent", "acme", 1)]


def lay_step(organisation: OrganisationRef, *, is_reminded: bool) -> None:
    due = platform_now() + timedelta(hours=1)
    Clock.objects.create(
        id=uuid4(),
        schema_name=organisation.schema_name,
        conversation_id=uuid4(),
        kind=Clock.Kind.ESCALATION,
        warn_at=None if is_reminded else due,
        due_at=due,
        next_at=due,
    )


def test_a_clients_own_rule_replaces_the_general_one() -> None:
    AlertRule.objects.create(kind=AlertKind.QUEUE_LENGTH, organisation_id=acme().id, threshold=0)
    AlertRule.objects.create(kind=AlertKind.QUEUE_LENGTH, organisation_id=globex().id, threshold=0, is_active=False)
    lay_conversation(acme())
    lay_conversation(globex())

    assert look() == [("queue_length", "acme", 1)]


def test_one_sweep_at_a_time_looks_and_not_more_often_than_every_five_seconds(noon: timedelta) -> None:
    look()
    for _ in range(6):
        lay_conversation(acme())
    assert not watch_thresholds()

    moved = noon + timedelta(seconds=6)
    looked = in_threads([watch_thresholds] * 6, moved=moved)

    assert sum(looked) == 1
    assert Alert.objects.filter(kind="queue_length").count() == 1


def test_a_look_costs_the_same_whatever_there_is(django_assert_max_num_queries: Any) -> None:
    look()
    with later(6), django_assert_max_num_queries(24):
        assert watch_thresholds_once() == 1


def test_whoever_acknowledges_first_is_noted_and_told(told: Callable[[], list[dict[str, Any]]]) -> None:
    lay_turns(globex(), broken=10)
    look()
    alert = Alert.objects.get()
    sam, ada = account("sam@desk.example"), account("ada@desk.example")

    acknowledge(sam.pk, sam.name, alert.id)
    acknowledge(ada.pk, ada.name, alert.id)

    alert.refresh_from_db()
    assert alert.seen_by == sam.pk
    assert [frame["type"] for frame in told()] == ["alert.raised", "alert.seen"]
    actions = AuditRecord.objects.filter(subject_id=str(alert.id)).values_list("action", "actor_id")
    assert list(actions) == [("alert.acknowledged", sam.pk)]
    with pytest.raises(NotFound):
        acknowledge(sam.pk, sam.name, uuid4())


@pytest.fixture
def mailed() -> UUID:
    """An alert whose rule says that it is mailed."""
    AlertRule.objects.create(kind=AlertKind.KEPT_SHARE, organisation_id=globex().id, threshold=90, by_mail=True)
    account("sam@desk.example")
    lay_turns(globex(), kept=7, broken=3)
    look()
    return Alert.objects.get().id


def test_a_mail_goes_to_every_supervisor_once_and_carries_numbers(mailed: UUID) -> None:
    [work] = DueWork.objects.filter(kind=DueWork.Kind.ALERT_MAIL)
    assert (work.schema_name, work.subject_id) == ("public", mailed)

    assert sweep_slow_work_once() == 1
    assert sweep_slow_work_once() == 0
    assert mail_alert(mailed)

    [message] = mail.outbox
    assert "sam@desk.example" in message.bcc
    assert message.to == []
    assert "olga@desk.example" not in message.bcc
    assert message.subject == "Globex Bank: share of kept promises today below (%) 90"
    assert "Measured: 70" in message.body
    assert "/wallboard/" in message.body
    assert str(mailed) in message.extra_headers["Message-ID"]
    assert Alert.objects.get().mailed_at is not None
    assert not DueWork.objects.filter(kind=DueWork.Kind.ALERT_MAIL).exists()


def test_a_mail_that_the_server_refused_is_tried_again(mailed: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_message: mail.EmailMessage) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    assert sweep_slow_work_once() == 0
    monkeypatch.undo()
    work = DueWork.objects.get(kind=DueWork.Kind.ALERT_MAIL)
    assert work.due_at > platform_now()
    assert work.attempts == 1

    with later(5):
        assert sweep_slow_work_once() == 1
    assert len(mail.outbox) == 1
