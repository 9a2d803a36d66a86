from pathlib import Path

import pytest

from clinic.handout import HandoutError, load_handout, load_handouts, parse_handout

FRONT = """---
title: A title
version: "1"
reviewed by: Somebody
reviewed on: 2026-01-02
source: Somewhere
---
"""


def parse(text: str, document_id: str = "a-handout") -> object:
    return parse_handout(text, document_id=document_id, origin="a-handout.md")


def test_sections_keep_their_order_title_and_words() -> None:
    handout = parse_handout(
        FRONT + "\n## One? {#one}\n\nFirst line.\nSecond line.\n\n## Two {#two}\n\n- a\n- b\n",
        document_id="x",
        origin="x.md",
    )
    assert [(s.id, s.title, s.text) for s in handout.sections] == [
        ("one", "One?", "First line. Second line."),
        ("two", "Two", "- a\n- b"),
    ]
    assert handout.section("two").title == "Two"
    assert handout.reviewed_on == "2026-01-02"


def test_paragraphs_stay_apart_in_plain_text() -> None:
    handout = parse_handout(
        FRONT + "## T {#t}\n\nOne.\n\nTwo\nlines:\n- item\n\nThree.\n",
        document_id="x",
        origin="x.md",
    )
    assert handout.section("t").text == "One.\nTwo lines:\n- item\nThree."


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("## One {#one}\n\nText.\n", "line 1: expected front matter"),
        ("---\n[\n---\n## One {#one}\n\nText.\n", "front matter is not YAML"),
        ("---\n- a\n---\n## One {#one}\n\nText.\n", "'key: value' lines"),
        ("---\ntitle: x\n---\n## One {#one}\n\nText.\n", "lacks version, reviewed_by"),
        (FRONT + "No heading at all.\n", "at least one heading"),
        (FRONT + "Words.\n\n## One {#one}\n\nText.\n", "before the first"),
        (FRONT + "## One\n\nText.\n", "line 8: the heading 'One' lacks its id"),
        (FRONT + "## One {#One}\n\nText.\n", "'One' is no section id"),
        (FRONT + "## One {#}\n\nText.\n", "'' is no section id"),
        (FRONT + "## One {#one}\n\n\n", "line 8: the section 'one' has no text"),
        (FRONT + "## A {#one}\n\nx\n\n## B {#one}\n\ny\n", "line 12: the section id 'one' stands"),
    ],
)
def test_a_broken_handout_is_refused_with_the_place(text: str, complaint: str) -> None:
    with pytest.raises(HandoutError, match=r"a-handout\.md") as refused:
        parse(text)
    assert complaint in str(refused.value)


def test_a_file_name_that_is_no_id_is_refused() -> None:
    with pytest.raises(HandoutError, match="small letters"):
        parse(FRONT + "## One {#one}\n\nText.\n", document_id="My Handout")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(b"---\ntitle: \xff\n---\n")
    with pytest.raises(HandoutError, match="UTF-8"):
        load_handout(tmp_path / "x.md")


def test_a_folder_without_handouts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HandoutError, match="no handout found"):
        load_handouts(tmp_path)


def test_windows_line_ends_change_nothing_but_the_file() -> None:
    text = FRONT + "## One {#one}\n\nText.\nMore.\n"
    assert parse(text.replace("\n", "\r\n")) == parse(text)
