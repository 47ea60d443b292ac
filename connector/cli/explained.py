"""An explanation as one JSON document: the words of the terminal, with every part of each reason beside them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from connector.domain.derivation import FIRST_OF
from connector.domain.programs import Organisation
from connector.domain.selection import Decision, Reason
from connector.domain.sentences import foretold, told
from connector.ports.storage.explaining import ContactSeen, VerdictSeen
from connector.usecases.explain import ExplainedAccount, ExplainedDecision, ExplainedResponse, Explanation, Several
from connector.usecases.full_voices import Said
from connector.usecases.undecided import Undecided

Levels = Mapping[str, str]
"""By connection: the field from which the level of its contacts is read."""


def document(explanation: Explanation, levels: Levels) -> dict[str, Any]:
    """Everything about one person."""
    return {
        "as_of": explanation.today,
        "contacts": [_contact(each, explanation, levels) for each in explanation.contacts],
        "accounts": [_account(each) for each in explanation.accounts],
        "decisions": [_decision(each, explanation.organisation) for each in explanation.decisions],
        "responses": [_response(each) for each in explanation.responses],
        "now": [_now(each, explanation.today) for each in explanation.now.decisions],
        "waits": dict(explanation.now.waits),
        "refused": list(explanation.now.refused),
        "undecided": [_undecided(each, explanation.today) for each in explanation.undecided],
    }


def found_document(found: Several) -> dict[str, Any]:
    """Several people whom a text fits, each with all their contacts; `has_more` where it fits more than these."""
    names = ("key", "name", "address", "account", "account_name")
    people = [[{name: getattr(each, name) for name in names} for each in one.contacts] for one in found.people]
    return {"people": people, "has_more": found.has_more}


def level_of(contact: ContactSeen, explanation: Explanation, levels: Levels) -> tuple[str, str]:
    """The level that counts for a contact, and where it comes from."""
    if contact.rep_level is not None:
        return contact.rep_level, f"a rep's word on {contact.key}"
    told_by, field = explanation.sources.get(contact.id, {}).get("contact.level"), levels.get(contact.crm)
    if told_by is not None:
        return contact.level or "unknown", told_by
    if field is None:
        return contact.level or "unknown", f"{contact.key}, where no field is read for it"
    if field.startswith(FIRST_OF):
        return contact.level or "unknown", f"{contact.key}, where none of its sources tells it"
    return contact.level or "unknown", f"{field} of {contact.key}"


def _contact(contact: ContactSeen, explanation: Explanation, levels: Levels) -> dict[str, Any]:
    level, source = level_of(contact, explanation, levels)
    names = "key name address title account account_name first_seen_at removed_at".split()
    return {name: getattr(contact, name) for name in names} | {
        "level": level,
        "level_from": source,
        "derived_from": explanation.sources.get(contact.id, {}),
    }


def _account(account: ExplainedAccount) -> dict[str, Any]:
    seen = account.seen
    return {
        "key": seen.key,
        "name": seen.name,
        "records": seen.records,
        "owner": seen.owner,
        "relationship": seen.relationship,
        "rule": account.rule,
        "leaves": [asdict(leaf) for leaf in account.leaves],
        "derived_from": account.sources,
    }


def _decision(decision: ExplainedDecision, organisation: Organisation) -> dict[str, Any]:
    seen = decision.seen
    names = """track program milestone anchor contact due_on expires_on occurrence_state occurrence_reason outcome
        invitation mail mail_at mail_attempts mail_error mail_next_at kept_back"""
    return {name: getattr(seen, name) for name in names.split()} | {
        "moment": decision.moment,
        "verdicts": [_verdict(each, organisation) for each in seen.verdicts],
        "leaves": [asdict(leaf) for leaf in decision.leaves],
    }


def _verdict(verdict: VerdictSeen, organisation: Organisation) -> dict[str, Any]:
    decided_on = organisation.day_of(verdict.decided_at)
    return {
        "verdict": verdict.verdict,
        "rule": verdict.rule,
        "until_on": verdict.until_on,
        "decided_at": verdict.decided_at,
        "reasons": [_reason(reason, decided_on) for reason in verdict.reasons],
    }


def _response(response: ExplainedResponse) -> dict[str, Any]:
    names = "program milestone kind score source answered_at acted_at"
    scale = response.scale
    return {name: getattr(response.seen, name) for name in names.split()} | {
        "scale": None if scale is None else [scale.low, scale.high],
        "said": [_said(each) for each in response.said],
        "actions": [asdict(each) for each in response.actions],
    }


def _said(said: Said) -> dict[str, Any]:
    question = said.question
    return {"question": None if question is None else question.text, "number": said.number, "words": said.words}


def _now(decision: Decision, today: date) -> dict[str, Any]:
    """What a plan of now would decide and is not stored."""
    occurrence = decision.candidate.occurrence
    return {
        "track": decision.track,
        "program": occurrence.program,
        "milestone": occurrence.milestone,
        "anchor": occurrence.anchor.key,
        "contact": decision.candidate.source,
        "due_on": occurrence.due_on,
        "expires_on": occurrence.expires_on,
        "verdict": decision.verdict,
        "rule": decision.rule,
        "until_on": decision.until_on,
        "sentence": foretold(decision),
        "reasons": [_reason(reason, today) for reason in decision.reasons],
    }


def _undecided(undecided: Undecided, today: date) -> dict[str, Any]:
    return {
        "program": undecided.program,
        "milestone": undecided.milestone,
        "reason": _reason(undecided.reason, today),
        "leaves": [asdict(leaf) for leaf in undecided.leaves],
    }


def _reason(reason: Reason, otherwise_on: date) -> dict[str, Any]:
    """A reason with its sentence; what was stored without a day, by an older version, has that of the verdict."""
    return asdict(reason) | {"on": reason.on or otherwise_on.isoformat(), "sentence": told(reason)}
