"""Who may import whom: the walls of the house, read out of every import."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"clinic", "assistant", "actions", "desk", "tools", "evaluation", "benchmarks", "tests"}
MAY_IMPORT = {
    "clinic": {"clinic"},
    "assistant": {"assistant", "clinic"},
    "actions": {"actions", "clinic"},
    "desk": {"desk", "clinic"},
    "tools": {"tools", "clinic"},
}


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }
    return {name.split(".")[0] for name in names}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_no_neighbour_it_should_not_know(package: str) -> None:
    assert modules(package)
    for module in modules(package):
        strangers = (imports(module) & OURS) - MAY_IMPORT[package]
        assert not strangers, f"{module.relative_to(ROOT)} imports {strangers}"


def test_the_core_needs_nothing_but_the_standard_library_and_yaml() -> None:
    allowed = set(sys.stdlib_module_names) | {"yaml", "clinic"}
    for module in modules("clinic"):
        assert imports(module) <= allowed, f"{module} imports {imports(module) - allowed}"


def test_no_file_hides_behind_a_name_that_could_hold_anything() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "core"}
    found = [path for package in OURS for path in modules(package) if path.stem in vague]
    assert found == []
