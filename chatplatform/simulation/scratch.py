"""Databases of the simulation's own, on the server it was started with: made, copied, and dropped at the end.

The database it was started from is only asked to make and drop others; nothing in it is read or written.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from psycopg import sql

NAME = "simulation"


class NoScratch(Exception):
    """The server does not let this account make databases; the text says what it answered."""


@contextmanager
def scratch_databases() -> Iterator["Scratch"]:
    """Makes what the block asks for, and drops all of it, however the block ends. Raises NoScratch."""
    try:
        connection = psycopg.connect(address(str(settings.DATABASES["default"]["NAME"])), autocommit=True)
    except psycopg.Error as error:
        raise NoScratch(str(error).strip()) from error
    with connection:
        scratch = Scratch(connection)
        try:
            yield scratch
        finally:
            scratch.drop_all()


class Scratch:
    """The databases made so far."""

    def __init__(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        self._connection = connection
        self._names: list[str] = []

    def make(self, name: str, *, copy_of: str | None = None) -> str:
        """A new database, empty or a copy, called after ``name`` and this process; returns how it is called.

        What is committed in it need not survive a power cut: that is not what is simulated.
        """
        made = f"{NAME}_{os.getpid()}_{name}"
        template = sql.SQL(" TEMPLATE {}").format(sql.Identifier(copy_of)) if copy_of else sql.SQL("")
        self._names.append(made)
        try:
            self._connection.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(made), template))
        except psycopg.Error as error:
            raise NoScratch(str(error).strip()) from error
        for setting in ("synchronous_commit", "jit"):
            statement = sql.SQL("ALTER DATABASE {} SET {} = off")
            self._connection.execute(statement.format(sql.Identifier(made), sql.Identifier(setting)))
        return made

    def drop_all(self) -> None:
        """Also what a killed run's process is still connected to."""
        while self._names:
            name = sql.Identifier(self._names.pop())
            self._connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def address(name: str) -> str:
    """The address of another database on the server of the settings."""
    database = settings.DATABASES["default"]
    user = quote(str(database.get("USER") or ""), safe="")
    password = quote(str(database.get("PASSWORD") or ""), safe="")
    host, port = str(database.get("HOST") or ""), str(database.get("PORT") or "")
    account = f"{user}:{password}@" if password else f"{user}@" if user else ""
    if host.startswith("/"):
        return f"postgresql://{account}/{quote(name)}?{urlencode({'host': host})}"
    return f"postgresql://{account}{host}{f':{port}' if port else ''}/{quote(name)}"
