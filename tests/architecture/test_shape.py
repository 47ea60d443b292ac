"""The shape of the house: adapter folders alike, small modules and functions, and no module that gathers."""

import ast
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("connector", "adapters", "jobs")
MODULES = sorted(path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py"))
NAMED = [path.relative_to(ROOT).as_posix() for path in MODULES]
CRMS = sorted(
    path.name for path in (ROOT / "adapters").iterdir() if path.is_dir() and path.name not in ("sandbox", "__pycache__")
)
PARTS = ("spec.py", "settings.py", "client.py", "mapping.py", "adapter.py", "README.md")
GATHERING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}
GATHERING_CLASS = re.compile(r"Manager|Helper|Utils?(?![a-z])|Service(?![a-z])|Impl(?![a-z])|^Abstract|^I[A-Z][a-z]")
LONGEST_MODULE, LONGEST_FUNCTION, DEEPEST = 300, 50, 3


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_there_is_an_adapter_to_look_at() -> None:
    assert "salesforce" in CRMS
    assert len(MODULES) > 100


@pytest.mark.parametrize("crm", CRMS)
def test_every_crm_adapter_has_the_same_inside(crm: str) -> None:
    assert [part for part in PARTS if not (ROOT / "adapters" / crm / part).is_file()] == []


@pytest.mark.parametrize("crm", CRMS)
def test_every_crm_adapter_is_tested_by_the_contract_and_its_mapping_by_payloads(crm: str) -> None:
    tests = ROOT / "tests" / "adapters" / crm
    assert [name for name in ("test_contract.py", "test_mapping.py") if not (tests / name).is_file()] == []
    assert "connector.testing.crm_contract" in (tests / "test_contract.py").read_text()


def test_the_entry_points_are_the_adapter_folders() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["closedloop.crm"] == {crm: f"adapters.{crm}.spec:SPEC" for crm in CRMS}


@pytest.mark.parametrize("crm", CRMS)
def test_a_spec_is_called_as_its_folder(crm: str) -> None:
    assert import_module(f"adapters.{crm}.spec").SPEC.name == crm


def vendor_words(crm: str) -> set[str]:
    """The names of the vendor's objects and fields, as the mapping knows them."""
    spec = import_module(f"adapters.{crm}.spec").SPEC
    return set(spec.objects.values()) | {source.rpartition(".")[2] for source in spec.sources.values()}


def texts_of(module: ast.Module) -> list[str]:
    """The text constants of a module, without its docstrings."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(module) if isinstance(node, holders)}
    constants = (node.value for node in ast.walk(module) if isinstance(node, ast.Constant))
    return [value for value in constants if isinstance(value, str) and value not in docs]


@pytest.mark.parametrize("crm", CRMS)
def test_an_adapters_verbs_name_no_vendor_field(crm: str) -> None:
    words = vendor_words(crm)
    assert len(words) > 10
    for text in texts_of(parsed(ROOT / "adapters" / crm / "adapter.py")):
        assert "__c" not in text
        assert words.isdisjoint(re.findall(r"\w+", text)), text


@pytest.mark.parametrize("crm", CRMS)
def test_a_mapping_does_no_input_and_no_output(crm: str) -> None:
    imported = set()
    for node in ast.walk(parsed(ROOT / "adapters" / crm / "mapping.py")):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported <= {
        "re",
        "collections",
        "datetime",
        "typing",
        "connector",
        "decimal",
        "dataclasses",
        "enum",
        "math",
    }


def test_config_is_data_only() -> None:
    assert sorted((ROOT / "config").rglob("*.py")) == []


@pytest.mark.parametrize("path", MODULES, ids=NAMED)
def test_a_module_is_short_says_what_it_is_for_and_has_a_name_of_the_product(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(ast.parse(text)), "a module says in a sentence what it is for"
    parts = path.relative_to(ROOT).with_suffix("").parts
    assert GATHERING.isdisjoint(parts)
    assert len(parts) - 2 <= DEEPEST, "folders below a top folder"


@pytest.mark.parametrize("path", MODULES, ids=NAMED)
def test_functions_are_short_and_classes_do_not_gather(path: Path) -> None:
    nodes = list(ast.walk(parsed(path)))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    classes = [node.name for node in nodes if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if GATHERING_CLASS.search(name)] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=str)
def test_a_package_holds_a_docstring_and_no_logic(path: Path) -> None:
    allowed = (ast.Import, ast.ImportFrom)
    for node in parsed(path).body[1:]:
        is_constant = isinstance(node, ast.Assign) and all(
            isinstance(target, ast.Name) and target.id in ("__version__", "__all__") for target in node.targets
        )
        assert isinstance(node, allowed) or is_constant, ast.unparse(node)
