"""Questions on a terminal: each has an option of its own, and an answer that cannot be is asked for again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks, or with `is_silent` takes each default, and fails where there is none.

    With `on_stderr` questions stand on standard error, so that standard output holds one document and nothing else.
    """

    is_silent: bool
    on_stderr: bool = False

    def ask(self, option: str, question: str, *, given: str | None, default: str | None, read: Callable[[str], T]) -> T:
        """The answer: what was given as an option, else what is said at the prompt. Raises BadParameter."""
        if given is not None:
            return _read(read, given, option=option)
        if not self.is_silent:
            answer: T = typer.prompt(
                question,
                default=default,
                value_proc=lambda text: _read(read, text, option=option),
                err=self.on_stderr,
            )
            return answer
        if default is None:
            raise typer.BadParameter(f"with --yes this needs an answer: {question}", param_hint=option)
        return read(default)


def of_type(type_: Any) -> Callable[[str], str]:
    """A reader that takes what a key of the settings takes, and leaves the text as it was said."""
    adapter: TypeAdapter[Any] = TypeAdapter(type_)

    def read(text: str) -> str:
        try:
            adapter.validate_python(text.strip())
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            raise ValueError(str(detail.get("ctx", {}).get("expected", detail["msg"]))) from None
        return text.strip()

    return read


def some_of(known: list[str]) -> Callable[[str], list[str]]:
    """A reader of one or more of these words, with commas between them, in the order of the list."""

    def read(text: str) -> list[str]:
        said = [word.strip() for word in text.split(",") if word.strip()]
        unknown = [word for word in said if word not in known]
        if unknown or not said:
            raise ValueError(f"expected some of {', '.join(known)}")
        return list(dict.fromkeys(said))

    return read


def _read(read: Callable[[str], T], text: str, *, option: str) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise typer.BadParameter(f"found {text!r}; {error}", param_hint=option) from None
