"""The `crms:` part of closedloop.yaml to connections; each adapter's own keys are checked by its own model."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from connector.domain.programs import Mode
from connector.domain.titles import Levels
from connector.ports.crm import CrmSpec
from connector.settings.checking import Checker
from connector.settings.configuration import CrmConnection
from connector.settings.derived import read_derived
from connector.settings.documents import Document, Path
from connector.settings.facts import SAME_AS, FactBook, read_facts
from connector.settings.house_keys import ConnectionKeys
from connector.settings.joins import check_homes, read_same_as
from connector.settings.key_types import read_id
from connector.settings.schema import Pattern, secret_patterns

OURS = tuple(ConnectionKeys.model_fields)


def crm_secrets(document: Document, *, specs: Mapping[str, CrmSpec]) -> list[Pattern]:
    """The paths of all secrets in connections, as their adapters' models say."""
    crms = document.at(("crms",))
    patterns: list[Pattern] = []
    for name, data in crms.items() if isinstance(crms, dict) else ():
        spec = specs.get(str(data.get("adapter"))) if isinstance(data, dict) else None
        patterns += [("crms", name, *path) for path in (secret_patterns(spec.settings) if spec else ())]
    return patterns


def adapters_are_known(data: Any, *, specs: Mapping[str, CrmSpec]) -> bool:
    """Whether there are connections and each names an adapter."""
    crms = list(data.values()) if isinstance(data, dict) else []
    return bool(crms) and all(isinstance(crm, dict) and str(crm.get("adapter")) in specs for crm in crms)


def read_connections(
    checker: Checker,
    *,
    data: Any,
    specs: Mapping[str, CrmSpec],
    mode: Mode,
    book: FactBook,
    levels: Levels | None = None,
) -> tuple[CrmConnection, ...]:
    """The valid connections in their order; declared facts go into the book."""
    crms = data if isinstance(data, dict) else {}
    for name in crms:
        _check_name(name, checker=checker)
    check_homes(checker, crms=crms)
    read = [
        _read_connection(name, checker=checker, data=crm, specs=specs, mode=mode, book=book, levels=levels)
        for name, crm in crms.items()
    ]
    return tuple(connection for connection in read if connection is not None)


def _check_name(name: str, *, checker: Checker) -> None:
    try:
        read_id(name)
    except ValueError as error:
        checker.add_key(("crms", name), found=f"found the name `{name}`", expected=str(error))


def _read_connection(
    name: str,
    *,
    checker: Checker,
    data: Any,
    specs: Mapping[str, CrmSpec],
    mode: Mode,
    book: FactBook,
    levels: Levels | None,
) -> CrmConnection | None:
    path: Path = ("crms", name)
    own = {key: value for key, value in data.items() if key in OURS} if isinstance(data, dict) else data
    keys = checker.check(ConnectionKeys, own, at=path)
    spec = _find_spec(checker, path=path, specs=specs)
    if spec is None or not isinstance(data, dict):
        return None
    book.add_defaults(spec)
    declared = read_facts(checker, data=data.get("facts"), path=(*path, "facts"), spec=spec, book=book)
    derived = read_derived(checker, declared=declared, spec=spec, book=book, levels=levels)
    same_as, twins = read_same_as(checker, name=name, data=data.get(SAME_AS), spec=spec)
    rest = {key: value for key, value in data.items() if key not in OURS}
    settings = checker.check(spec.settings, rest, at=path, also=OURS)
    if mode is not Mode.SHADOW and keys is not None and keys.org_id is None:
        expected = f"expected it here: {mode} mode sends and writes for one pinned org only"
        checker.add(path, found="found no key `org_id`", expected=expected)
    if keys is None or settings is None:
        return None
    return CrmConnection(
        name=name,
        spec=spec,
        settings=settings,
        org_id=keys.org_id,
        sources=declared.sources | twins,
        every=keys.every,
        values=declared.values,
        derived=derived,
        is_home=keys.home,
        same_as=same_as,
    )


def _find_spec(checker: Checker, *, path: Path, specs: Mapping[str, CrmSpec]) -> CrmSpec | None:
    adapter = checker.document.at((*path, "adapter"))
    if not isinstance(adapter, str):
        return None
    if adapter in specs:
        return specs[adapter]
    near = get_close_matches(adapter, list(specs), n=1)
    expected = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(sorted(specs))}"
    checker.add((*path, "adapter"), found=f"found the unknown adapter '{adapter}'", expected=expected)
    return None
