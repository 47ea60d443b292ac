"""An invented CRM called Paper, a good folder of settings, and the environment it needs."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connector.domain.records import RecordKind
from connector.ports.crm import Capabilities, CrmSpec

HERE = Path(__file__).parent


class TokenLogin(BaseModel):
    model_config = ConfigDict(extra="forbid")
    flow: Literal["token"]
    token: SecretStr


class UserLogin(BaseModel):
    model_config = ConfigDict(extra="forbid")
    flow: Literal["user"]
    user: str
    password: SecretStr

    @field_validator("password")
    @classmethod
    def _long_enough(cls, password: SecretStr) -> SecretStr:
        if len(password.get_secret_value()) < 4:
            raise ValueError(f"the password {password.get_secret_value()} is too short")
        return password


class PaperSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    login: Annotated[TokenLogin | UserLogin, Field(discriminator="flow")]
    region: Literal["north", "south"] = "north"
    shelves: Annotated[int, Field(ge=1)] = 1


def never_opened(connection: object) -> None:
    raise AssertionError("loading settings opens no connection")


PAPER = CrmSpec(
    name="paper",
    label="Paper",
    capabilities=Capabilities(reads=frozenset(RecordKind), writes=frozenset({RecordKind.ACCOUNT, RecordKind.CONTACT})),
    settings=PaperSettings,
    objects={RecordKind.ACCOUNT: "Firm", RecordKind.CONTACT: "Card", RecordKind.OPPORTUNITY: "Deal"},
    sources={
        "account.name": "Firm.Name",
        "contact.address": "Card.Mail",
        "opportunity.stage": "Deal.Stage",
        "opportunity.closes_on": "Deal.Closes",
        "opportunity.is_won": "Deal.Won",
        "owner.name": "Clerk.Name",
    },
    open=never_opened,
)


@pytest.fixture
def specs() -> dict[str, CrmSpec]:
    return {"paper": PAPER}


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "KEY": "an-instance-key-of-at-least-32-bytes",
        "OLD_KEY": "an-older-instance-key-of-32-bytes!",
        "SHORT": "pst",
        "TOKEN": "paper-token-4711",
        "HOST": "feedback.kea.example",
        "EMPTY": "",
    }


@pytest.fixture
def good() -> Path:
    return HERE / "good"
