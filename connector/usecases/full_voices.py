"""Voices in full: each answer beside the question that was asked then, and the scale of the score."""

from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.programs import Policy
from connector.domain.surveys import Answer, AskKind, Question, Survey
from connector.ports.storage.unit import UnitOfWork
from connector.ports.storage.viewing_account import VoiceView


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The ends of a scale."""

    low: int
    high: int

    def share(self, value: float) -> float:
        """How far up the scale a value is, from 0 to 1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer beside its question, None where the question is not kept; either a number or words."""

    question: Question | None
    number: int | None
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FullVoice:
    """One response; `said` is everything but the score, `scale` None where its survey is not kept."""

    voice: VoiceView
    program: str
    scale: Scale | None
    said: Sequence[Said]

    @property
    def comments(self) -> Sequence[str]:
        """What was said in own words."""
        return [each.words for each in self.said if each.words and each.question and each.question.kind == "comment"]


def full_voices(unit: UnitOfWork, voices: Sequence[VoiceView], *, policy: Policy) -> list[FullVoice]:
    """The same voices with their questions; versions of surveys are few, however many voices there are."""
    surveys = {version: unit.responses.survey(version) for version in {each.survey_version for each in voices}}
    names = {program.id: program.name for program in policy.programs}
    us = policy.organisation.name
    return [
        _full(each, surveys[each.survey_version], program=names.get(each.program, each.program), us=us)
        for each in voices
    ]


def scale_of(survey: Survey) -> Scale:
    """The scale of a survey's score."""
    return Scale(low=survey.score_question.low, high=survey.score_question.high)


def relationship_scale(policy: Policy) -> Scale | None:
    """The scale of accounts' scores, which is that of every relationship survey; None where there is none."""
    surveys = (program.survey for program in policy.programs if program.kind is AskKind.RELATIONSHIP)
    return next(map(scale_of, surveys), None)


def _full(voice: VoiceView, survey: Survey | None, *, program: str, us: str) -> FullVoice:
    if survey is None:
        said = [_said(answer, None) for answer in voice.answers]
        return FullVoice(voice=voice, program=program, scale=None, said=said)
    questions = {question.id: question for question in survey.worded(us=us).questions}
    return FullVoice(
        voice=voice,
        program=program,
        scale=scale_of(survey),
        said=[_said(each, questions.get(each.question)) for each in voice.answers if each.question != survey.score],
    )


def _said(answer: Answer, question: Question | None) -> Said:
    words = answer.text if answer.text is not None else ", ".join(answer.choices) or None
    return Said(question=question, number=answer.number, words=words)
