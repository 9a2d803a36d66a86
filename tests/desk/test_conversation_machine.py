"""Any order of sending, resending, replies, failures and erasing: the log equals a plain list."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
)

from clinic.settings import load_clinic
from clinic.turn import Kind, Turn
from desk import conversations, errands, turns
from desk.alarm import Said
from desk.erasing import erase
from desk.errors import Gone
from desk.outages import Outages
from desk.public_holidays import public_holidays
from desk.rasa_client import Reply
from desk.settings import CHECKOUT
from desk.storage.database import Database
from desk.storage.migrate import upgrade

CLINIC = load_clinic(CHECKOUT / "clinic.yml", public_holidays)
REPLY = Reply(text="reply", buttons=(), turn=Turn(kind=Kind.CHITCHAT))
SECOND = timedelta(seconds=1)


class Calm:
    """An alarm that never rings."""

    def look(self, said: Said, *, before: Sequence[Said]) -> None:
        """None."""


OUTAGES = Outages(CLINIC, Calm())


class Conversations(RuleBasedStateMachine):
    """`said` is what each chat should hold, `owed` what is unanswered; nothing else is there."""

    chats = Bundle("chats")
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'x.sqlite3'}"
        upgrade(url)
        self.database = Database(url)
        self.now = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
        self.said: dict[str, list[tuple[str, str]]] = {}
        self.owed: dict[str, list[str]] = {}
        self.told: dict[str, bool] = {}
        self.tokens: dict[str, str] = {}
        self.numbers: dict[tuple[str, str], int] = {}

    def _accept(self, chat: str, name: str, text: str) -> int:
        with self.database.write() as session:
            return turns.accept_message(
                session, chat, client_message_id=name, text=text, now=self.now
            )

    @rule(target=chats)
    def begin(self) -> str:
        with self.database.write() as session:
            name = f"chat-{len(self.tokens)}"
            opened = conversations.create(session, now=self.now, conversation_id=name)
        self.said[opened.id], self.owed[opened.id] = [], []
        self.told[opened.id] = False
        self.tokens[opened.id] = opened.token
        return opened.id

    @rule(target=sent, chat=chats, text=st.sampled_from(["a", "/b", "c"]))
    def send(self, chat: str, text: str) -> object:
        if chat not in self.said:
            with pytest.raises(Gone):
                self._accept(chat, "never", text)
            return multiple()
        name = f"{len(self.said[chat])}-{text}"
        seq = self._accept(chat, name, text)
        self.said[chat].append(("patient", text))
        assert seq == len(self.said[chat])
        self.owed[chat].append(text)
        self.numbers[chat, name] = seq
        return chat, name

    @rule(message=sent)
    def resend(self, message: tuple[str, str]) -> None:
        chat, name = message
        if chat in self.said:
            assert self._accept(chat, name, "other words") == self.numbers[chat, name]

    @rule(how=st.sampled_from(["reply", "fail", "slow", "give up"]))
    def work(self, how: str) -> None:
        """The worker takes what is due: the oldest of each chat, never two of one."""
        self.now += SECOND
        with self.database.read() as session:
            due = turns.due(session, now=self.now, busy=(), limit=50)
        assert {turn.conversation_id for turn in due} == {c for c in self.owed if self.owed[c]}
        for turn in due:
            chat = turn.conversation_id
            assert turn.text == self.owed[chat][0]
            with self.database.write() as session:
                if how == "reply":
                    assert turns.finish(session, turn, REPLY, CLINIC, now=self.now)
                elif how == "fail":
                    OUTAGES.postpone(session, turn, wait=SECOND, refused=False, now=self.now)
                elif how == "slow":
                    OUTAGES.tell(session, turn, now=self.now)
                else:
                    OUTAGES.close(session, turn, now=self.now)
            self._expect(chat, how)
            with self.database.write() as session:  # an answer that comes twice changes nothing
                if how in {"reply", "give up"}:
                    assert not turns.finish(session, turn, REPLY, CLINIC, now=self.now)

    def _expect(self, chat: str, how: str) -> None:
        if how in {"reply", "give up"}:
            self.owed[chat].pop(0)
            self.said[chat].append(("assistant", "reply") if how == "reply" else ("system", ""))
            self.told[chat] = how == "give up"
        elif not self.told[chat]:
            self.said[chat].append(("system", ""))
            self.told[chat] = True

    @rule(chat=chats)
    def erase(self, chat: str) -> None:
        if chat in self.said:
            with self.database.write() as session:
                erase(session, chat, now=self.now)
            del self.said[chat], self.owed[chat]

    @invariant()
    def the_log_is_the_list(self) -> None:
        with self.database.read() as session:
            for chat, token in self.tokens.items():
                if chat not in self.said:
                    assert conversations.events_after(session, chat) == ()
                    with pytest.raises(Gone):
                        conversations.open_conversation(session, chat, token)
                    continue
                events = conversations.events_after(session, chat)
                assert [event.seq for event in events] == list(range(1, len(events) + 1))
                said = [(e.author, e.text if e.author != "system" else "") for e in events]
                assert said == self.said[chat]

    @invariant()
    def every_erased_chat_is_to_be_forgotten(self) -> None:
        with self.database.read() as session:
            later = self.now + timedelta(days=1)
            found = errands.due(session, now=later, busy=(), limit=1000)
        to_forget = {errand.object_id for errand in found if errand.kind == "forget_tracker"}
        assert to_forget == set(self.tokens) - set(self.said)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestConversations = Conversations.TestCase
TestConversations.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
