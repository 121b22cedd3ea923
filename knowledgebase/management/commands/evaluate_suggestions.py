"""``manage.py evaluate_suggestions TRAIN.csv TEST.csv``: how good suggestions are on labelled questions."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from knowledgebase.engine.weights import DEFAULT
from knowledgebase.evaluation.measuring import Figures, learned, measure, our_rank, rival_rank
from knowledgebase.evaluation.questions import UnusableFile, make_base, read_questions
from knowledgebase.evaluation.rivals import PlainBM25, PostgresRank
from knowledgebase.lessons import MOST_LEARNED

HEADER = f"{'':24}{'hit@1':>8}{'hit@3':>8}{'MRR':>8}{'answered':>10}{'precision':>11}{'p50 ms':>8}{'p95 ms':>8}"


class Command(BaseCommand):
    help = (
        "Makes a knowledge base of labelled questions (columns text and category) and asks it others. PostgreSQL's"
        " ts_rank and plain BM25 answer the same questions."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("train", type=Path, metavar="TRAIN.csv")
        parser.add_argument("test", type=Path, metavar="TEST.csv")
        parser.add_argument("--variants", type=int, default=5, metavar="K", help="questions per article; 0 is all")
        parser.add_argument("--learn", action="store_true", help="the other training questions are learned from use")
        parser.add_argument("--learned-at-most", type=int, default=MOST_LEARNED, help="per article, newest first")
        parser.add_argument("--threshold", type=float, default=DEFAULT.sure, help="confidence for answering by itself")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--language", default="en")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            base = make_base(
                read_questions(options["train"]), options["variants"], options["seed"], options["language"]
            )
            questions = read_questions(options["test"])
        except (UnusableFile, OSError) as error:
            raise CommandError(str(error)) from error
        if options["learn"]:
            base = learned(base, options["seed"], options["learned_at_most"], self._tell_learned)
        documents = base.documents.values()
        threshold = options["threshold"]
        figures = [measure("ours", our_rank(base), questions, threshold)]
        with transaction.atomic():
            postgres = rival_rank(base, PostgresRank(documents).rank)
            figures.append(measure("PostgreSQL ts_rank", postgres, questions, threshold))
        plain = rival_rank(base, PlainBM25(documents).rank)
        figures.append(measure("BM25, one text each", plain, questions, threshold))
        if options["json"]:
            self.stdout.write(json.dumps({"threshold": threshold, "figures": [asdict(one) for one in figures]}))
            return
        self.stdout.write(f"{len(documents)} articles, {len(questions)} questions, threshold {threshold}\n{HEADER}")
        for one in figures:
            self.stdout.write(_line(one))

    def _tell_learned(self, asked: int) -> None:
        self.stderr.write(f"learning: {asked} questions asked")


def _line(figures: Figures) -> str:
    answered = "" if figures.answered is None else f"{figures.answered:.3f}"
    precision = "" if figures.precision is None else f"{figures.precision:.3f}"
    shares = f"{figures.hit_at_1:8.3f}{figures.hit_at_3:8.3f}{figures.mrr:8.3f}"
    return f"{figures.name:24}{shares}{answered:>10}{precision:>11}{figures.p50_ms:8.1f}{figures.p95_ms:8.1f}"
