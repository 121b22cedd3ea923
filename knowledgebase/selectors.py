"""Named reads of an organisation's knowledge. They run inside its schema and return plain data."""

from dataclasses import dataclass

from knowledgebase.models import Topic
from operators.models import ConversationKind
from tenants.context import OrganisationRef


@dataclass(frozen=True, slots=True)
class TopicChoice:
    slug: str
    label: str


def topic_choices(organisation: OrganisationRef, language: str) -> list[TopicChoice]:
    """What visitors may choose from, in this language or the organisation's first that has a label. Two queries."""
    choices = []
    for topic in Topic.objects.filter(is_active=True).prefetch_related("labels"):
        labels = {label.language: label.label for label in topic.labels.all()}
        wanted = (language, *organisation.languages)
        label = next((labels[code] for code in wanted if code in labels), topic.slug)
        choices.append(TopicChoice(topic.slug, label))
    return choices


def kind_of_topic(_organisation: OrganisationRef, slug: str) -> str:
    """What kind of conversation a topic makes; an ordinary question when it is not said yet. One query."""
    kind = Topic.objects.filter(slug=slug).values_list("kind", flat=True).first() if slug else None
    return kind or ConversationKind.QUESTION
