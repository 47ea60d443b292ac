"""Checks data against a pydantic model and turns pydantic's errors into mistakes with a place and two sentences."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from connector.conditions.problems import ConditionProblem
from connector.settings.documents import Document, Path
from connector.settings.mistakes import Mistakes
from connector.settings.references import Resolved
from connector.settings.schema import keys_at

M = TypeVar("M", bound=BaseModel)

_CUSTOM, _CONDITION = "closedloop", "closedloop_condition"
_EXPECTED = {
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping",
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
    "too_short": "expected at least {min_length}",
    "too_long": "expected at most {max_length}",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "string_pattern_mismatch": "expected text that matches {pattern}",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
    "union_tag_invalid": "expected one of {expected_tags}",
    "union_tag_not_found": "expected the key {discriminator}",
}
"""Our words for pydantic's types of errors; the words in braces are pydantic's own context."""


def wrong(expected: str) -> PydanticCustomError:
    """The error for a validator to raise: a sentence that starts with `expected` or `did you mean`."""
    return PydanticCustomError(_CUSTOM, "{expected}", {"expected": expected})


def wrong_condition(problems: Sequence[ConditionProblem]) -> PydanticCustomError:
    """The error of a condition's text, which becomes one mistake for each problem."""
    return PydanticCustomError(_CONDITION, "expected another condition", {"problems": list(problems)})


class Checker:
    """Checks parts of one document; whatever was already reported there is not reported again."""

    def __init__(self, document: Document, *, mistakes: Mistakes, resolved: Resolved | None = None) -> None:
        self.document, self._mistakes = document, mistakes
        self._resolved = resolved or Resolved(document.data)

    def add(self, path: Path, *, found: str, expected: str) -> None:
        """A mistake about the value at a path, or about what it should hold."""
        self._mistakes.add(self.document, path, found=found, expected=expected)

    def add_key(self, path: Path, *, found: str, expected: str) -> None:
        """A mistake about the key itself."""
        self._mistakes.add_key(self.document, path, found=found, expected=expected)

    def add_in_text(self, path: Path, *, offset: int, found: str, expected: str) -> None:
        """A mistake about a part of the text at a path."""
        place = self.document.text_place(path, offset)
        self._mistakes.add_at(self.document.file, place, found=found, expected=expected)

    def check(
        self, model: type[M], data: Any, *, at: Path = (), context: object = None, also: Sequence[str] = ()
    ) -> M | None:
        """The model of data that stands at a path, or None with mistakes; `also` are keys that others read there."""
        try:
            checked = model.model_validate(data, context=context)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self._report(detail, model=model, at=at, also=also)
            return None
        return None if any(path[: len(at)] == at for path in self._resolved.broken) else checked

    def _report(self, detail: ErrorDetails, *, model: type[BaseModel], at: Path, also: Sequence[str]) -> None:
        is_missing = detail["type"] == "missing"
        path = self._walk(at, detail["loc"], is_missing=is_missing)
        if path in self._resolved.broken and not is_missing:
            return
        match detail["type"]:
            case "missing":
                self.add(path, found=f"found no key `{detail['loc'][-1]}`", expected="expected it here")
            case "extra_forbidden":
                self._report_unknown(
                    path, keys=[*keys_at(model, path[len(at) : -1]), *(also if path[:-1] == at else ())]
                )
            case "union_tag_invalid":
                tag = (*path, detail["ctx"]["discriminator"].strip("'"))
                self.add(tag, found=f"found {self._shown(tag)}", expected=self._expected(detail))
            case "closedloop_condition":
                self._report_condition(path, problems=detail["ctx"]["problems"])
            case _:
                self.add(path, found=f"found {self._shown(path)}", expected=self._expected(detail))

    def _walk(self, at: Path, loc: tuple[int | str, ...], *, is_missing: bool) -> Path:
        """The path in the file of pydantic's place, which also holds tags of alternatives and a key that is missing.

        A tag may be spelled like a key, so all readings are compared: the best ends where pydantic does.
        """
        readings = [at]
        for step in loc[:-1] if is_missing else loc:
            readings += [(*path, step) for path in readings if self.document.has((*path, step))]
        if is_missing:
            return max((path for path in readings if isinstance(self.document.at(path), dict)), key=len, default=at)
        return max(readings, key=lambda path: (path[-1:] == loc[-1:], len(path)))

    def _report_unknown(self, path: Path, *, keys: Sequence[str]) -> None:
        key = str(path[-1])
        near = get_close_matches(key, keys, n=1)
        expected = f"did you mean `{near[0]}`?" if near else f"expected one of {', '.join(keys)}"
        self.add_key(path, found=f"found the unknown key `{key}`", expected=expected)

    def _report_condition(self, path: Path, *, problems: Sequence[ConditionProblem]) -> None:
        for problem in problems:
            self.add_in_text(path, offset=problem.offset, found=problem.found, expected=problem.expected)

    def _shown(self, path: Path) -> str:
        """The value as it stands in the file: a reference stays one, and what may be a secret is not shown at all."""
        value = self.document.at(path)
        if isinstance(value, dict | list):
            return f"{'a' if value else 'an empty'} {'mapping' if isinstance(value, dict) else 'list'}"
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return str(value).lower()
        text = f"'{value}'" if isinstance(value, str) else str(value)
        if self._resolved.may_hold_secret(path) and not text.startswith("'${"):
            return "a literal value"
        return text if len(text) <= 60 else f"{text[:57]}...'"

    def _expected(self, detail: ErrorDetails) -> str:
        context = detail.get("ctx", {})
        if detail["type"] == _CUSTOM:
            sentence = str(context["expected"])
        elif detail["type"] in _EXPECTED:
            sentence = _EXPECTED[detail["type"]].format(**context).replace("True", "true")
        else:
            sentence = detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
        for secret in self._resolved.secrets:
            sentence = sentence.replace(secret, "***")
        return sentence
