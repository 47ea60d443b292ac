"""What our words mean, in a line each, for somebody who meets them for the first time."""

FACTS = {
    "account.kind": "customer, partner or prospect",
    "account.tier": "how much the account matters: A, B, C",
    "account.revenue": "what the account brings in a year",
    "account.renewal_on": "the day on which its contract is renewed",
    "account.orders_24m": "how often the account bought in 24 months",
    "contact.level": "executive, manager or user",
    "contact.language": "the language that somebody reads",
    "opportunity.stage": "how far a deal is",
}
TYPES = {
    "partner": "works with you both ways; both sides are asked about the partnership",
    "strategic": "an account whose loss hurts; asked over levels, the same people each time",
    "ongoing": "an enduring relationship with a renewal; people are followed from the beginning on",
    "regular": "known, and returns; asked after a purchase or a case",
    "transactional": "all others: bought once, or nobody knows when they return; asked after a purchase or a case",
}
"""By relationship type."""
CRMS = (
    "The first one is home: of what two CRMs know, what it says wins, and only it is written to.",
    "Offered are those whose variables are set in this terminal, else all.",
)
STAND_IN = (
    "Tasks go to the owner of the contact or the account. Where that is nobody who can take one,",
    "since they have left, it goes to this person: an active user of the CRM, by the address there.",
)
SENDER = ("Invitations come from this address, and answers by mail go there.",)
PUBLIC_URL = ("Where the people who are asked reach the survey pages; on this machine is enough for shadow mode.",)
