"""relationships.yaml to rules: the first that matches gives an account its type, and a leftover rule is obligatory."""

from connector.domain.programs import RelationshipRule
from connector.domain.records import RecordKind
from connector.settings.checking import Checker
from connector.settings.documents import Document, Path
from connector.settings.duplicates import report_duplicates
from connector.settings.program_keys import RelationshipsKeys, RuleKeys, Vocabulary
from connector.settings.scopes import check_scope


def read_relationships(checker: Checker, *, words: Vocabulary) -> tuple[RelationshipRule, ...]:
    """The valid rules in their order."""
    checker.check(RelationshipsKeys, checker.document.data)
    items = checker.document.at(("relationships",))
    if not isinstance(items, list) or not items:
        return ()
    paths: list[Path] = [("relationships", index) for index in range(len(items))]
    report_duplicates([(checker, (*path, "type")) for path in paths])
    for path in paths:
        _check_place(checker, path=path, is_last=path == paths[-1])
    _check_leftover(checker, paths=paths)
    read = [_read_rule(checker, path=path, words=words) for path in paths]
    return tuple(rule for rule in read if rule is not None)


def declared_types(document: Document | None) -> frozenset[str] | None:
    """The types that the file names, also in rules with mistakes; None where it cannot be read or names none."""
    items = None if document is None else document.at(("relationships",))
    if not isinstance(items, list) or not items:
        return None
    return frozenset(str(item["type"]) for item in items if isinstance(item, dict) and "type" in item)


def _check_place(checker: Checker, *, path: Path, is_last: bool) -> None:
    rule = checker.document.at(path)
    if not isinstance(rule, dict):
        return
    is_leftover = "otherwise" in rule
    if is_leftover and not is_last:
        expected = "expected it in the last rule only: it matches everything"
        checker.add_key((*path, "otherwise"), found="found `otherwise`", expected=expected)
    if is_leftover and "when" in rule:
        expected = "expected none beside `otherwise`"
        checker.add_key((*path, "when"), found="found `when`", expected=expected)
    if not is_leftover and "when" not in rule and not is_last:
        checker.add(path, found="found no key `when`", expected="expected it here")


def _check_leftover(checker: Checker, *, paths: list[Path]) -> None:
    """A mistake where no rule takes the rest; one that stands too early is told of where it stands."""
    rules = [checker.document.at(path) for path in paths]
    if isinstance(rules[-1], dict) and not any("otherwise" in rule for rule in rules if isinstance(rule, dict)):
        expected = "expected a rule behind it that takes the rest, such as {type: transactional, otherwise: true}"
        checker.add(paths[-1], found="found a last rule with a condition", expected=expected)


def _read_rule(checker: Checker, *, path: Path, words: Vocabulary) -> RelationshipRule | None:
    keys = checker.check(RuleKeys, checker.document.at(path), at=path, context=words)
    if keys is None:
        return None
    why = "a relationship rule reads the account only"
    allowed = frozenset({RecordKind.ACCOUNT})
    check_scope(keys.when, checker=checker, path=(*path, "when"), kinds=allowed, why=why)
    return RelationshipRule(type=keys.type, when=keys.when)
