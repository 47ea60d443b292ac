"""JSON in SQL, spelled for both databases: members, merging, and columns as JSON values."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from connector.storage.tables.columns import JSON_TYPE

_PAIRS = 30
"""Pairs in one call of json_set: SQLite takes 127 arguments at most by default."""


def member(document: ColumnElement[Any], word: str) -> ColumnElement[Any]:
    """The member as JSON; SQL null where the document lacks it, JSON null where it holds null."""
    return document.op("->", return_type=Text())(literal(word, String))


class as_json(FunctionElement[Any]):  # noqa: N801  (an SQL function by its name)
    """A typed column's value as JSON; SQL null stays SQL null."""

    type = JSON_TYPE
    inherit_cache = True


class without_null(FunctionElement[Any]):  # noqa: N801  (an SQL function by its name)
    """A JSON value with JSON null turned into SQL null."""

    type = JSON_TYPE
    inherit_cache = True


class merged(FunctionElement[Any]):  # noqa: N801  (an SQL function by its name)
    """`merged(old, new, word...)`: the old document with these members of the new one, nulls kept."""

    type = JSON_TYPE
    inherit_cache = True


class only_member(FunctionElement[Any]):  # noqa: N801  (an SQL function by its name)
    """`only_member(word, value)`: the document that holds nothing else; an SQL null becomes a JSON null."""

    type = JSON_TYPE
    inherit_cache = True


@compiles(as_json, "postgresql")
def _as_jsonb(element: as_json, compiler: SQLCompiler, **kw: Any) -> str:
    return f"to_jsonb({compiler.process(element.clauses, **kw)})"


@compiles(as_json, "sqlite")
def _as_json_text(element: as_json, compiler: SQLCompiler, **kw: Any) -> str:
    (value,) = element.clauses
    text = compiler.process(value, **kw)
    if isinstance(value.type, Boolean):
        return f"CASE {text} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    return f"nullif(json_quote({text}), 'null')"


@compiles(without_null, "postgresql")
def _jsonb_without_null(element: without_null, compiler: SQLCompiler, **kw: Any) -> str:
    return f"nullif({compiler.process(element.clauses, **kw)}, 'null'::jsonb)"


@compiles(without_null, "sqlite")
def _text_without_null(element: without_null, compiler: SQLCompiler, **kw: Any) -> str:
    return f"nullif({compiler.process(element.clauses, **kw)}, 'null')"


@compiles(merged, "postgresql")
def _merged_jsonb(element: merged, compiler: SQLCompiler, **kw: Any) -> str:
    old, new, *_ = (compiler.process(part, **kw) for part in element.clauses)
    return f"({old} || {new})"


@compiles(merged, "sqlite")
def _merged_text(element: merged, compiler: SQLCompiler, **kw: Any) -> str:
    # json_patch would drop members that are null, and a null that was seen is not the same as never seen.
    text, new, *words = (compiler.process(part, **kw) for part in element.clauses)
    for start in range(0, len(words), _PAIRS):
        pairs = ", ".join(
            f"""'$."' || {word} || '"', json({new} -> {word})""" for word in words[start : start + _PAIRS]
        )
        text = f"json_set({text}, {pairs})"
    return text


@compiles(only_member, "postgresql")
def _built_jsonb(element: only_member, compiler: SQLCompiler, **kw: Any) -> str:
    word, value = (compiler.process(part, **kw) for part in element.clauses)
    return f"jsonb_build_object(CAST({word} AS TEXT), {value})"


@compiles(only_member, "sqlite")
def _built_text(element: only_member, compiler: SQLCompiler, **kw: Any) -> str:
    word, value = (compiler.process(part, **kw) for part in element.clauses)
    return f"json_object({word}, {value})"
