"""Reads YAML with line numbers: every complaint names file, line, key and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

__all__ = ["Entry", "SettingError", "read_yaml"]

_LONGEST_QUOTE = 40


class SettingError(ValueError):
    """A setting cannot be used; the message is one sentence with file, line and expectation."""


class Entry:
    """One node of the file with the dotted path that leads to it."""

    def __init__(self, node: yaml.Node, *, path: str, origin: str) -> None:
        self.path = path
        self._node = node
        self._origin = origin

    def error(self, expected: str) -> SettingError:
        """The complaint that something else was expected here, quoting what was found."""
        return self._complain(f"expected {expected}, found {self._found()}")

    def text(self, expected: str = "a text") -> str:
        """The scalar as it is written, without quotation marks; may be empty."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.error(expected)
        return str(self._node.value).strip()

    def is_list(self) -> bool:
        """Whether it is a list, where a group is allowed too."""
        return isinstance(self._node, yaml.SequenceNode)

    def items(self, expected: str) -> tuple[Entry, ...]:
        """The members of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error(expected)
        return tuple(Entry(node, path=self.path, origin=self._origin) for node in self._node.value)

    def keys(self) -> dict[str, Entry]:
        """The members of a mapping, any keys; a key that stands twice is an error."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error("lines of the form 'key: value'")
        found: dict[str, Entry] = {}
        for key, value in self._node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            path = f"{self.path}.{name}" if self.path else name
            entry = Entry(value, path=path, origin=self._origin)
            if not name:
                raise Entry(key, path=self.path, origin=self._origin).error("a plain key")
            if name in found:
                raise Entry(key, path=path, origin=self._origin).error_at("stands twice")
            found[name] = entry
        return found

    def mapping(self, required: Iterable[str], *, optional: Iterable[str] = ()) -> dict[str, Entry]:
        """The members of a mapping that has just these keys."""
        found, required = self.keys(), tuple(required)
        known = {*required, *optional}
        for name, entry in found.items():
            if name not in known:
                raise entry.error_at(f"no such setting; known are {', '.join(sorted(known))}")
        missing = [name for name in required if name not in found]
        if missing:
            raise self._complain(f"expected the key {missing[0]}, found none")
        return found

    def error_at(self, sentence: str) -> SettingError:
        """A complaint of its own wording about this place."""
        return self._complain(sentence)

    def _complain(self, sentence: str) -> SettingError:
        line = self._node.start_mark.line + 1
        where = f"{self.path}: " if self.path else ""
        return SettingError(f"{self._origin}, line {line}: {where}{sentence}")

    def _found(self) -> str:
        if isinstance(self._node, yaml.SequenceNode):
            return "a list"
        if isinstance(self._node, yaml.MappingNode):
            return "a group of settings"
        value = " ".join(str(self._node.value).split())
        short = value if len(value) <= _LONGEST_QUOTE else value[:_LONGEST_QUOTE] + "…"
        return f'"{short}"' if short else "nothing"


def read_yaml(path: Path) -> Entry:
    """The file's top node. Raises `SettingError` when it is missing, empty or no YAML."""
    origin = path.name
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise SettingError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"{origin}: expected UTF-8 text, found other bytes") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise SettingError(f"{origin}, line {line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SettingError(f"{origin}: not YAML: it holds a character that is not text") from error
    if node is None:
        raise SettingError(f"{origin}, line 1: expected settings, found an empty file")
    return Entry(node, path="", origin=origin)
