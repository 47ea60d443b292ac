"""What `check` finds in the settings and the CRMs, where no database is there to count in."""

from dataclasses import replace

from connector.domain.findings import Severity, Spot
from connector.domain.programs import RelationshipRule
from connector.ports.crm import Problem
from connector.ports.errors import CrmUnavailable, CrmWrongOrg
from tests.builders import condition, make_policy, make_program, won
from tests.checked import RULES, Seen, checked, crm, told


def test_a_crm_that_is_as_it_should_be_has_nothing_to_tell() -> None:
    result = checked(
        crm(seen=Seen(values={"Account.Type": ("Partner", "Customer")})), policy=make_policy(relationships=RULES)
    )
    assert (told(result), result.counted) == ([], None)
    assert [(each.organisation, each.failure) for each in result.connections] == [("00D1", None)]
    assert result.uncounted == "there is no database yet"


def test_one_crm_that_fails_does_not_keep_the_others_from_being_looked_at() -> None:
    line = CrmUnavailable("sf: the line is dead", crm="sf")
    result = checked(crm(error=line), crm("hub", seen=Seen(problems=[Problem(where="hub.api", message="too old")])))
    assert [each.failure for each in result.connections] == [line, None]
    assert told(result) == [("error", "hub: too old", ("crms", "hub"), None)]


def test_another_organisation_than_the_pinned_one_stands_where_it_is_pinned() -> None:
    result = checked(crm(error=CrmWrongOrg("sf opens 00D9, but org_id pins 00D1", crm="sf")))
    assert told(result) == [("error", "sf opens 00D9, but org_id pins 00D1", ("crms", "sf", "org_id"), None)]


def test_a_problem_stands_at_the_part_of_the_settings_that_asks_for_what_is_not_there() -> None:
    problems = [
        Problem(where="sf.account.kind", message="Account.Type (account.kind) is missing", is_error=False),
        Problem(where="sf.contact.answered_on", message="Contact.Answered__c is missing"),
        Problem(where="sf.contact.hold_until", message="reps cannot set a hold", is_error=False),
    ]
    seen = Seen(problems=problems, values={"Account.Types": (), "Account.Industry": ()})
    near = "sf: Account.Type (account.kind) is missing. Did you mean Account.Types?"
    assert told(checked(crm(seen=seen))) == [
        ("error", near, ("crms", "sf", "facts", "account.kind", "field"), None),
        ("error", "sf: Contact.Answered__c is missing", ("write_back", "contact", 1), None),
        ("warning", "sf: reps cannot set a hold", ("crms", "sf"), None),
    ]


def test_a_value_that_no_crm_has_stands_where_it_is_written_with_what_there_is() -> None:
    rules = (RelationshipRule(type="partner", when=condition("account.kind in ('Customer', 'Partners')")), RULES[1])
    hub = crm(
        "hub", seen=Seen(values={"Account.Type": ("PARTNER", "OTHER")}), values={"account.kind": {"PARTNER": "Partner"}}
    )
    result = checked(
        crm(seen=Seen(values={"Account.Type": ("Customer", "Partner")})), hub, policy=make_policy(relationships=rules)
    )
    path = ("relationships", 0, "when")
    assert told(result) == [
        (
            "warning",
            "'Customer' is not a value of Account.Type in hub (Partner, OTHER)",
            path,
            17,
        ),
        (
            "error",
            "'Partners' is not a value of Account.Type in sf (Customer, Partner); nor of Account.Type in hub "
            "(Partner, OTHER). Did you mean 'Partner'?",
            path,
            29,
        ),
    ]


def test_while_one_crm_cannot_be_looked_at_a_value_is_only_warned_of() -> None:
    sf = crm(seen=Seen(values={"Account.Type": ("Customer", "Partners")}))
    result = checked(sf, crm("hub", error=CrmUnavailable("dead")), policy=make_policy(relationships=RULES))
    message = (
        "'Partner' is not a value of Account.Type in sf (Customer, Partners); hub could not be looked at. "
        "Did you mean 'Partners'?"
    )
    assert told(result) == [("warning", message, ("relationships", 0, "when"), 15)]
    assert result.failed == 1


def test_a_field_that_takes_any_text_makes_no_value_wrong() -> None:
    policy = make_policy(relationships=RULES)
    assert told(checked(crm(seen=Seen(values={"Account.Type": ()})), policy=policy)) == []


def test_a_value_that_only_an_open_list_lacks_is_a_warning() -> None:
    seen = Seen(values={"Account.Type": ("Customer", "Partners")}, is_closed=False)
    message = (
        "'Partner' is not a value of Account.Type in sf (Customer, Partners); but Account.Type may hold other texts. "
        "Did you mean 'Partners'?"
    )
    assert told(checked(crm(seen=seen), policy=make_policy(relationships=RULES))) == [
        ("warning", message, ("relationships", 0, "when"), 15)
    ]


def test_a_field_of_several_values_at_once_is_compared_as_one_text_and_said_to_be() -> None:
    seen = Seen(values={"Account.Type": ("Partner", "Shop")}, is_multiple=True)
    rules = (RelationshipRule(type="partner", when=condition("account.kind in ('Partner;Shop', 'Shop;X')")), RULES[1])
    message = (
        "Account.Type in sf holds all its values as one text with `;` between them: "
        "this compares the whole text, and is so where exactly 'Partner;Shop' is chosen"
    )
    path = ("relationships", 0, "when")
    assert told(checked(crm(seen=seen), policy=make_policy(relationships=rules))) == [
        ("warning", message, path, 17),
        ("error", "'Shop;X' is not a value of Account.Type in sf (Partner, Shop). Did you mean 'Shop'?", path, 33),
    ]


def test_the_value_that_a_milestone_waits_for_is_looked_up_too() -> None:
    policy = make_policy(programs=[make_program(milestones=(won(),))])
    result = checked(crm(seen=Seen(values={"Opportunity.Stage": ("Open", "Won")})), policy=policy)
    message = "'Closed Won' is not a value of Opportunity.Stage in sf (Open, Won)"
    assert [each[1:3] for each in told(result)] == [(message, ("milestones", 0, "when", "to"))]
    assert result.findings[0].spot == Spot(path=("milestones", 0, "when", "to"), program="ongoing")


def test_a_translation_of_what_the_crm_does_not_have_is_a_warning_at_its_key() -> None:
    seen = Seen(values={"Account.Type": ("PARTNER",)})
    result = checked(crm(seen=seen, values={"account.kind": {"PARTNERS": "Partner"}}))
    message = "'PARTNERS' is not a value of Account.Type in sf (PARTNER). Did you mean 'PARTNER'?"
    path = ("crms", "sf", "facts", "account.kind", "values", "PARTNERS")
    assert [(each.severity, each.message, each.spot) for each in result.findings] == [
        (Severity.WARNING, message, Spot(path=path, is_key=True))
    ]


def test_a_fact_that_one_crm_lacks_shuts_its_accounts_out_or_is_only_not_looked_at() -> None:
    rules = (
        RelationshipRule(type="strategic", when=condition("account.tier = 'A'")),
        RelationshipRule(type="partner", when=condition("account.kind = 'Partner' or account.tier = 'P'")),
        RULES[1],
    )
    sf = crm()
    sf = replace(sf, sources={**sf.sources, "account.tier": "Account.Tier__c"})
    assert told(checked(sf, crm("hub"), policy=make_policy(relationships=rules))) == [
        (
            "error",
            "account.tier has no fact in crm hub: its accounts can never be strategic. Map it under crms.hub.facts",
            ("relationships", 0, "when"),
            0,
        ),
        (
            "warning",
            "account.tier has no fact in crm hub: its accounts are judged without it. Map it under crms.hub.facts",
            ("relationships", 1, "when"),
            28,
        ),
    ]


def test_people_and_milestones_of_a_crm_without_the_fact_are_warned_of() -> None:
    sources = {name: text for name, text in crm().sources.items() if name in ("account.kind", "opportunity.stage")}
    assert told(checked(crm(), crm("hub", sources=sources))) == [
        (
            "warning",
            "contact.level has no fact in crm hub: nobody who is known only there can be asked. "
            "Map it under crms.hub.facts",
            ("who",),
            0,
        ),
        (
            "warning",
            "account.renewal_on has no fact in crm hub: this never falls due there. Map it under crms.hub.facts",
            ("milestones", 0, "when", "before"),
            None,
        ),
    ]
