"""Files of an organisation on the disk, each named by its row's id, where no web server looks (rule 40).

A file is ``MEDIA_ROOT/<schema>/<folder>/<aa>/<id>``. Who may read one is for those to know who keep the rows.
"""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from tenants.context import OrganisationRef

LEFT_OVER_AFTER = timedelta(hours=24)


def file_path(organisation: OrganisationRef, folder: str, file_id: UUID) -> Path:
    """By the last two digits: the first ones of a time-ordered id are the same for weeks."""
    return _folder(organisation, folder) / file_id.hex[-2:] / str(file_id)


def write_file(path: Path, data: bytes) -> None:
    """For the platform's own account alone, and on the disk before it counts. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def scan_file(path: Path) -> None:
    """Lets ``UPLOAD_SCANNER`` look at it, if there is one. Raises InfectedFile, and what a broken scanner raises."""
    if settings.UPLOAD_SCANNER:
        import_string(settings.UPLOAD_SCANNER)(path)


def remove_files_without_row(organisation: OrganisationRef, folder: str, rows: QuerySet[Any]) -> int:
    """Removes what is older than a day and has none of these rows; returns how many. One query per folder, of 256.

    An interrupted upload or removal leaves such files, and a row that went with another one. A file's age is the
    machine's own time: the platform's clock may be moved, the disk's may not.
    """
    oldest = time.time() - LEFT_OVER_AFTER.total_seconds()
    removed = 0
    for part in _folder(organisation, folder).glob("??"):
        old = [path for path in part.iterdir() if _is_older(path, oldest)]
        ids = {path.name for path in old if _is_id(path.name)}
        known = {str(pk) for pk in rows.filter(pk__in=ids).values_list("pk", flat=True)} if ids else set()
        for path in old:
            if path.name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _folder(organisation: OrganisationRef, folder: str) -> Path:
    return Path(settings.MEDIA_ROOT) / organisation.schema_name / folder


def _is_older(path: Path, oldest: float) -> bool:
    try:
        return path.stat().st_mtime < oldest
    except FileNotFoundError:  # its row went, and it with it, just now
        return False


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
