"""Renders the public pages from templates that escape everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from connector.domain.programs import Organisation
from connector.domain.surveys import COMMENT_LIMIT, AnswerProblem, Question, QuestionKind, Survey
from connector.web.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages of one organisation; `base` is the path before ours in the public address, with no slash at its end."""

    organisation: Organisation
    base: str

    def notice(self, notice: Notice) -> HTMLResponse:
        """A short page."""
        return self._render("notice.html", status=notice.status, notice=notice)

    def unsubscribe(self, token: str) -> HTMLResponse:
        """The page whose button unsubscribes."""
        return self._render("unsubscribe.html", status=200, action=f"{self.base}/u/{token}")

    def survey(
        self, survey: Survey, *, token: str, values: Mapping[str, Sequence[str]], problems: Sequence[AnswerProblem]
    ) -> HTMLResponse:
        """The form with the given values filled in; problems stand at the top and beside their fields (422)."""
        texts = {question.id: question.text for question in survey.questions}
        return self._render(
            "survey.html",
            status=422 if problems else 200,
            survey=survey,
            action=f"{self.base}/a/{token}",
            values=values,
            problems=problems,
            texts=texts,
            errors={problem.question: problem.message for problem in problems if problem.question in texts},
            comment_limit=COMMENT_LIMIT,
        )

    def _render(self, template: str, *, status: int, **words: Any) -> HTMLResponse:
        text = _templates().get_template(template).render(organisation=self.organisation.name, base=self.base, **words)
        return HTMLResponse(text, status_code=status)


def must_be_answered(question: Question) -> bool:
    """Whether a form without an answer to this question is sent back."""
    return not question.optional and question.kind in (QuestionKind.SCALE, QuestionKind.CHOICE)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("connector.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["required"] = must_be_answered
    return environment
