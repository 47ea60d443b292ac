"""What the repository must not hold: paths of somebody's machine, download addresses, real people, secrets."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INVENTED = ("connector/", "adapters/", "jobs/", "config/", "tests/")
MACHINE_PATH = re.compile(r"(?<![\w.:/~}-])/(?:root|work|home/\w|Users/\w|mnt|private/var)(?=[/\s\"'`),;]|$)")
DOWNLOAD = re.compile(
    r"files\.pythonhosted|pypi\.(?:org|python)|https?://[\w.-]+/simple\b|index-url|find-links|trusted-host"
    r"|\bgit\+https?:|\bgit\+ssh:|npmjs|artifactory|nexus",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)
RESERVED = re.compile(r"(?:^|\.)(?:example|invalid|test|tld)$", re.IGNORECASE)
"""RFC 2606 names that nobody owns, and the name of the part of an address in a sentence about addresses."""
SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/]{16}"),
    "a key of a cloud": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a token of a code host": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30}|glpat-[\w-]{20})"),
    "a token of HubSpot": re.compile(r"\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f]{4}"),
    "a token of Salesforce": re.compile(r"\b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?![A-Za-z0-9._]{40}"),
    "a consumer key of Salesforce": re.compile(r"\b3MVG9[A-Za-z0-9._]{60}"),
    "a signed token": re.compile(r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    "a token of a chat": re.compile(r"\bxox[abprs]-[\w-]{20}"),
}


def files() -> list[str]:
    """Every text file that is, or would be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if not (ROOT / ".git").exists():
        assert not os.environ.get("CI"), "CI checks a clone"
        pytest.skip("not a clone: what belongs to the repository is not known")
    listed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")  # one of the bad examples is no UTF-8


def hits(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    """Where a pattern is found: file and line, not the text itself."""
    return [
        f"{name}:{number}"
        for name in names
        for number, line in enumerate(text_of(name).splitlines(), start=1)
        if pattern.search(line)
    ]


def others() -> list[str]:
    """All files but this one, which holds the patterns."""
    return [name for name in files() if name != Path(__file__).relative_to(ROOT).as_posix()]


def test_the_repository_is_looked_at_and_is_text_only() -> None:
    names = files()
    assert {"pyproject.toml", "README.md", "connector/bootstrap.py"} <= set(names)
    assert all("\0" not in text_of(name) for name in names)


def test_no_path_of_anybodys_machine() -> None:
    assert hits(MACHINE_PATH, others()) == []


def test_no_address_to_download_from() -> None:
    assert hits(DOWNLOAD, others()) == []


def test_every_mail_address_is_one_that_nobody_can_have() -> None:
    found = [
        f"{name}: {match[0]}"
        for name in others()
        if name.startswith(INVENTED)
        for match in ADDRESS.finditer(text_of(name))
        if not RESERVED.search(match[1])
    ]
    assert found == []


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_stands_in_the_repository(kind: str) -> None:
    found = [name for name in others() if SECRETS[kind].search(text_of(name))]
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    planted = {
        MACHINE_PATH: "see /{}/notes and /home/ada/closedloop".format("root"),
        DOWNLOAD: "pip install --{}-url https://mirror.example/simple".format("index"),
        ADDRESS: "ada@kea.example.com",
        SECRETS["a private key"]: "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B",
        SECRETS["a token of Salesforce"]: "00D5e000000AbCdEAK!" + "A" * 40,
        SECRETS["a signed token"]: f"eyJ{'a' * 20}.eyJ{'b' * 20}.{'c' * 20}",
    }
    assert [pattern.pattern for pattern, text in planted.items() if not pattern.search(text)] == []
    assert not RESERVED.search("kea.example.com")
    assert not MACHINE_PATH.search("https://kea.example/work and adapters/work")
