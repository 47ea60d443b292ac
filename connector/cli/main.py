"""The `closedloop` command: gathers the groups of commands and turns failures into exit codes."""

import sys

import typer

from connector.cli import demo, init, plan, sandbox, schema, serve, stages, switch
from connector.cli.failures import exit_code, explained
from connector.cli.interrupts import keep_interrupts
from connector.ports.errors import ConnectorError

app = typer.Typer(
    help="A feedback loop inside the CRM: who is asked when, what they said, and what reps see.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("init")(init.init)
app.command("plan")(plan.plan)
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
        print(explained(error), file=sys.stderr)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)
