"""closedloop.yaml to values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any

from pydantic import SecretStr

from connector.domain.actions import ActionPolicy
from connector.domain.listed import Listed
from connector.domain.programs import Mode, Organisation, Spacing
from connector.domain.records import RecordKind
from connector.domain.surveys import AskKind
from connector.domain.titles import Levels
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import CrmSpec
from connector.ports.delivery import Tls
from connector.settings.checking import Checker
from connector.settings.configuration import CrmConnection, Mail, MailLogin
from connector.settings.connections import adapters_are_known, crm_secrets, read_connections
from connector.settings.derived_keys import LevelsKeys
from connector.settings.documents import Document
from connector.settings.facts import FactBook
from connector.settings.house_keys import COUNTERPART, AfterKeys, HouseKeys, MailKeys
from connector.settings.mistakes import Mistakes
from connector.settings.references import resolve
from connector.settings.schema import secret_patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What closedloop.yaml says: `keys` is None where they have mistakes; `mode` and `book` are known even then."""

    keys: HouseKeys | None
    mode: Mode | None
    crms: tuple[CrmConnection, ...]
    crms_are_known: bool
    """Whether each connection names an adapter, so that every fact is in the book."""
    book: FactBook


def read_house(
    document: Document, *, specs: Mapping[str, CrmSpec], environ: Mapping[str, str], mistakes: Mistakes
) -> House:
    """The file with its references resolved and each of its parts checked."""
    secrets = [*secret_patterns(HouseKeys), *crm_secrets(document, specs=specs)]
    resolved = resolve(document, secrets=secrets, environ=environ, mistakes=mistakes)
    checker = Checker(document, mistakes=mistakes, resolved=resolved)
    said = resolved.data.get("mode", Mode.SHADOW.value)
    mode = Mode(said) if said in list(Mode) else None
    book = FactBook()
    crms = read_connections(
        checker,
        data=resolved.data.get("crms"),
        specs=specs,
        mode=mode or Mode.SHADOW,
        book=book,
        levels=_levels(checker, resolved.data),
    )
    keys = checker.check(HouseKeys, resolved.data)
    _check_write_back(checker, crms=crms)
    are_known = adapters_are_known(resolved.data.get("crms"), specs=specs)
    return House(keys=keys, mode=mode, crms=crms, crms_are_known=are_known, book=book)


def _levels(checker: Checker, data: Mapping[str, Any]) -> Levels | None:
    """The patterns by level, known even where other keys of the file have mistakes."""
    keys = checker.check(LevelsKeys, data["levels"], at=("levels",)) if data.get("levels") is not None else None
    return None if keys is None else keys.by_level


def organisation(keys: HouseKeys) -> Organisation:
    """Who asks."""
    said = keys.organisation
    return Organisation(name=said.name, timezone=said.timezone, language=said.language)


def spacing(keys: HouseKeys) -> Spacing:
    """Days between asks, by the new kind and then the earlier one."""
    said = {AskKind.RELATIONSHIP: keys.spacing.relationship, AskKind.TRANSACTION: keys.spacing.transaction}
    return Spacing({new: _after(after) for new, after in said.items()})


def actions(keys: HouseKeys) -> ActionPolicy:
    """What holds for all actions."""
    said = keys.actions
    return ActionPolicy() if said is None else ActionPolicy(stand_in=said.stand_in, most_overdue=said.most_overdue)


def listed(keys: HouseKeys, *, crms: Sequence[CrmConnection]) -> Listed:
    """Whom test mode reaches; an account's id may be written in each form that its CRM gives it."""
    said = keys.test
    if said is None:
        return Listed()
    read = ((crm.spec.read_id(word), word) for crm in crms for word in said.accounts)
    ids = {form: word for form, word in read if form not in (None, word)}
    return Listed(recipients=tuple(said.recipients), accounts=tuple(said.accounts), ids=ids)


def mail(keys: MailKeys) -> Mail:
    """How mail leaves."""
    shows_counterpart = keys.shown_name == COUNTERPART
    login = None if keys.login is None else MailLogin(keys.login.user, keys.login.password)
    return Mail(
        relay_host=keys.relay.host,
        relay_port=keys.relay.port,
        sender=keys.sender,
        shown_name=None if shows_counterpart else keys.shown_name,
        shows_counterpart=shows_counterpart,
        tls=Tls(keys.tls),
        login=login,
    )


def data_dir(keys: HouseKeys, *, folder: FilePath) -> FilePath:
    """Where our files are kept; a relative path starts at the settings folder."""
    return folder.absolute() / keys.data_dir


def database_url(keys: HouseKeys, *, folder: FilePath) -> SecretStr:
    """The database, by default one SQLite file among our data."""
    return keys.database or SecretStr(f"sqlite:///{data_dir(keys, folder=folder) / 'closedloop.sqlite'}")


def write_back(keys: HouseKeys) -> dict[RecordKind, tuple[str, ...]]:
    """Words to write by kind of record."""
    return {RecordKind(kind): tuple(words) for kind, words in keys.write_back.items()}


def _after(keys: AfterKeys) -> dict[AskKind, int]:
    said = {AskKind.RELATIONSHIP: keys.after_relationship, AskKind.TRANSACTION: keys.after_transaction}
    return {earlier: days for earlier, days in said.items() if days is not None}


def _check_write_back(checker: Checker, *, crms: tuple[CrmConnection, ...]) -> None:
    said = checker.document.at(("write_back",))
    kinds = sorted({field.kind.value for field in WRITE_FIELDS})
    for kind, words in said.items() if isinstance(said, dict) else ():
        path = ("write_back", kind)
        if kind not in kinds:
            expected = f"expected one of {', '.join(kinds)}"
            checker.add_key(path, found=f"found the unknown kind `{kind}`", expected=expected)
            continue
        if crms and not any(RecordKind(kind) in crm.spec.capabilities.writes for crm in crms):
            found, expected = f"found `{kind}`", "expected a kind that one of the CRMs can write"
            checker.add_key(path, found=found, expected=expected)
        for index, word in enumerate(words if isinstance(words, list) else ()):
            _check_word(checker, path=(*path, index), word=word, kind=kind)


def _check_word(checker: Checker, *, path: tuple[str | int, ...], word: object, kind: str) -> None:
    known = [field.word for field in WRITE_FIELDS if field.kind == kind]
    if not isinstance(word, str):
        return
    if word not in known:
        near = get_close_matches(word, known, n=1)
        expected = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
        checker.add(path, found=f"found the unknown word `{word}`", expected=expected)
    elif word in checker.document.at(path[:-1])[: path[-1]]:
        checker.add(path, found=f"found `{word}` again", expected="expected it once")
