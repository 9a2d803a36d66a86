"""Whether a sentence asks in general and tells of nobody: "can it puncture a lung?".

Called by `clinic.red_flag_context`. Silence is earned: the question must open before the wording
and in its clause, its subject must be no patient ("is *this* a stroke?", "why does *my* chest
hurt?" ask about somebody), nobody may be told of between, and nobody may be called for help.
"""

from __future__ import annotations

from clinic.red_flag_cues import Cues, overlap, plain_forms
from clinic.red_flag_passage import Span

__all__ = ["asks_generally", "calls", "opens_question", "somebody"]

_ASKING = plain_forms("what how which when where who que como cuales cual cuantos")
_WHATS = plain_forms("whats")
_WHY, _DO = plain_forms("why"), plain_forms("do would")  # "why does it hurt" is a patient's
_JOINING = plain_forms("which when where who that que como cuales cual")
_AUXILIARY = plain_forms(
    "can could do does did will would may might has have is are was were puede pueden podria "
    "podrian"
)
_BEING = plain_forms("is are was were whats")
# "What's going on, my chest ..." asks what is there.
_GOING_ON = plain_forms("going happening wrong up causing making")
_VERBS_ASKED = plain_forms("causes cause happens makes gets brings percent")
_DEGREES = plain_forms("often likely common many much rare dangerous high frequently")
# With "is": only a question about risk or about words. "Is chest pain normal" may be a patient's.
_LASTING = plain_forms("long soon")
_RISK = plain_forms(
    "risk risks common rare possible known likely listed hereditary complication complications "
    "true difference same effect effects myth frequent"
)
_PATIENT = plain_forms("i my he she his her we our mine me him im mi mis su")
# "can only speak two words", "does hurt to breathe", "can you call somebody": no question of risk.
_NO_SUBJECT = _PATIENT | plain_forms(
    "only barely hardly not no just even still feel feels hear see breathe breath smell taste have "
    "has hurt hurts pass faint get got move talk speak really actually also sometimes never now be "
    "swallow lift walk use open stand lie sit sleep help hurry send come please call solo apenas no"
)
_POINTED_AT = plain_forms("this that it these those")
_TELLS = plain_forms(
    "my mine our ours his her hers he she hes shes him we i im ive ill us mi mis su tengo siento "
    "estoy esta me everything everywhere"
)
# Somebody is called for, or an opinion on what is there is asked for.
_CALLS = plain_forms(
    "help hurry send come please sos emergency ambulance call now stop save revive check think "
    "mean means be there theres this wont cpr aed ayuda ayuden auxilio"
)
_STOPS, _BE, _ABLE = plain_forms("stop"), plain_forms("be"), plain_forms("able possible")
_ANYBODY = plain_forms("people person patient somebody someone anybody anyone guy")
_GOES_ON = plain_forms("wont doesnt isnt now hurry please ya ahora")
_WONDERING = plain_forms("wonder wondering wondered curious asking ask know whether if")
_LINKING = plain_forms("and but so or also then anyway plus y pero")
_OPENERS = plain_forms(
    "hi hello hey ok okay so um uh well and but just quick question curious sorry dumb silly "
    "stupid also anyway btw serious random one asking for hola oiga disculpe no rush maybe like "
    "mister maam sir doctor please dear wait lol yo"
)
_MANNER = plain_forms("how")  # "how is the bleeding so bad"
_MOST_OPENERS = 6  # polite words before a question
_SUBJECT_WORDS = 3  # words between a "what" and its verb: "which blood thinners do"


def asks_generally(cues: Cues, span: Span) -> bool:
    """Whether a question about nobody in particular governs the words of `span`."""
    first = cues.clause_start(span[0])
    for place in range(first, span[0] + 1):
        subject = opens_question(cues, place)
        if subject is None and cues.passage.holds(place, _WHATS) and _may_open(cues, place):
            subject = place + 1
        if subject is None or subject > span[1]:
            continue
        if not _about_nobody(cues, place, subject):
            continue
        told = (subject + 1, cues.clause_end(span[1] - 1))
        return not (
            calls(cues, range(told[0], span[1]), span) or somebody(cues, told) or _tells(cues, told)
        )
    return False


def calls(cues: Cues, before: range, span: Span) -> bool:
    """Whether somebody is called, or asked what something that is there may be.

    `before` are the words that may say so before those of `span` end.
    """
    after = range(span[1], cues.clause_end(span[1] - 1))
    called = any(
        not _for_nobody(cues, place, span)
        for place in cues.passage.places_within(_CALLS, before.start, before.stop)
    )
    return called or cues.passage.any_within(_GOES_ON, after.start, after.stop)


def _for_nobody(cues: Cues, place: int, span: Span) -> bool:
    """Whether that word calls for nobody: "if I stop breathing", "be able to"."""
    if cues.passage.holds(place, _BE):
        return cues.passage.any_within(_ABLE, place, place + 2)
    return place >= span[0] and cues.passage.holds(place, _STOPS)


def somebody(cues: Cues, told: Span) -> bool:
    """Whether a certain person stands there, of whom it is told."""
    return any(
        overlap(other, told) and not cues.passage.holds(other[0], _ANYBODY)
        for other in cues.spans["relative"]
    )


def _tells(cues: Cues, told: Span) -> bool:
    return cues.passage.any_within(_TELLS, *told)


def opens_question(cues: Cues, place: int) -> int | None:
    """Where the subject of a question that opens at `place` stands, or `None`."""
    passage = cues.passage
    if passage.holds(place, _AUXILIARY):
        return place + 1 if _may_open(cues, place) else None
    why_do = (
        passage.holds(place, _WHY)
        and place + 1 < len(passage.tokens)
        and passage.holds(place + 1, _DO)
    )
    if not (why_do or passage.holds(place, _ASKING)) or not _may_open(cues, place):
        return None
    if passage.holds(place, _JOINING) and not passage.tokens[place].asked:
        first, _ = cues.segment_of((place, place + 1))
        if place - first > _MOST_OPENERS:
            return None  # "soreness, which I was ready for"
    for after in range(place + 1, min(place + 2 + _SUBJECT_WORDS, len(passage.tokens))):
        if passage.holds(after, _LASTING):
            break  # "how long does it last" asks who has it
        degree = after == place + 1 and passage.holds(after, _VERBS_ASKED | _DEGREES)
        if degree or passage.holds(after, _AUXILIARY):
            return after + 1
    return None


def _may_open(cues: Cues, place: int) -> bool:
    """Whether a clause begins at `place`, politeness before it left aside."""
    for _ in range(_MOST_OPENERS):
        if place == 0 or cues.clause_begins(place):
            return True
        if not cues.passage.holds(place - 1, _OPENERS | _WONDERING | _LINKING):
            return False
        place -= 1
    return False


def _about_nobody(cues: Cues, opening: int, subject: int) -> bool:
    """Whether the subject is no patient, nor something that is pointed at."""
    passage = cues.passage
    if subject >= len(passage.tokens) or passage.holds(subject, _NO_SUBJECT - _POINTED_AT):
        return False
    if not passage.holds(subject - 1, _BEING):
        return True
    if not passage.holds(opening, _AUXILIARY):
        return not passage.holds(opening, _MANNER) and not passage.holds(
            subject, _POINTED_AT | _GOING_ON
        )
    rest = range(subject, cues.clause_end(subject))
    return any(passage.holds(place, _RISK) for place in rest)
