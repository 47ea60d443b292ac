"""What `closedloop plan` says where there is nothing to show: which command comes first, or where to look instead."""

from datetime import timedelta

from tests.e2e.living import House, present

NOT_YET = "sf is not planned yet: `closedloop run sync` comes first."
NOTHING = "Nothing is due today. `closedloop check` shows the next 30 days."


def test_a_plan_says_what_it_needs_and_a_sync_brings_all_of_it(house: House) -> None:
    for program in (house.folder / "programs").iterdir():
        later = (present() + timedelta(days=40)).date().isoformat()
        house.edit(f"programs/{program.name}", "starts_on: 2020-01-01", f"starts_on: {later}")
    assert house.json("plan")["needs"] == {"sf": "sync"}
    assert house.run("plan").stdout.splitlines()[2:] == [NOT_YET]
    done = house.json("run", "sync")
    assert list(done) == ["sync", "derive"]
    assert (done["derive"]["facts"] > 0, done["derive"]["waiting"]) == (True, 0)
    assert house.json("plan")["needs"] == {}
    assert house.run("plan").stdout.splitlines()[2:] == [NOTHING]


def test_a_sync_that_fails_says_nothing_of_what_would_have_come_after_it(house: House) -> None:
    house.sandbox.fault("fail_next", status=503, count=100)
    told = house.run("run", "sync", code=3)
    assert "derive" not in told.stdout + told.stderr
    assert house.json("plan")["needs"] == {"sf": "sync"}
