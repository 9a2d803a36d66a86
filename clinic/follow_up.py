"""Messages that only make sense after the last answer: "how long for?", "and my jaw?", "why?".

Pure tests on the words; called by the classifier, which then reads such a message together with the
title of the section that was answered last.
"""

from __future__ import annotations

import re

__all__ = ["asks_to_explain", "leans_on_before"]

_WORD = re.compile(r"[a-z0-9']+")
_MOST_WORDS = 9
# Words that carry no topic of their own; a message of nothing else leans on what was said.
_EMPTY = frozenset(
    {
        "a", "about", "again", "all", "also", "always", "am", "an", "and", "any", "anything",
        "are", "around", "as", "at", "away", "be", "because", "been", "before", "being", "bit",
        "but", "by", "can", "cant", "can't", "come", "could", "did", "do", "does", "doesnt",
        "doesn't", "doing", "dont", "don't", "each", "else", "ever", "every", "everybody",
        "everyone", "exactly", "for", "from", "get", "gets", "give", "go", "goes", "going",
        "gonna", "happen", "happens", "has", "have", "he", "help", "how", "hows", "how's", "i",
        "if", "im", "i'm", "in", "is", "isnt", "isn't", "it", "its", "it's", "just", "keep",
        "kind", "know", "last", "lasts", "like", "long", "longer", "make", "makes", "many",
        "mean", "means", "me", "more", "most", "much", "must", "my", "need", "never", "no",
        "normal", "normally", "not", "of", "often", "ok", "okay", "on", "once", "one", "ones",
        "only", "or", "other", "part", "people", "please", "pls", "really", "right", "same",
        "say", "says", "she", "should", "so", "some", "something", "soon", "sort", "still",
        "such", "sure", "take", "takes", "tell", "than", "that", "thats", "that's", "the",
        "their", "them", "then", "there", "these", "they", "thing", "things", "this", "those",
        "to", "too", "true", "u", "until", "up", "usually", "very", "want", "was", "way",
        "we", "well", "were", "what", "whats", "what's", "when", "whens", "where", "wheres",
        "which", "who", "why", "will", "with", "without", "wont", "won't", "would", "yes", "you",
        "your", "ur",
    }
)  # fmt: skip
_OPENS = re.compile(
    r"^\W*(?:and|also|but|so|or|ok|okay|oh|then)?\W*(?:what about|how about|what if|and|how come)\b"
)
_OPENED_WORDS = 6
_EXPLAIN = re.compile(
    r"""^\W*(?:(?:ok|okay|but|so|sorry|um|and|wait|hm+)\W+)*(?:
        why(?:\s+(?:is|was)\s+(?:that|this|it))?(?:\s+so)?
        |how\s+(?:come|so)
        |(?:what|wat)\s+(?:do|does|did)\s+(?:you|u|that|this|it)\s+mean(?:\s+by\s+(?:that|this|it))?
        |meaning
        |(?:(?:can|could|would|will)\s+(?:you|u)\s+)?(?:please\s+|pls\s+)?
          (?:explain|say|put|tell|write|make)?\s*(?:me\s+)?(?:it|that|this)?\s*
          (?:(?:in|with|using)\s+)?(?:a\s+)?(?:more\s+)?
          (?:simpler|simple|easier|plain|plainer|normal|everyday|clearer|shorter)
          (?:\s+(?:words|terms|english|language|way))?
        |i\s+(?:do\s+not|don'?t|dont|didn'?t|didnt|did\s+not)\s+(?:understand|get\s+it|get\s+that|follow)
          (?:\s+(?:that|this|it|you))?
        |(?:can|could)\s+(?:you|u)\s+explain(?:\s+(?:that|this|it))?
        |explain(?:\s+(?:that|this|it|more))?
        |(?:tell\s+me\s+)?more(?:\s+(?:about\s+(?:that|this|it)))?
        |(?:too|so)\s+(?:complicated|difficult|hard)
    )(?:\s+(?:please|pls|for\s+me|again|to\s+me))*\W*$""",
    re.VERBOSE,
)


def leans_on_before(text: str, *, known: frozenset[str] = frozenset()) -> bool:
    """Whether the message has no topic of its own. `known` are words that need none (a jaw)."""
    plain = text.lower().replace("’", "'")
    words = _WORD.findall(plain)
    if not words or len(words) > _MOST_WORDS:
        return False
    if _OPENS.match(plain) and len(words) <= _OPENED_WORDS:
        return True
    return all(word in _EMPTY or word in known for word in words)


def asks_to_explain(text: str) -> bool:
    """Whether the message asks for the last answer in other words, or for its reason."""
    return bool(_EXPLAIN.match(text.lower().replace("’", "'")))
