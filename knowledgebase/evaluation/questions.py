"""Labelled questions from a CSV file, and a knowledge base made of a part of them."""

import csv
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from knowledgebase.engine import Document

COLUMNS = ("text", "category")


class UnusableFile(ValueError):
    """The file has not the columns, or nothing in them; the message says where."""


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    category: str


@dataclass(frozen=True, slots=True)
class Base:
    """Documents by category, and the questions that were not used as variants, in their order."""

    documents: dict[str, Document]
    rest: tuple[Question, ...]


def read_questions(path: Path) -> list[Question]:
    """Raises UnusableFile with the line."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise UnusableFile(f"{path}: the first line must name the columns {' and '.join(COLUMNS)}.")
        questions = []
        for row in reader:
            if not row["text"] or not row["category"]:
                raise UnusableFile(f"{path}, line {reader.line_num}: both columns need something in them.")
            questions.append(Question(row["text"], row["category"]))
    if not questions:
        raise UnusableFile(f"{path} has no questions.")
    return questions


def make_base(questions: Sequence[Question], variants: int, seed: int, language: str) -> Base:
    """One article per category, titled by its name, with ``variants`` questions of it drawn by ``seed``; 0 is all."""
    drawing = random.Random(seed)  # noqa: S311 — a repeatable draw, no secret
    by_category: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_category[question.category].append(question)
    documents, taken = {}, set()
    for number, category in enumerate(sorted(by_category)):
        own = by_category[category]
        drawn = drawing.sample(own, min(variants, len(own))) if variants else own
        taken |= {id(question) for question in drawn}
        texts = tuple(question.text for question in drawn)
        documents[category] = Document(UUID(int=number), language, category.replace("_", " "), texts, "", "")
    return Base(documents, tuple(question for question in questions if id(question) not in taken))
