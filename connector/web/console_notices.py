"""The console's short pages: what cannot be shown, and what to do instead."""

from connector.web.notices import Notice

NO_ACCOUNT = Notice(
    status=404,
    title="There is no such account",
    paragraphs=("Its record may have gone from the CRM, or the link is of another database.",),
)

FAILURES = {
    404: Notice(status=404, title="There is no page here", paragraphs=("The address leads nowhere.",)),
    405: Notice(
        status=405,
        title="The console only shows",
        paragraphs=("Nothing can be changed here. Commands and settings do that: see `closedloop --help`.",),
    ),
    500: Notice(
        status=500,
        title="Something went wrong on our side",
        paragraphs=("This page could not be made. Nothing was changed; the process's log has the reason.",),
    ),
    503: Notice(
        status=503,
        title="The database cannot be read at the moment",
        paragraphs=("Please reload this page in a minute. `closedloop status` tells the reason.",),
    ),
}
