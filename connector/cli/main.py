"""The `closedloop` command: gathers the groups of commands and turns failures into exit codes."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from connector.cli import check, demo, explain, init, plan, sandbox, schema, serve, stages, switch
from connector.cli.failures import INTERRUPTED, exit_code, tell
from connector.cli.interrupts import keep_interrupts
from connector.cli.logs import log_to_stderr
from connector.ports.errors import ConnectorError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"closedloop {version('closedloop')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
]


@app.callback()
def before_every_command(version: Version = False) -> None:
    """A feedback loop inside the CRM: who is asked when, what they said, and what reps see."""
    log_to_stderr(least=logging.WARNING)


app.command("init")(init.init)
app.command("check")(check.check)
app.command("plan")(plan.plan)
app.command("explain")(explain.explain)
app.command("run")(stages.run)
app.command("status")(stages.status)
app.command("serve")(serve.serve)
app.command("stop")(switch.stop)
app.command("resume")(switch.resume)
app.command("schema")(schema.schema)
app.command("demo")(demo.demo)
app.command("sandbox", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(sandbox.sandbox)


def main() -> None:
    """Run the command line and exit: 0 ok, 1 failure, 2 configuration, 3 connection, 130 interrupted."""
    keep_interrupts()
    try:
        app()
    except ConnectorError as error:
        tell(error)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
