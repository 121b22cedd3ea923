"""The demo's addresses and people. Importable without Django: `make run` prints them.

The content itself is in ``chatplatform.demo_content``.
"""

PASSWORD = "quiet-green-canal"  # noqa: S105 (made for printing)

LOGINS: list[tuple[str, str, str]] = [
    ("olga@desk.example", PASSWORD, "operator for Acme Outdoor and Globex Bank"),
    ("omar@desk.example", PASSWORD, "operator for Acme Outdoor"),
    ("sam@desk.example", PASSWORD, "supervisor of the whole desk"),
    ("ada@desk.example", PASSWORD, "platform administrator"),
    ("maud@acme.example", PASSWORD, "manager of Acme Outdoor"),
    ("stan@acme.example", PASSWORD, "specialist of Acme Outdoor"),
    ("mona@globex.example", PASSWORD, "manager of Globex Bank"),
]


def addresses(port: int) -> list[tuple[str, str]]:
    """(what, address) of every page worth opening, for a server on this port."""
    return [
        ("Acme's shop, as a visitor", f"http://acme-shop.localhost:{port}/"),
        ("Globex's bank, as a visitor", f"http://globex-bank.localhost:{port}/"),
        ("The desk", f"http://desk.localhost:{port}/"),
        ("Mails that were sent", f"http://acme-shop.localhost:{port}/development/mailbox/"),
        ("The platform's administration", f"http://desk.localhost:{port}/admin/"),
        ("Acme's administration", f"http://acme.localhost:{port}/admin/"),
        ("Globex's administration", f"http://globex.localhost:{port}/admin/"),
    ]
