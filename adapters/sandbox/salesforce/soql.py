"""Reads the part of SOQL that the sandbox knows into a tree; knows no object and no field."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from adapters.sandbox.salesforce.errors import Refusal
from adapters.sandbox.salesforce.soql_words import Word, malformed, words

_SIGNS = ("=", "!=", "<", "<=", ">", ">=")
_LITERALS = ("string", "datetime", "date", "number")
LONGEST = 100_000  # characters of a query


@dataclass(frozen=True, slots=True)
class Path:
    """A field as written, with the relationships before it, and its place in the text."""

    parts: tuple[str, ...]
    _: KW_ONLY
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    """A field against one value, or against a list for `in` and `not in`."""

    path: Path
    _: KW_ONLY
    sign: str
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions joined by one word, `and` or `or`."""

    word: str
    _: KW_ONLY
    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """The opposite of a condition."""

    item: Condition


Condition = Compare | Both | Negated


@dataclass(frozen=True, slots=True)
class Order:
    """One key of the order; nulls is `first` or `last`."""

    path: Path
    _: KW_ONLY
    descending: bool
    nulls: str


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; counted is None, `()` for count() or the path inside count(path)."""

    fields: tuple[Path, ...]
    _: KW_ONLY
    counted: Path | None
    object: Word
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int


def parse(soql: str) -> Query:
    """The tree of a query; raises Refusal with code MALFORMED_QUERY and the place."""
    if len(soql) > LONGEST:
        raise Refusal(400, "QUERY_TOO_COMPLICATED", "query is too long")  # unverified: code and text
    return _Reader(soql).query()


class _Reader:
    def __init__(self, soql: str) -> None:
        self.soql, self.words, self.place = soql, words(soql), 0

    @property
    def next(self) -> Word:
        return self.words[self.place]

    def wrong(self, word: Word) -> Refusal:
        return malformed(self.soql, word.at, f"unexpected token: '{word.text}'")

    def take(self) -> Word:
        word = self.next
        self.place += word.kind != "end"
        return word

    def met(self, *expected: str) -> bool:
        """Take these words if they come next."""
        coming = self.words[self.place : self.place + len(expected)]
        if tuple(word.lower for word in coming) != expected:
            return False
        self.place += len(expected)
        return True

    def need(self, *expected: str) -> None:
        for one in expected:
            if not self.met(one):
                raise self.wrong(self.next)

    def path(self) -> Path:
        word = self.take()
        if word.kind != "name":
            raise self.wrong(word)
        return Path(tuple(word.text.split(".")), at=word.at)

    def query(self) -> Query:
        self.need("select")
        counted = self.counted()
        fields = () if counted else self.paths()
        self.need("from")
        obj = self.take()
        if obj.kind != "name":
            raise self.wrong(obj)
        where = self.condition() if self.met("where") else None
        order = self.order() if self.met("order", "by") else ()
        limit = self.whole() if self.met("limit") else None
        offset = self.whole() if self.met("offset") else 0
        if self.next.kind != "end":
            raise self.wrong(self.next)
        if offset > 2000:
            raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        return Query(fields, counted=counted, object=obj, where=where, order=order, limit=limit, offset=offset)

    def counted(self) -> Path | None:
        at = self.next.at
        if not self.met("count", "("):
            return None
        path = Path((), at=at) if self.next.lower == ")" else self.path()
        self.need(")")
        return path

    def paths(self) -> tuple[Path, ...]:
        found = [self.path()]
        while self.met(","):
            found.append(self.path())
        return tuple(found)

    def whole(self) -> int:
        word = self.take()
        if word.kind != "number" or not word.text.isdigit():
            raise self.wrong(word)
        return int(word.text)

    def order(self) -> tuple[Order, ...]:
        found = [self.order_key()]
        while self.met(","):
            found.append(self.order_key())
        return tuple(found)

    def order_key(self) -> Order:
        path = self.path()
        descending = self.met("desc")
        if not descending:
            self.met("asc")
        nulls = "first"
        if self.met("nulls"):
            nulls = "last" if self.met("last") else "first"
            if nulls == "first":
                self.need("first")
        return Order(path, descending=descending, nulls=nulls)

    def condition(self) -> Condition:
        """Conditions joined by one word; a second kind of word needs brackets, as in the org."""
        items = [self.term()]
        word = self.next.lower
        while word in ("and", "or") and self.met(word):
            items.append(self.term())
        if self.next.lower in ("and", "or"):
            raise self.wrong(self.next)
        return items[0] if len(items) == 1 else Both(word, items=tuple(items))

    def term(self) -> Condition:
        if self.met("not"):
            return Negated(self.term())
        if self.met("("):
            inner = self.condition()
            self.need(")")
            return inner
        return self.compare()

    def compare(self) -> Compare:
        path = self.path()
        if self.met("in"):
            return Compare(path, sign="in", values=self.values())
        if self.met("not", "in"):
            return Compare(path, sign="not in", values=self.values())
        if self.met("like"):
            return Compare(path, sign="like", values=(self.value(),))
        sign = self.take()
        if sign.text not in _SIGNS:
            raise self.wrong(sign)
        return Compare(path, sign=sign.text, values=(self.value(),))

    def values(self) -> tuple[Word, ...]:
        self.need("(")
        found = [self.value()]
        while self.met(","):
            found.append(self.value())
        self.need(")")
        return tuple(found)

    def value(self) -> Word:
        word = self.take()
        if word.kind in _LITERALS or word.lower in ("null", "true", "false"):
            return word
        raise self.wrong(word)
