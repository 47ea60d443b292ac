"""What the errors page and the overview tell of a job that a dead line stopped: it is tried again by itself."""

from datetime import UTC, timedelta

import pytest

from connector.ports.errors import CrmUnavailable
from connector.storage.engine import SqlStorage
from connector.testing.fakes import FakeClock
from connector.usecases.find_troubles import find_troubles
from connector.usecases.overview import overview
from jobs.firing import fire_due
from jobs.stages import jobs_of, loop_of
from tests.integration.web.console_house import NOW, console_of
from tests.ports import dead, make_ports
from tests.worlds import World


def test_an_outage_is_told_as_put_off_with_the_next_try_and_needs_no_look(storage: SqlStorage) -> None:
    clock = FakeClock(NOW)
    ports = make_ports(storage, dead(World(storage).crm), clock=clock, real_clock=clock)
    (job,) = jobs_of(ports, stage="sync")
    with pytest.raises(CrmUnavailable):
        fire_due(job, ports)
    (told,) = find_troubles(storage=storage, clock=clock, real_clock=clock)
    again = NOW.astimezone(UTC) + timedelta(minutes=1)
    assert (told.title, told.needs_look, told.again_at) == ("The job sync:sf was put off", False, again)
    loop = loop_of(ports, is_served=False)
    shown = overview(storage=storage, policy=ports.policy, crms=ports.crms, loop=loop, clock=clock, real_clock=clock)
    assert [(each.job, each.outcome, each.waits_until) for each in shown.jobs] == [("sync:sf", "postponed", again)]
    assert shown.troubles == 0
    with console_of(storage) as client:
        errors, first = (" ".join(client.get(url).text.split()) for url in ("/errors", "/"))
    assert '<span class="tag">needs nothing</span>' in errors
    assert f'The next try is <time datetime="{again.isoformat()}">' in errors
    assert "does not mend itself" not in errors
    assert "Nothing needs a look." in first
