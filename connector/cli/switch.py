"""`closedloop stop` and `closedloop resume`: halt mail and writes within seconds, wherever they run."""

from typing import Annotated

import typer

from connector.cli.opening import HERE, AsJson, Folder, opened, print_json

Reason = Annotated[str | None, typer.Option(help="Why, for `status`.")]


def stop(reason: Reason = None, config: Folder = HERE, as_json: AsJson = False) -> None:
    """Halt mail and writes; sync, plan and the survey page go on."""
    with opened(config) as ports, ports.storage.begin() as unit:
        unit.switches.stop(at=ports.clock.now(), reason=reason)
        stopped_at = unit.switches.stopped_at()
        unit.commit()
    _tell("Stopped: no mail leaves and nothing is written until `closedloop resume`.", stopped_at, as_json)


def resume(config: Folder = HERE, as_json: AsJson = False) -> None:
    """Let mail and writes go on."""
    with opened(config) as ports, ports.storage.begin() as unit:
        had_stopped = unit.switches.resume()
        unit.commit()
    _tell("Resumed." if had_stopped else "Nothing was stopped.", None, as_json)


def _tell(sentence: str, stopped_at: object, as_json: bool) -> None:
    if as_json:
        print_json({"stopped_at": stopped_at})
    else:
        typer.echo(sentence)
