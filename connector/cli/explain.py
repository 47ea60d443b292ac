"""`closedloop explain`: one person, and why they were asked, or not."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.text import Text

from connector.cli.explained import document, found_document
from connector.cli.failures import FAILURE
from connector.cli.opening import HERE, AsJson, Folder, opened, print_json
from connector.cli.screen import LOUD, QUIET, line, screen
from connector.cli.show_person import show
from connector.ports.wiring import Crm
from connector.usecases.explain import Explanation, Several
from connector.usecases.explain import explain as explain_person

Person = Annotated[
    str, typer.Argument(help="A mail address, a name, or a contact's id: ID, or NAME/ID with a name under `crms:`.")
]


def explain(person: Person, config: Folder = HERE, as_json: AsJson = False) -> None:
    """Show who somebody is, and why they were or were not asked: every stored reason, with its record and day."""
    with opened(config) as ports:
        found = explain_person(
            person, storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock, texts=ports.texts
        )
        sources = levels(ports.crms)
    if isinstance(found, Explanation):
        print_json(document(found, sources)) if as_json else show(screen(), found, sources)
        return
    if as_json:
        print_json(found_document(found))
    else:
        _choose(found)
    raise typer.Exit(FAILURE)


def levels(crms: Sequence[Crm]) -> Mapping[str, str]:
    """By connection: from where the level of its contacts is read."""
    return {crm.name: crm.sources["contact.level"] for crm in crms if "contact.level" in crm.sources}


def _choose(found: Several) -> None:
    """Several persons fit: what to type for each."""
    console = screen()
    number = len(found.people)
    many = f"More than {number} people fit; say more of the name, or name one by its id" if found.has_more else ""
    console.print(Text(f"{many or f'{number} people fit. Name one by its id'}:", style=LOUD))
    for each in found.people:
        first = each.contacts[0]
        about = ", ".join(filter(None, (first.name, first.address, first.account_name)))
        console.print(line(f"  closedloop explain {first.key}", Text(f"  {about}", style=QUIET)))
