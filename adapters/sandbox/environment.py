"""The variables that a folder of settings reads to reach the sandbox, under the names that `closedloop init` gives."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OWNER_ONLY = 0o600
KEY_BYTES = 32


def write_environment(file: Path, told: Mapping[str, Any], *, org_id: str) -> None:
    """Write them for `set -a; . FILE`, readable by the owner alone; `told` is what the sandbox says when ready."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    lines = [f"{name}={value}" for name, value in _variables(told, org_id=org_id).items()]
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8") as opened:
        opened.write("\n".join(lines) + "\n")


def _variables(told: Mapping[str, Any], *, org_id: str) -> dict[str, str]:
    org, portal, smtp = told["salesforce"], told["hubspot"], told["smtp"]
    return {
        "SMTP_RELAY": f"{smtp['host']}:{smtp['port']}",
        "SMTP_TLS": "none",
        "SALESFORCE_URL": org["url"],
        "SALESFORCE_ORG_ID": org_id,
        "SALESFORCE_CLIENT_ID": org["client_id"],
        "SALESFORCE_CLIENT_SECRET": org["client_secret"],
        "HUBSPOT_URL": portal["url"],
        "HUBSPOT_ORG_ID": portal["portal_id"],
        "HUBSPOT_ACCESS_TOKEN": portal["access_token"],
        "CLOSEDLOOP_KEY": secrets.token_urlsafe(KEY_BYTES),
    }
