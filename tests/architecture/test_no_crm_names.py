"""The engine reads capabilities and never a CRM's name: no vendor is named, and no connection is told by its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORS = sorted(
    path.name for path in (ROOT / "adapters").iterdir() if path.is_dir() and path.name not in ("sandbox", "__pycache__")
)
DEMO = {"connector/cli/demo.py", "jobs/demo/sandbox.py"}
"""They hand the sandbox's own environment to the demo's settings, and decide nothing by it."""
SUITES = "connector/testing/"
"""Contract suites call two made-up connections so; that no code of theirs compares is looked at as everywhere."""
NAMING = {"crm", "adapter", "crm_name", "adapter_name"}
HOLDERS = {"crm", "connection", "spec", "adapter"}
"""What has a `.name` that tells CRMs apart."""
MODULES = {
    path.relative_to(ROOT).as_posix(): path for top in ("connector", "jobs") for path in (ROOT / top).rglob("*.py")
}


def vendor_names(module: ast.Module) -> Iterator[str]:
    """Every text, name, attribute and import in which a vendor is named, docstrings included."""
    for node in ast.walk(module):
        for text in named_by(node):
            if any(vendor in text.lower() for vendor in VENDORS):
                yield f"line {getattr(node, 'lineno', 0)}: {text}"


def named_by(node: ast.AST) -> Iterator[str]:
    """What a node itself names."""
    match node:
        case ast.Constant(value=str(text)) | ast.Name(id=text) | ast.Attribute(attr=text) | ast.arg(arg=text):
            yield text
        case ast.FunctionDef(name=text) | ast.ClassDef(name=text) | ast.keyword(arg=str(text)):
            yield text
        case ast.Import(names=aliases):
            yield from (alias.name for alias in aliases)
        case ast.ImportFrom(module=source, names=aliases):
            yield from (source or "", *(alias.name for alias in aliases))


def told_apart(module: ast.Module) -> Iterator[str]:
    """Every comparison and match of a CRM's or connection's name with a text that stands in the code."""
    for node in ast.walk(module):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(is_crm_name, sides)) and any(map(holds_text, sides)):
                yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Match) and is_crm_name(node.subject):
            yield f"line {node.lineno}: match {ast.unparse(node.subject)}"


def is_crm_name(node: ast.expr) -> bool:
    """Whether an expression is the name of a CRM, an adapter or a connection."""
    match node:
        case ast.Name(id=name):
            return name in NAMING
        case ast.Attribute(value=ast.Name(id=holder) | ast.Attribute(attr=holder), attr="name"):
            return holder in HOLDERS
        case ast.Attribute(attr=name):
            return name in NAMING
    return False


def holds_text(node: ast.expr) -> bool:
    """Whether an expression is a text that is not empty, or a collection in which one stands."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(holds_text, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def test_there_are_vendors_and_modules_to_look_at() -> None:
    assert {"salesforce", "hubspot"} <= set(VENDORS)
    assert len(MODULES) > 100
    assert MODULES.keys() >= DEMO


@pytest.mark.parametrize("name", sorted(name for name in MODULES.keys() - DEMO if not name.startswith(SUITES)))
def test_engine_and_jobs_name_no_vendor(name: str) -> None:
    assert list(vendor_names(ast.parse(MODULES[name].read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nothing_outside_the_adapters_tells_crms_apart_by_name(name: str) -> None:
    assert list(told_apart(ast.parse(MODULES[name].read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "url = 'https://api.hubapi.hubspot.test'",
        "from adapters import salesforce",
        "run(hubspot_token=1)",
        "x.Salesforce",
    ],
)
def test_a_vendor_s_name_is_found(code: str) -> None:
    assert len(list(vendor_names(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "crm == 'sf'",
        "'hub' != crm.name",
        "crm.adapter in ('a', 'b')",
        "self.crm.name == 'sf'",
        "error.crm == 'sf'",
        "match crm.adapter:\n    case 'a': pass",
    ],
)
def test_a_question_for_a_crm_s_name_is_found(code: str) -> None:
    assert len(list(told_apart(ast.parse(code)))) == 1


@pytest.mark.parametrize("code", ["crm.name == other", "only in (None, each.name)", "row['crm'] == crm", "crm is None"])
def test_other_questions_are_no_matter(code: str) -> None:
    assert list(told_apart(ast.parse(code))) == []
