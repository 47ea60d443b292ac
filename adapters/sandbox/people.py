"""The people behind the addresses: whether, when and what they answer is decided by hash, and done on the real page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urljoin

import orjson

from adapters.sandbox.chance import below, chance, unit
from adapters.sandbox.clock import Clock
from adapters.sandbox.far import Far, NotLoopback, Unreachable
from adapters.sandbox.forms import Form, Page, answer_form, fill, leaving_form, read_page
from adapters.sandbox.links import answer_link, leaving, unsubscribe_link
from adapters.sandbox.mail import Inbox, Mail
from adapters.sandbox.moods import felt, note_answer
from adapters.sandbox.state import State
from adapters.sandbox.world import story_books
from adapters.sandbox.world.stories import somebody_at
from adapters.sandbox.world.story import Person

_WHO = "Mozilla/5.0 (sandbox person)"
_ANSWERING, _LEAVING, _TWICE = 0.45, 0.02, 0.01


@dataclass(frozen=True, slots=True)
class Errand:
    """Something a person means to do about a mail at an instant."""

    address: str
    _: KW_ONLY
    feedback_id: str
    mail: int
    kind: str
    due: datetime


@dataclass(frozen=True, slots=True)
class People:
    """Plans what people do about their mail, and does what is due."""

    state: State
    _: KW_ONLY
    clock: Clock
    inbox: Inbox
    far: Far
    seed: int

    def read(self, mail: Mail) -> None:
        """Let the recipient decide about a mail; only the first mail of one Feedback-ID is decided about."""
        if not mail.feedback_id:
            return
        errand = self._as_told(decide(self.seed, mail), mail)
        state = "over" if errand.kind == "nothing" else "waiting"
        self.state.write(
            "insert or ignore into errand values (?, ?, ?, ?, ?, ?, '')",
            (errand.address, errand.feedback_id, mail.id, errand.kind, errand.due.isoformat(), state),
        )

    def _as_told(self, errand: Errand, mail: Mail) -> Errand:
        """The errand of somebody in a story: they answer, or never do."""
        person = self._in_story(mail.recipient)
        return errand if person is None else replace(errand, kind="answer" if person.answers else "nothing")

    def _in_story(self, address: str) -> Person | None:
        told = somebody_at(address)
        return told[1] if told and story_books.since(self.state) else None

    def due(self, until: datetime) -> list[Errand]:
        """What waits to be done up to this instant, in time order."""
        rows = self.state.rows(
            "select address, feedback_id, mail, kind, due from errand where state = 'waiting' and due <= ?"
            " order by due, address, feedback_id",
            (until.isoformat(),),
        )
        return [
            Errand(row[0], feedback_id=row[1], mail=row[2], kind=row[3], due=datetime.fromisoformat(row[4]))
            for row in rows
        ]

    def waiting(self) -> int:
        """How many errands are not done yet."""
        return int(self.state.value("select count(*) from errand where state = 'waiting'"))

    def act(self, errand: Errand) -> None:
        """Do one errand now; a page that cannot be reached leaves it waiting."""
        mail = self.inbox.get(errand.mail)
        assert mail is not None, errand  # noqa: S101 - mail is never thrown away
        try:
            note = self._answer(errand, mail) if errand.kind.startswith("answer") else self._leave(errand, mail)
        except Unreachable as error:
            self._note(errand, "waiting", str(error))
        except NotLoopback:
            self._note(errand, "over", "the link leads out of this machine")
        else:
            self._note(errand, "over", note)

    def _note(self, errand: Errand, state: str, note: str) -> None:
        self.state.write(
            "update errand set state = ?, note = ? where address = ? and feedback_id = ?",
            (state, note, errand.address, errand.feedback_id),
        )

    def _answer(self, errand: Errand, mail: Mail) -> str:
        key = (self.seed, "answer", errand.address, errand.feedback_id)
        score = min(10.0, max(0.0, felt(self.state, self.seed, errand.address, errand.due) + unit(*key, "noise") - 0.5))
        link = answer_link(mail.message, score)
        if link is None:
            return "no link to an answer page"
        page, where, status = self._open(link)
        form = answer_form(page)
        if form is None or status != 200:
            return f"no form to fill in (status {status})"
        person = self._in_story(errand.address)
        words = person.says(score) if person else ()
        fields = fill(form, score=score, language=page.language, key=key, words=words)
        target = urljoin(where, form.action)
        # Kept before it is posted, so that an answer whose confirmation is lost is none the less theirs.
        note_answer(self.state, errand.address, errand.feedback_id, at=errand.due, score=score)
        for again in range(2 if errand.kind == "answer twice" else 1):
            self._post(errand, target, fields, again=bool(again))
        return "answered"

    def _open(self, link: str) -> tuple[Page, str, int]:
        response = self.far.request("GET", link, who=_WHO)
        return read_page(response.text), str(response.url), response.status_code

    def _post(self, errand: Errand, target: str, fields: list[tuple[str, str]], *, again: bool) -> None:
        """Post the form and remember it; a second time that finds nobody is not tried again."""
        try:
            status = self.far.request("POST", target, form=fields, who=_WHO).status_code
        except Unreachable:
            if not again:
                raise
            return
        with self.state.change():
            self.state.count("people.answers_posted")
            self.state.count("people.answers_again", int(again))
            self.state.count("people.answers_ok", int(status == 200 and not again))
            self.state.add(
                "insert into answer (address, feedback_id, url, fields, at, status, again)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                (
                    errand.address,
                    errand.feedback_id,
                    target,
                    orjson.dumps(fields).decode(),
                    self.clock.now().isoformat(),
                    status,
                    int(again),
                ),
            )

    def _leave(self, errand: Errand, mail: Mail) -> str:
        header = leaving(mail.message)
        if errand.kind == "leave by header" and header is not None and header.one_click:
            fields = [("List-Unsubscribe", "One-Click")]
            status = self.far.request("POST", header.url, form=fields, who=_WHO).status_code
        else:
            link = unsubscribe_link(mail.message) or (header.url if header else None)
            if link is None:
                return "no way to leave"
            page, where, _ = self._open(link)
            form = leaving_form(page)
            if form is None:
                return "no form to leave by"
            status = self._post_leaving(errand, form, where)
        self.state.count("people.unsubscribed", int(status in (200, 202, 204)))
        return f"left (status {status})"

    def _post_leaving(self, errand: Errand, form: Form, where: str) -> int:
        key = (self.seed, "leave", errand.address, errand.feedback_id)  # never the link, which holds a random token
        fields = fill(form, score=5.0, language="", key=key)
        return self.far.request("POST", urljoin(where, form.action), form=fields, who=_WHO).status_code

    def answers(self, limit: int) -> Iterator[dict[str, Any]]:
        """What people have posted, newest first."""
        rows = self.state.rows(
            "select address, feedback_id, url, fields, at, status, again from answer order by id desc limit ?", (limit,)
        )
        names = ("address", "feedback_id", "url", "fields", "at", "status", "again")
        for row in rows:
            yield {**dict(zip(names, row, strict=True)), "fields": orjson.loads(row[3]), "again": bool(row[6])}


def decide(seed: int, mail: Mail) -> Errand:
    """What the recipient will do about this mail and when: a function of seed, address, Feedback-ID and arrival."""
    key = (seed, "mail", mail.recipient, mail.feedback_id)
    mark = unit(*key, "kind")
    if mark < _LEAVING:
        kind = "leave by header" if chance(0.5, *key, "way") else "leave by page"
    elif mark < _LEAVING + _ANSWERING:
        kind = "answer twice" if chance(_TWICE, *key, "twice") else "answer"
    else:
        kind = "nothing"
    due = mail.at + timedelta(minutes=20 + below(60, *key, "minutes"))
    day = mail.at.date() + timedelta(days=int(unit(*key, "days") ** 1.6 * 7))
    hour = time(7 + below(12, *key, "hour"), below(60, *key, "minute"), tzinfo=mail.at.tzinfo)
    due = max(due, datetime.combine(day, hour))
    return Errand(mail.recipient, feedback_id=mail.feedback_id, mail=mail.id, kind=kind, due=due)
