"""The console's short pages: what cannot be shown, and what to do instead."""

from connector.web.notices import by_status, notice

NO_ACCOUNT = notice(
    404, "There is no such account", "Its record may have gone from the CRM, or the link is of another database."
)

FAILURES = by_status(
    notice(404, "There is no page here", "The address leads nowhere."),
    notice(
        405,
        "The console only shows",
        "Nothing can be changed here. Commands and settings do that: see `closedloop --help`.",
    ),
    notice(
        500,
        "Something went wrong on our side",
        "This page could not be made. Nothing was changed; the process's log has the reason.",
    ),
    notice(
        503,
        "The database cannot be read at the moment",
        "Please reload this page in a minute. `closedloop status` tells the reason.",
    ),
)
