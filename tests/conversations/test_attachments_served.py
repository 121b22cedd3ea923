"""The same uploads and downloads through real servers, in the sizes that go over the disk."""

import http.client
import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from PIL import Image

from tests.cast import VisitorHere, acme, visitor_of
from tests.servers import WebServer
from tests.tenants.test_images import encoded

PATH = "/api/widget/attachments"


def ask(
    server: WebServer, method: str, path: str, visitor: VisitorHere, body: bytes = b"", **headers: str
) -> tuple[int, bytes]:
    """Python resolves no ``*.localhost``: Host and Origin say whom it is for."""
    host = f"acme.localhost:{settings.PUBLIC_PORT}"
    own = {"Host": host, "Origin": f"http://{host}", "Authorization": f"Bearer {visitor.token}"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body, own | headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def form_of(data: bytes) -> tuple[bytes, str]:
    """(body, Content-Type) of a form with this one file."""
    edge = uuid4().hex
    disposition = 'Content-Disposition: form-data; name="file"; filename="noise.png"'
    head = f"--{edge}\r\n{disposition}\r\nContent-Type: image/png\r\n\r\n"
    return head.encode() + data + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_a_large_image_travels_both_ways(server: str, start_web: Callable[..., WebServer]) -> None:
    vera = visitor_of(acme())
    web = start_web(server=server)
    image = Image.effect_noise((2000, 1500), 90)
    data = encoded(image, "PNG")
    assert len(data) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    body, content_type = form_of(data)

    status, answer = ask(web, "POST", PATH, vera, body, **{"Content-Type": content_type})
    assert status == 201, answer
    fact = json.loads(answer)

    status, back = ask(web, "GET", f"{PATH}/{fact['id']}", vera)
    assert (status, len(back)) == (200, fact["size"])
    assert ask(web, "GET", f"{PATH}/{fact['id']}", visitor_of(acme()))[0] == 404
    body, content_type = form_of(data.ljust(settings.UPLOAD_MAX_BYTES + 1, b"\0"))
    assert ask(web, "POST", PATH, vera, body, **{"Content-Type": content_type})[0] == 413
