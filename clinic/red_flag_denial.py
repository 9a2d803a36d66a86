"""Whether a denial is said of a wording: "no chest pain", "my throat isn't swelling".

Called by `clinic.red_flag_context`. The denial must stand in the clause of the wording and govern
it: between them stand only words that belong to both ("no sign of any …") or a list that an "or"
closes. A denial of another verb silences nothing, two on one wording cancel out.
"""

from __future__ import annotations

from clinic.red_flag_cues import Cues, overlap, plain_forms
from clinic.red_flag_passage import Span
from clinic.red_flag_patterns import Match, Pattern, whole

__all__ = ["denied"]

_SUBJECT = plain_forms(
    "i im ive it its he hes she shes my mine we were they theyre there theres this yo"
)
_OR = plain_forms("or nor ni o")
_LISTS_ON = plain_forms("or nor ni o and y")
_QUALIFIERS = plain_forms(
    "any a an the my his her real more new big bad sharp severe actual sign signs of symptoms "
    "kind sort problem problems trouble issue issues with sudden obvious other serious longer "
    "have has had us having get getting got feel feeling been be being really actually even in "
    "much that so too at all experience experiencing experienced notice noticed to such hint "
    "trace evidence history episodes going is was left right some one single ever de del la el "
    "los las un una para tener ningun ninguna con en tuve tenido se me le les shortness short "
    "difficulty loss lack tightness pressure chest heart throat tongue face lip lips leg legs "
    "arm arms back neck head stomach side breathing pecho garganta cara brazo pierna"
)
_LISTING = plain_forms(
    "no without never nor denies zero sin ni ningun ninguna nunca dont doesnt havent hasnt didnt"
)
_CRISIS_BETWEEN = plain_forms(
    "thoughts thinking thought of going to feel feeling like about planning plans any in trying "
    "at all having been really that wanting want intention plan the a me quiero voy pienso en "
    "estoy tengo ganas de"
)
_HAPPENS = plain_forms("started starts began keeps came wont gets getting begins")
_DENYING_ANSWER = plain_forms("no nope none never nothing nah")
_NOBODY = plain_forms("nobody noone")
_VERBS = plain_forms(
    "is are was were has have had feel feels felt get got keeps keep started hurts hurt began "
    "comes came going went think know do does did said says can will would tell call need want"
)
_WITHOUT = plain_forms("without sin")
_UNABLE = plain_forms("cant couldnt unable hardly barely never not dont wont hard no")
_NOT, _DEGREES = plain_forms("not isnt wasnt"), plain_forms("big huge great deep large")
_FEELS_LIKE = plain_forms("feels like")  # after "no longer", but not after a mere "no"
_NOTHING = plain_forms("nothing")  # "nothing left, want to die"
_WIDE = 9  # words before a "without" in which a "can't" turns it round
_REACH = 3  # words between a denial and what it denies
_LIST_REACH = 12  # words of a list that one denial governs ("no fever, chills or chest pain")


def denied(cues: Cues, pattern: Pattern, match: Match, *, crisis: bool) -> bool:
    """Whether `match` is denied; suicidal words only by a denial of the wish itself."""
    span = whole(match)
    if cues.in_segment("breaks_denial", span):
        return False
    for place, part in enumerate(match):
        if not pattern.weighty[place]:
            continue
        governing = [
            cue
            for cue in cues.denials
            if not any(overlap((cue[0], cue[0] + 1), own) for own in match)
            and _governs(cues, cue, part, crisis=crisis)
        ]
        if governing and not _double(cues, governing):
            return True
        if not crisis and (_nobody(cues, part) or _denied_inside(cues, pattern, part)):
            return True
    return not crisis and (_answered_no(cues, span) or _not_so(cues, pattern, span))


def _nobody(cues: Cues, part: Span) -> bool:
    """Whether nobody had it: "nobody fainted"."""
    return part[0] > 0 and cues.passage.holds(part[0] - 1, _NOBODY)


def _denied_inside(cues: Cues, pattern: Pattern, part: Span) -> bool:
    """Whether a denial stands in a gap of the wording: "throat isn't swelling"."""
    for cue in cues.denials:
        if not (part[0] < cue[0] and cue[1] < part[1]):
            continue
        own = any(cues.passage.holds(place, pattern.words) for place in range(*cue))
        if not own and not any(map(cues.comma_at, range(cue[1], part[1]))):
            return True
    return False


def _double(cues: Cues, found: list[Span]) -> bool:
    """Two denials on one wording cancel out, unless they stand in a list ("no … and no …")."""
    if len(found) == 1:
        return False
    between = range(found[-2][1], found[-1][0])
    return not any(
        cues.passage.holds(place, _LISTS_ON) or cues.comma_at(place)
        for place in (*between, found[-1][0])
    )


def _not_so(cues: Cues, pattern: Pattern, span: Span) -> bool:
    """Whether a complaint right after the wording is denied: "my chest is not tight"."""
    for cue in cues.denials:
        if 0 <= cue[0] - span[1] <= 1 and cue[1] < len(cues.segments):
            same = cues.segments[cue[1]] == cues.segments[span[0]]
            return same and cues.passage.holds(cue[1], pattern.words)
    return False


def _governs(  # noqa: PLR0911 - one line for each reason
    cues: Cues, cue: Span, part: Span, *, crisis: bool
) -> bool:
    """Whether the denial `cue` is said of the words of `part`."""
    if cue[0] >= part[0] or cues.segments[cue[0]] != cues.segments[part[0]]:
        return False
    if cues.passage.holds(cue[0], _WITHOUT) and _unable(cues, cue):
        return False  # "I can't yawn without a stab"
    between = range(min(cue[1], part[0]), part[0])
    if cues.passage.holds(cue[0], _NOT) and cues.passage.any_within(_DEGREES, cue[1], part[0]):
        return False  # "not a big cough" is a cough
    if cues.comma_at(between.start) or len(between) > _LIST_REACH:
        return False
    if crisis:
        if cues.passage.holds(cue[0], _NOTHING):
            return False
        return len(between) <= _REACH and all(
            cues.passage.holds(place, _CRISIS_BETWEEN) for place in between
        )
    if any(cues.passage.holds(place, _SUBJECT) for place in between) or _begins(cues, part[1]):
        return False
    commas = any(cues.comma_at(place) for place in (*between, part[0]))
    belongs = _QUALIFIERS | _FEELS_LIKE if cue[1] - cue[0] > 1 else _QUALIFIERS
    plain = all(cues.passage.holds(place, belongs) for place in between)
    if len(between) <= _REACH and plain and not commas:
        return True
    # "no fever, chills or chest pain"; but "no fever, chest pain" may be an alarm.
    after = range(part[1], min(part[1] + 1, len(cues.segments)))
    joined = any(cues.passage.holds(place, _OR) for place in (*between, *after))
    if not joined or not cues.passage.holds(cue[0], _LISTING):
        return False
    return not any(cues.passage.holds(place, _VERBS) for place in between)


def _unable(cues: Cues, cue: Span) -> bool:
    first = max(0, cue[0] - _WIDE)
    return any(cues.passage.holds(place, _UNABLE) for place in range(first, cue[0]))


def _begins(cues: Cues, place: int) -> bool:
    """Whether what follows says that it happens: "no, chest pain started"."""
    return place < len(cues.segments) and cues.passage.holds(place, _HAPPENS)


def _answered_no(cues: Cues, span: Span) -> bool:
    """Whether a question about it is answered with no: "Chest pain? No."."""
    tokens = cues.passage.tokens
    if span[1] >= len(tokens) or not tokens[span[1] - 1].asked:
        return False
    return cues.comma_at(span[1]) and cues.passage.holds(span[1], _DENYING_ANSWER)
