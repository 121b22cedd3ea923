"""What a manager has uploaded and not confirmed yet: one file each, private, for an hour.

It is ``MEDIA_ROOT/<schema>/imports/<manager>``: one line of JSON that tells how it is to be read, then its bytes. It is
read again when it is confirmed, and is never sent to anybody.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from tenants.context import OrganisationRef

LIFE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Upload:
    """``form`` and ``language`` as they were chosen; ``form`` may be empty."""

    name: str
    form: str
    language: str
    go_live: bool
    data: bytes


def keep_upload(organisation: OrganisationRef, manager_id: UUID, upload: Upload) -> None:
    """In place of what this manager uploaded before. What others left behind for too long goes."""
    folder = _folder(organisation)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in folder.iterdir():
        if _is_old(path):
            path.unlink(missing_ok=True)
    told = asdict(upload)
    del told["data"]
    unfinished = folder / f"{uuid4()}.part"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(told).encode() + b"\n" + upload.data)
    unfinished.replace(folder / str(manager_id))


def pending_upload(organisation: OrganisationRef, manager_id: UUID) -> Upload | None:
    """This manager's own, or None when there is none any more."""
    path = _folder(organisation) / str(manager_id)
    try:
        if _is_old(path):
            return None
        told, _newline, data = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    return Upload(**json.loads(told), data=data)


def forget_upload(organisation: OrganisationRef, manager_id: UUID) -> None:
    (_folder(organisation) / str(manager_id)).unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    """By the machine's own time: the platform's clock may be moved, the disk's may not."""
    return path.stat().st_mtime < time.time() - LIFE_SECONDS


def _folder(organisation: OrganisationRef) -> Path:
    return Path(settings.MEDIA_ROOT) / organisation.schema_name / "imports"
