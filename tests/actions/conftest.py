"""The desk that the actions talk to, for every test of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import HTTPServer

import pytest

from tests.actions.fake_desk import FakeDesk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeDesk]]:
    server = HTTPServer(("127.0.0.1", 0), FakeDesk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("DESK_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("CLINIC_INTERNAL_SECRET", "the-secret")
    FakeDesk.received, FakeDesk.offered = [], False
    yield FakeDesk
    server.shutdown()
    server.server_close()
