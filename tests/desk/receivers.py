"""Who gets notices: a mail server and a program behind HTTPS, on real sockets of the loopback."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from clinic.escalation import Address, Notifications, Step
from clinic.turn import Urgency

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CONSOLE = "https://chat.clinic.example/nurse"
MINUTE = timedelta(minutes=1)
DUTY = Address("duty-mail", "apprise", "DUTY_URL")
LEAD = Address("lead-mail", "apprise", "LEAD_URL")
SYSTEM = Address("system", "webhook", "SYSTEM_URL", "SYSTEM_SECRET")
_STEPS = (Step(timedelta(), ("duty-mail", "system")), Step(5 * MINUTE, ("lead-mail",)))
NOTIFICATIONS = Notifications(
    console=CONSOLE,
    addresses={address.name: address for address in (DUTY, LEAD, SYSTEM)},
    steps=dict.fromkeys(Urgency, _STEPS),
)
GROUPS = f"""notifications:
  console: {CONSOLE}
  addresses:
    duty-mail: {{apprise: DUTY_URL}}
    lead-mail: {{apprise: LEAD_URL}}
    system: {{webhook: SYSTEM_URL, secret: SYSTEM_SECRET}}
  emergency: &steps
    - to: [duty-mail, system]
    - {{after: 5 minutes, to: [lead-mail]}}
  urgent: *steps
  routine: *steps
"""


@dataclass
class MailServer:
    """Keeps what it took; `refuses` answers every message with a lasting error."""

    port: int = 0
    refuses: bool = False
    taken: list[EmailMessage] = field(default_factory=list)

    def url(self, to: str) -> str:
        """The address as Apprise writes it."""
        return (
            f"mailto://127.0.0.1:{self.port}/?from=chat@clinic.example"
            f"&to={to}@clinic.example&mode=insecure"
        )

    def to(self, name: str) -> list[EmailMessage]:
        """The messages to that person."""
        return [mail for mail in self.taken if f"{name}@clinic.example" in mail["To"]]

    async def handle_DATA(  # noqa: N802 (the name that aiosmtpd calls)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.refuses:
            return "550 no such person"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        return "250 taken"


def text_of(mail: EmailMessage) -> str:
    """The plain text of it."""
    part = mail.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """One that listens."""
    mails = MailServer()
    loop, is_up, is_over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await loop.create_server(lambda: SMTP(mails, loop=loop), "127.0.0.1", 0)
        mails.port = server.sockets[0].getsockname()[1]
        is_up.set()
        await is_over.wait()
        server.close()

    # In a thread of its own: a test of the browser has a loop already.
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert is_up.wait(10), "the mail server did not start"
    try:
        yield mails
    finally:
        loop.call_soon_threadsafe(is_over.set)
        thread.join(timeout=5)
        loop.close()


@dataclass
class Hook:
    """One request that came."""

    headers: dict[str, str]
    body: bytes


@dataclass
class HookReceiver:
    """Answers with `status`, after `release` is set; a status of 3xx points to `location`."""

    authority: Path
    port: int = 0
    status: int = 204
    location: str = ""
    hooks: list[Hook] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [hook.headers["webhook-id"] for hook in self.hooks]


@contextmanager
def hook_receiver(folder: Path) -> Iterator[HookReceiver]:
    """One that listens; who trusts the file `authority` can speak to it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    received = HookReceiver(folder / "authority.pem")
    received.release.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            names = {name.lower(): value for name, value in self.headers.items()}
            received.hooks.append(Hook(names, self.rfile.read(length)))
            received.release.wait(30)
            self.send_response(received.status)
            if received.location:
                self.send_header("location", received.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield received
    finally:
        received.release.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server that listens."""
    with mail_server() as served:
        yield served


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HookReceiver]:
    """A receiver of webhooks that listens; the desk of this test trusts it."""
    with hook_receiver(tmp_path) as served:
        monkeypatch.setenv("SSL_CERT_FILE", str(served.authority))
        yield served
