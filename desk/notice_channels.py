"""How a notice leaves the desk: through Apprise to people, as a signed webhook to programs.

What an address is stands in the environment alone. Apprise is imported where the clinic uses it,
because it makes the start longer. Neither channel raises, nor says more about a
failure than a code, since texts of other services can hold addresses and secrets.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from clinic.escalation import Address, Notifications
from desk.notice_words import Message
from desk.settings import SettingsError

__all__ = ["GONE", "AppriseChannel", "Channel", "WebhookChannel", "open_channels"]

GONE: Final = "gone"
"""The receiver has said that it takes no more of these (HTTP 410)."""
# The specification's lengths of a secret, in bytes, and its advice for the time of one request.
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64
_WEBHOOK_TIMEOUT: Final = timedelta(seconds=15)


class Channel(Protocol):
    """One address; used from several threads."""

    keeps_trying: timedelta
    """How long a message to it is worth sending."""

    def send(self, message: Message, *, message_id: str, now: datetime) -> str:
        """Send it, and say "" when it was taken, else a code for what went wrong."""


def open_channels(
    notifications: Notifications, secrets: Mapping[str, str]
) -> Mapping[str, Channel]:
    """A channel for each address that `clinic.yml` names.

    Raises `SettingsError` for one that is missing or cannot be used; its value is not repeated.
    """
    opened: dict[str, Channel] = {}
    for name, address in notifications.addresses.items():
        url = _secret(secrets, address.url, name)
        if address.kind == "apprise":
            opened[name] = AppriseChannel(url, named=address.url)
        else:
            secret = _secret(secrets, address.secret, name)
            opened[name] = WebhookChannel(url, secret, named=address)
    return opened


class AppriseChannel:
    """Somebody whom one of Apprise's services reaches: e-mail, SMS, pager, Teams and the like."""

    keeps_trying = timedelta(days=1)

    def __init__(self, url: str, *, named: str) -> None:
        import apprise  # noqa: PLC0415 (time that only clinics with such addresses spend)

        self._url = url
        self._apprise = apprise
        self._asset = apprise.AppriseAsset(
            app_id="Clinic Chat", app_desc="", app_url="", async_mode=False
        )
        # Its log has addresses in it, and at DEBUG all that is sent.
        apprise.logger.setLevel(logging.CRITICAL + 1)
        if apprise.Apprise.instantiate(url, asset=self._asset) is None:
            raise SettingsError(
                f"{named}: not an address that Apprise can send to; "
                "docs/notifications.md has examples"
            )

    def send(self, message: Message, *, message_id: str, now: datetime) -> str:
        """Apprise says no more than whether the service took it."""
        del message_id, now
        apprise = self._apprise
        service = apprise.Apprise(asset=self._asset)
        service.add(self._url)
        kind = apprise.NotifyType.WARNING if message.presses else apprise.NotifyType.INFO
        try:
            taken = bool(
                service.notify(
                    title=message.title,
                    body=message.text,
                    body_format=apprise.NotifyFormat.TEXT,
                    notify_type=kind,
                )
            )
        except Exception as error:  # noqa: BLE001 (each service has errors of its own)
            return type(error).__name__[:32]
        return "" if taken else "not_taken"


class WebhookChannel:
    """A program, by HTTPS, signed as Standard Webhooks asks (www.standardwebhooks.com)."""

    keeps_trying = timedelta(days=3)

    def __init__(self, url: str, secret: str, *, named: Address) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.fragment:
            raise SettingsError(
                f"{named.url}: expected an address that begins with https://, "
                "without a password and without #"
            )
        self._url = url
        self._signers = tuple(_signer(one, named.secret) for one in secret.split())
        self._http = httpx.Client(
            timeout=_WEBHOOK_TIMEOUT.total_seconds(),
            follow_redirects=False,  # only where the clinic has said, nowhere else
        )

    def send(self, message: Message, *, message_id: str, now: datetime) -> str:
        """Only an answer of 2xx takes it; what else the receiver says is not read."""
        body = message.payload
        signed = [signer.sign(message_id, now, body.decode()) for signer in self._signers]
        headers = {
            "content-type": "application/json",
            "user-agent": "Clinic-Chat",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signed),
        }
        try:
            with self._http.stream("POST", self._url, content=body, headers=headers) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            return type(error).__name__[:32]
        if status == httpx.codes.GONE:
            return GONE
        return "" if httpx.codes.is_success(status) else f"http_{status}"


def _secret(secrets: Mapping[str, str], name: str, address: str) -> str:
    value = secrets.get(name, "").strip()
    if not value:
        raise SettingsError(
            f"{name}: not set, and clinic.yml needs it for the address {address}; set it in the "
            "environment, or add it to secrets.env in the data folder"
        )
    return value


def _signer(secret: str, named: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _SHORTEST_SECRET <= len(key) <= _LONGEST_SECRET:
        raise SettingsError(
            f"{named}: expected whsec_ and 24 to 64 random bytes in base64; two of them, with a "
            "space between, while you change it; docs/notifications.md says how to make one"
        )
    return Webhook(key)
