"""Questions on a terminal: numbered, each with an option of its own; an answer that cannot be is asked for again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


@dataclass(slots=True)
class Questions:
    """Asks `total` questions, or with `is_silent` takes each default, and fails where there is none.

    `said` is what was given and answered so far, each with its option. With `on_stderr` questions stand on standard
    error, so that standard output holds one document and nothing else.
    """

    is_silent: bool
    total: int = 0
    on_stderr: bool = False
    said: list[tuple[str, str]] = field(default_factory=list)
    _number: int = 0

    def ask(
        self,
        option: str,
        question: str,
        *,
        given: str | None,
        default: str | None,
        read: Callable[[str], T],
        hints: Sequence[str] = (),
    ) -> T:
        """The answer: what was given as an option, else what is said at the prompt, below its hints.

        Raises BadParameter.
        """
        if given is not None:
            self.said.append((option, given))
            return _read(read, given, option=option)
        if self.is_silent and default is None:
            raise typer.BadParameter(f"with --yes this needs an answer: {question}", param_hint=option)
        if self.is_silent:
            return _read(read, default or "", option=option)
        text, answer = self.numbered(question, default=default, read=read, hints=hints)
        self.said.append((option, text))
        return answer

    def numbered(
        self, question: str, *, default: str | None, read: Callable[[str], T], hints: Sequence[str] = ()
    ) -> tuple[str, T]:
        """The next question with its number, below a line for each hint: what is said, and what it is read as."""
        for hint in ("", *hints):
            typer.secho(hint, dim=True, err=self.on_stderr)
        self._number += 1
        return self.prompt(f"{self._number} of {self.total}  {question}", default=default, read=read)

    def prompt(self, question: str, *, default: str | None, read: Callable[[str], T]) -> tuple[str, T]:
        """What is said, and what it is read as. Nothing is an answer too, so that its reader says what is missing."""
        answer: tuple[str, T] = typer.prompt(
            question,
            default="" if default is None else default,
            show_default=bool(default),
            value_proc=lambda text: (text, _read(read, text)),
            err=self.on_stderr,
        )
        return answer


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


def yes_or_no(text: str) -> bool:
    """A reader of yes and no, also by their first letters."""
    said = text.strip().lower()
    if said not in ("y", "yes", "n", "no"):
        raise ValueError("expected yes or no")
    return said.startswith("y")


def _read(read: Callable[[str], T], text: str, *, option: str | None = None) -> T:
    try:
        return read(text)
    except ValueError as error:
        found = f"found {text!r}" if text.strip() else "nothing was said"
        raise typer.BadParameter(f"{found}; {error}", param_hint=option) from None
