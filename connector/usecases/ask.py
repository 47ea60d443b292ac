"""Ask: make an invitation of each decision to ask, then hand each mail over at most once (design 5.9)."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from connector.domain.invitations import MessageState
from connector.domain.links import NONCE_BYTES, Keyring, LinkPurpose, token, token_hash
from connector.domain.programs import Mode, Policy, Program
from connector.ports.clock import Clock
from connector.ports.delivery import Envelope, Mailer, MailWriter
from connector.ports.errors import (
    CrmError,
    DeliveryPostponed,
    DeliveryRefused,
    DeliveryUncertain,
    RelayUnavailable,
    StorageError,
)
from connector.ports.storage.asking import Decided, Message, NewInvitation
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm
from connector.usecases.gating import open_gate
from connector.usecases.sync import pin_organisation

BATCH = 100
"""Invitations made in one commit, and messages read at once."""
WAITS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""Before the second, third, and each later attempt: about a day in all, as RFC 5321 4.5.4.1 asks of a queue."""
ATTEMPTS = 8
SETTLE_ATTEMPTS = 5
"""How often the end of a hand-over is noted where the database fails, with 15 seconds of waits: then it is in doubt."""
STOPPED = "stopped: mail waits until it is resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReport:
    """What one run of the ask stage did; `refusal` says why nothing was done, `halted` why it ended early.

    `messages` counts messages by the state they came to in this run; `ready` ones are tried again later. `held_back`
    says by connection why mail to its contacts waits.
    """

    refusal: str | None = None
    halted: str | None = None
    doubted: int = 0
    closed: int = 0
    made: int = 0
    messages: Mapping[MessageState, int] = field(default_factory=dict)
    held_back: Mapping[str, CrmError] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Mails that the relay took."""
        return self.messages.get(MessageState.SENT, 0)

    @property
    def is_relay_down(self) -> bool:
        """Whether the run ended early because no mail can leave."""
        return self.halted is not None and self.halted != STOPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the ask stage works with."""

    storage: Storage
    mailer: Mailer
    writer: MailWriter
    policy: Policy
    keyring: Keyring
    clock: Clock
    crms: Sequence[Crm] = ()
    new_nonce: Callable[[], bytes] = lambda: secrets.token_bytes(NONCE_BYTES)
    sleep: Callable[[float], None] = time.sleep

    @property
    def programs(self) -> dict[str, Program]:
        """The programs that ask for real, by id; those in test mode do behind its gate."""
        ids = self.policy.programs_in(Mode.TEST, Mode.LIVE)
        return {program.id: program for program in self.policy.programs if program.id in ids}

    def day_of(self, moment: datetime) -> date:
        """The organisation's calendar day, which is what a rep's hold is meant in."""
        return self.policy.organisation.day_of(moment)


def ask(asking: Asking) -> AskReport:
    """Make what is decided, send what is due. The caller holds the claim of the ask stage: one run at a time.

    Nothing is made or sent in shadow mode, and in test mode only to whom it reaches; the stop switch and the test list
    are read before every mail.
    """
    if asking.policy.mode is Mode.SHADOW:
        return AskReport(refusal=f"mode is {asking.policy.mode}: nothing is made or sent")
    with asking.storage.begin() as unit:
        doubted = unit.messages.doubt_abandoned(at=asking.clock.now())
        closed = unit.invitations.close_overdue(at=asking.clock.now())
        unit.commit()
    made = sum(iter(lambda: _make_batch(asking), 0))
    counts: Counter[MessageState] = Counter()
    doors = _Doors(asking)
    halted = next((halt for message in _due(asking, doors) if (halt := _deliver(asking, message, counts))), None)
    return AskReport(
        halted=halted, doubted=doubted, closed=closed, made=made, messages=dict(counts), held_back=doors.shut
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    """Sending is bound to the org ids: before the first mail to a contact of a connection its org is looked at.

    A connection that cannot be reached or opens another org than its pinned one shuts the door for its own contacts.
    """

    asking: Asking
    opened: set[str] = field(default_factory=set)
    shut: dict[str, CrmError] = field(default_factory=dict)

    def is_open(self, name: str) -> bool:
        """Whether mail may leave to the contacts of this connection; asked of the CRM once a run."""
        if name not in self.opened and name not in self.shut:
            try:
                self._check(name)
            except CrmError as error:
                self.shut[name] = error
            else:
                self.opened.add(name)
        return name in self.opened

    def _check(self, name: str) -> None:
        for crm in self.asking.crms:
            if crm.name == name:
                with crm.open() as adapter:
                    pin_organisation(crm, adapter, storage=self.asking.storage, clock=self.asking.clock)


def _make_batch(asking: Asking) -> int:
    """Make up to a batch of invitations in one commit; how many."""
    programs, now = asking.programs, asking.clock.now()
    with asking.storage.begin() as unit:
        gate = open_gate(unit, asking.policy)
        batch = unit.invitations.undone(programs=sorted(programs), today=asking.day_of(now), limit=BATCH, gate=gate)
        for name in {decided.program for decided in batch}:
            unit.responses.keep_survey(programs[name].survey, at=now)
        for decided in batch:
            unit.invitations.add(_invitation(asking, decided, program=programs[decided.program], now=now))
        unit.commit()
    return len(batch)


def _invitation(asking: Asking, decided: Decided, *, program: Program, now: datetime) -> NewInvitation:
    nonce, key_id = asking.new_nonce(), asking.keyring.signing

    def proof(purpose: LinkPurpose) -> str:
        return token_hash(token(asking.keyring, key_id=key_id, purpose=purpose, nonce=nonce))

    return NewInvitation(
        decided=decided,
        survey=program.survey.id,
        survey_version=program.survey.version,
        language=program.survey.language,
        nonce=nonce,
        key_id=key_id,
        answer_hash=proof(LinkPurpose.ANSWER),
        unsubscribe_hash=proof(LinkPurpose.UNSUBSCRIBE),
        created_at=now,
        closes_at=now + timedelta(days=program.closes_days),
    )


def _due(asking: Asking, doors: _Doors) -> Iterator[Message]:
    """Each message that is due and may leave, once."""
    seen: set[int] = set()
    while True:
        with asking.storage.snapshot() as unit:
            now = asking.clock.now()
            batch = unit.messages.ready(
                programs=sorted(asking.programs),
                now=now,
                today=asking.day_of(now),
                limit=BATCH,
                held_back=sorted(doors.shut),
                gate=open_gate(unit, asking.policy),
            )
        fresh = [message for message in batch if message.id not in seen]
        if not fresh:
            return
        seen.update(message.id for message in fresh)
        yield from (message for message in fresh if doors.is_open(message.crm))


def _deliver(asking: Asking, message: Message, counts: Counter[MessageState]) -> str | None:
    """Bring one message on its way; a text where the run must end: stopped, or the relay cannot be used."""
    with asking.storage.begin() as unit:
        if unit.switches.stopped_at() is not None:
            return STOPPED
        envelope, state = _hand_over(asking, message, unit)
        unit.commit()
    halt = None
    if envelope is not None:
        state, halt = _send(asking, message, envelope)
    counts[state] += 1
    return halt


def _hand_over(asking: Asking, message: Message, unit: UnitOfWork) -> tuple[Envelope | None, MessageState]:
    """Render a message and mark it `handing over`; no envelope where it is not to leave."""
    now, version = asking.clock.now(), message.invitation.survey_version
    survey = unit.responses.survey(version)
    try:
        if survey is None:
            raise DeliveryRefused(f"Version {version} of its survey is not stored.")
        envelope = asking.writer.write(message.invitation, survey=survey, at=now)
    except DeliveryRefused as refusal:
        unit.messages.settle(message.id, state=MessageState.FAILED, at=now, error=str(refusal))
        return None, MessageState.FAILED
    gate = open_gate(unit, asking.policy, near=message.invitation.account_id)
    if not unit.messages.hand_over(message.id, at=now, today=asking.day_of(now), gate=gate):
        return None, MessageState.CANCELLED
    return envelope, MessageState.HANDING_OVER


def _send(asking: Asking, message: Message, envelope: Envelope) -> tuple[MessageState, str | None]:
    """Send and settle; any other failure than delivery's own leaves the message to be doubted at the next start."""
    state, error, wait, halt = MessageState.SENT, None, None, None
    try:
        asking.mailer.send(envelope)
    except DeliveryUncertain as doubt:
        state, error = MessageState.UNCERTAIN, str(doubt)
    except DeliveryRefused as refusal:
        state, error = MessageState.FAILED, str(refusal)
    except DeliveryPostponed as later:
        wait = wait_after(message.attempts + 1)
        state, error = (MessageState.FAILED if wait is None else MessageState.READY), str(later)
        halt = error if isinstance(later, RelayUnavailable) else None
    _settle(asking, message, state=state, error=error, wait=wait)
    return state, halt


def _settle(
    asking: Asking, message: Message, *, state: MessageState, error: str | None, wait: timedelta | None
) -> None:
    """Note how a hand-over ended; tried again where the database fails, since a delivered mail must not be doubted."""
    now = asking.clock.now()
    not_before = None if wait is None else now + wait
    patiently = Retrying(
        retry=retry_if_exception_type(StorageError),
        wait=wait_exponential(),
        stop=stop_after_attempt(SETTLE_ATTEMPTS),
        sleep=asking.sleep,
        reraise=True,
    )
    for attempt in patiently:
        with attempt, asking.storage.begin() as unit:
            unit.messages.settle(message.id, state=state, at=now, error=error, not_before=not_before)
            unit.commit()


def wait_after(attempts: int) -> timedelta | None:
    """How long a message waits after so many attempts, or None where it has had them all."""
    return None if attempts >= ATTEMPTS else WAITS[min(attempts, len(WAITS)) - 1]
