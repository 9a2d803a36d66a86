"""Questions that ask for the same are put together, whatever their order, and stay together."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.handout import load_handouts
from clinic.likeness import ALIKE, group_alike, likeness, weigh_words, words_of

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = weigh_words(
    f"{section.title} {section.text}"
    for handout in load_handouts(ROOT / "documents")
    for section in handout.sections
)
GROUPS = [
    [
        "Can I drive after dry needling?",
        "Can I drive home afterwards?",
        "Is driving ok after the treatment?",
        "Is it ok to drive a car afterwards",
        "Can I drive home after dry needling? My chart number is [number]",
    ],
    ["May I swim after needling?", "Can I go swimming tomorrow", "swimming after dry needling?"],
    ["How much does parking cost?", "where do I park my car?", "Is there parking"],
    ["Can I have dry needling while pregnant?", "I am pregnant, is dry needling safe?"],
    ["is it safe with a pacemaker", "Can I get needled if I have a pacemaker?"],
    ["Can I take ibuprofen after the treatment?", "can i take ibuprofen"],
    ["blood thinners?", "I take blood thinners, can I get dry needling"],
    ["Can I shower afterwards?", "Can I take a shower after dry needling"],
    ["Do you treat dogs?", "Does my dog need a nurse?"],
    ["Can I drink alcohol after dry needling?"],
    ["How many sessions until the pain is gone"],
    ["and then?", "And then"],
]
# Few words, so that many are alike, chains among them.
QUESTIONS = st.lists(
    st.lists(
        st.sampled_from(["swim", "drive", "needles", "dry", "pain", "can", "I", "pool", "car"]),
        min_size=1,
        max_size=4,
    ).map(" ".join),
    max_size=12,
)


def together(texts: list[str]) -> set[frozenset[int]]:
    return {frozenset(group) for group in group_alike(texts, WEIGHTS)}


def test_what_asks_for_the_same_is_one_group_and_nothing_else() -> None:
    texts = [text for group in GROUPS for text in group]
    found = {frozenset(texts[place] for place in group) for group in group_alike(texts, WEIGHTS)}
    assert found == {frozenset(group) for group in GROUPS}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Swimming?", "swim"),
        ("I'd like to drive", "driving"),
        ("Needles", "needle"),
        ("Thérapie", "therapie"),
        ("allergies", "allergy"),
        ("my number is [number], may I swim", "swim"),
    ],
)
def test_endings_accents_and_little_words_do_not_count(one: str, other: str) -> None:
    assert words_of(one) == words_of(other)


def test_a_word_of_the_handout_tells_less_than_one_that_it_does_not_have() -> None:
    needling, pool = words_of("needling"), words_of("pool")
    assert WEIGHTS[next(iter(needling))] < WEIGHTS[next(iter(pool))]


@ANY_SPEED
@given(QUESTIONS, st.randoms(use_true_random=False))
def test_the_order_in_which_they_came_does_not_matter(texts: list[str], random: object) -> None:
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = together([texts[place] for place in order])
    assert {frozenset(order[place] for place in group) for group in shuffled} == together(texts)


@ANY_SPEED
@given(QUESTIONS, QUESTIONS)
def test_what_is_together_stays_together_when_more_are_asked(
    texts: list[str], more: list[str]
) -> None:
    after = together(texts + more)
    assert all(any(group <= wider for wider in after) for group in together(texts))


@ANY_SPEED
@given(QUESTIONS)
def test_each_has_one_group_and_alike_ones_share_it(texts: list[str]) -> None:
    """By every pair, without the short cut."""
    groups = together(texts)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    bags = [words_of(text) for text in texts]
    for one in range(len(texts)):
        for other in range(one):
            if likeness(bags[one], bags[other], WEIGHTS) >= ALIKE + 1e-6:
                assert any({one, other} <= group for group in groups)
    for group in groups:
        reached = {min(group)}
        for _ in group:
            reached |= {
                other
                for one in reached
                for other in group
                if likeness(bags[one], bags[other], WEIGHTS) >= ALIKE - 1e-6
            }
        assert reached == group


@ANY_SPEED
@given(QUESTIONS)
def test_likeness_is_between_none_and_the_same_both_ways(texts: list[str]) -> None:
    bags = [words_of(text) for text in texts]
    for one in bags:
        assert likeness(one, one, WEIGHTS) == pytest.approx(1)
        for other in bags:
            found = likeness(one, other, WEIGHTS)
            assert 0 <= found <= 1 + 1e-9
            assert found == likeness(other, one, WEIGHTS)
