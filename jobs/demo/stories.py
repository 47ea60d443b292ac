"""The accounts of the demo that have a story: what has happened in each so far, and what the loop has made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from rich.console import Console
from rich.table import Table

from jobs.demo.sandbox import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One such account: its record in the CRM that gets our writes, as the CRM's own page shows it.

    `so_far` is what is true of its story by now, empty before it has begun, `is_whole` whether that is all of it.
    """

    account: str
    so_far: str
    is_whole: bool
    crm: str
    crm_id: str
    record_url: str
    score: str
    voices: str
    open_actions: str


def stories_of(sandbox: Sandbox) -> tuple[Story, ...]:
    """The stories in the order in which they are told, the one to look at first at the beginning."""
    return tuple(_story(told, told["records"][0], sandbox.control_url) for told in sandbox.get("stories"))


def _story(told: Mapping[str, Any], record: Mapping[str, str], control_url: str) -> Story:
    return Story(
        account=told["account"],
        so_far=told["so_far"],
        is_whole=told["is_whole"],
        crm=record["crm"],
        crm_id=record["id"],
        record_url=urljoin(control_url, record["page"]),
        score=record["score"],
        voices=record["voices"],
        open_actions=record["open_actions"],
    )


def to_look_at(stories: tuple[Story, ...]) -> Story | None:
    """The first story in which somebody has answered, or the first one where nobody has yet."""
    return next((story for story in stories if story.score), next(iter(stories), None))


def show_stories(console: Console, stories: tuple[Story, ...]) -> None:
    """What became of every story, in words and figures."""
    table = Table(title="Five accounts with a story, invented like all the others", title_justify="left")
    table.add_column("Account", no_wrap=True)
    table.add_column("What it is about")
    for heading in ("Score", "Voices", "Open"):
        table.add_column(heading, justify="right")
    for story in stories:
        told = story.so_far or "Not begun yet."
        table.add_row(story.account, told, story.score or "-", story.voices or "0", story.open_actions or "0")
    console.print(table)
    if to_come := [story.account for story in stories if not story.is_whole]:
        console.print(f"With more months there is more to tell of {_and(to_come)}.", highlight=False)


def _and(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Where our own pages of an account and of the next weeks are."""

    account_url: str
    plan_url: str


def show_where_to_look(console: Console, story: Story, views: Views | None, *, is_open: bool) -> None:
    """The sentences that say what to look at; with addresses while the pages are open."""
    said = [(f"See {story.account} as its rep does in the CRM: score, open actions, tasks.", story.record_url)]
    if views is not None:
        first = (
            "Read what {} says, level by level, in the console."
            if story.score
            else "Nobody at {} answered yet: see why."
        )
        said.insert(0, (first.format(story.account), views.account_url))
        said.append(("Look at the next weeks: who is asked, who is not, and why.", views.plan_url))
    console.print("\n[bold]What to look at[/]" if is_open else "\n[bold]With --serve these stay open[/]")
    for sentence, url in said:
        console.print(f"- {sentence}", highlight=False)
        if is_open:
            console.print(f"  {url}", highlight=False, soft_wrap=True)
