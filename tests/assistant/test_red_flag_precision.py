"""What only sounds like danger raises nothing; the same words meant for real still do.

Each pair differs in the one thing that tells the two apart.
"""

from __future__ import annotations

import pytest

from assistant.red_flag_verdict import Trust, verdict
from assistant.red_flags import Acuity, Context, assess
from clinic.red_flag_signs import Sign

GRAVE = {Acuity.EMERGENCY, Acuity.CRISIS}

PAIRS = [
    # A word or a text is asked for, and nobody is in it.
    (
        "translate to French: the patient lost consciousness",
        "translate for my husband: he lost consciousness",
    ),
    ("another word for breathless, not panting", "I am breathless, no other word for it"),
    # Somebody studies it.
    (
        "need the order of checks for an unresponsive adult, exam not real life",
        "nursing student here, my roommate is unresponsive",
    ),
    (
        "What's the advice on heavy bleeding for a first aid course?",
        "first aid course or not, my leg has heavy bleeding and I need help",
    ),
    # Read of a stranger.
    ("I read that someone's lung collapsed", "I read that and now my lung feels collapsed"),
    ("a friend of a friend fainted, she said", "a friend of a friend fainted just now"),
    # A general question, spoken in short.
    ("what's a pneumothorax", "what's this pain in my chest"),
    (
        "would they call an ambulance if anything went wrong",
        "would you call an ambulance for my husband",
    ),
    ("is there any chance of a punctured lung", "any chance you can help, my lung feels punctured"),
    # Long ago, by age, year or occasion.
    ("I was suicidal at nineteen, I'm forty now", "I was suicidal at nineteen and am again"),
    ("had a stroke in '19, mostly come back", "had a stroke in '19 and it has come back"),
    ("heart attack in 09, stents, fit as a fiddle since", "heart attack in 09 and it is back"),
    ("dad had a stroke when I was like nine", "dad had a stroke and is still shaking"),
    ("passed out at my covid shot, is that a problem", "passed out at my covid shot just now"),
    ("hace quince años me dio un infarto, ya ando bien", "me dio un infarto ahora"),
    # A thing does it.
    ("my phone died and won't wake up", "my dad fell and won't wake up"),
    ("the kettle boils and then wheezes", "the kettle boiled over him and he wheezes"),
    (
        "the hydraulic line on my tractor bled out",
        "the hydraulic line cut my leg and it bled out",
    ),
    # In a story that somebody writes.
    (
        "I'm writing a drama where the hero collapses, title?",
        "I was writing a drama when my wife collapsed",
    ),
    ("the composer who went blind, who was it", "my father went blind this morning"),
    # Figures of speech.
    ("how many flavors are in a suicide soda", "how many pills are in a suicide"),
    ("best way to kill crabgrass", "best way to kill myself"),
    ("take care of myself, how", "I want to off myself"),
    ("I pass out church bulletins", "I pass out in church"),
    ("sooner a thin needle than a knife", "sooner the knife tonight, I have it in my hand"),
    (
        "my wife would be better off with other insurance",
        "she'd be better off with the payout, not me",
    ),
    ("overdosed my basil with fertiliser", "overdosed my baby with medicine"),
    ("scar tissue or blood, what is a knot", "blood in the tissue when I cough"),
    # "But" is no buttock, "of" is no "off", a year is no length of a fit.
    ("but did Jon Snow stay dead", "my butt feels dead and numb"),
    ("my last fit was in 1999", "the fit is lasting five min"),
    # Somebody else's words are quoted, and it is said whose.
    (
        'which song goes "I can\'t feel my face", stuck in my head',
        'the song was over and my wife said "I can\'t feel my face"',
    ),
    ("how do you say he lost consciousness in the past tense", "how do you say it, he passed out"),
    ("homework: how to say she had a seizure", "homework can wait, she is having a seizure"),
    # A form names it and nobody has it.
    ('your checklist has "fits" and "stroke", I tick none', 'checklist says "stroke": I tick yes'),
    ("Question 14, chest pain yes or no. I put no.", "Question 14, chest pain: yes I have it"),
    (
        "the history section lists coughing blood, do I skip it",
        "the history section is done and I am coughing blood",
    ),
    (
        "I signed a thing that listed pneumothorax, is that all",
        "I signed a thing, and I have chest pain",
    ),
    # A trifle is made the cause.
    ("Rent went up and I about keeled over", "rent is due and I'm about to keel over"),
    ("tax season has me gasping", "tax season and I am gasping"),
    ("you spared me a stroke over that form", "I had a stroke filling in that form just now"),
    ("nearly fainted at the price", "nearly fainted at the till, the price list was going round"),
    ("I nearly fainted, a machine with manners", "I nearly fainted at the rowing machine"),
    ("overdosed on marzipan at my nan's", "overdosed on marzipan pills"),
    # Something cured it.
    ("the operation cured my chest pain", "the operation never cured my chest pain"),
    # An old illness that is under control.
    ("angina, stable, ten years now", "angina, stable ten years and now my chest is tight"),
    ("in med school I had a seizure", "in med school, I have chest pain"),
    ("stroke club meets at two", "stroke club at two, one man is slurring and his face droops"),
    # Needles do it, as ever.
    (
        "whenever I get shots I pass out, can I lie down",
        "whenever I get shots I pass out, as today",
    ),
    ("needles make me pass out, put me under?", "needles make me pass out and I just passed out"),
    ("she keeled over at her last flu shot", "she keeled over at her flu shot just now"),
    ("fainted at mass, summer of 98", "fainted at mass this summer, still on the floor"),
    ("lost my dad to an overdose in June", "lost my dad, and I took an overdose in my room"),
    ("my late husband collapsed in church", "my late husband is gone, and I collapsed in church"),
    # A stranger, a question put once more, a title, a device.
    (
        "girl at my gym said her cousin's lung collapsed, how often does that happen",
        "girl at my gym collapsed, how do I help",
    ),
    ("what are the signs of a stroke again?", "is it happening again? chest pain"),
    ("tell me the lyrics of Suicide is Painless", "the story of my suicide, I took the pills"),
    ("I treat patients who can't breathe, my knees ache", "patients here, we can't breathe"),
    ("Alexa keeps saying call 911", "Alexa is broken, call 911"),
    ("my ICD never once fired", "my ICD never fired until this morning"),
    # What asks is no call for help.
    (
        "would a needle be able to cause a stroke",
        "would you be able to come, he is having a stroke",
    ),
    ("what if I stop breathing when I lie face down", "what if I stop breathing, I am wheezing"),
    # Nothing is a denial of what follows it, and of nothing else.
    ("nothing numb, just one arm tired", "nothing helps, my one arm went numb"),
    ("my head no longer feels like a bomb", "no, my head feels like a bomb, worst headache ever"),
    # A stiff shoulder.
    (
        "can't raise my left arm over my head to comb my hair",
        "suddenly can't raise my left arm to comb my hair",
    ),
]


@pytest.mark.parametrize(("calm", "danger"), PAIRS)
def test_what_only_sounds_like_danger_raises_nothing(calm: str, danger: str) -> None:
    assert assess(calm).acuity not in GRAVE
    assert assess(danger).acuity in GRAVE


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("translate to French: the patient lost consciousness", Context.IDIOM),
        ("I read that someone's lung collapsed", Context.OTHER_HISTORY),
        ("for my exam: signs of an unresponsive adult", Context.HYPOTHETICAL),
    ],
)
def test_the_sense_is_told(text: str, meant: Context) -> None:
    assert {finding.context for finding in assess(text).findings} == {meant}


@pytest.mark.parametrize(
    "text",
    [
        "med student, chest pain, which hospital",
        "heard about you from a friend, chest pain and sweating",
        "bleeding at 20 weeks pregnant",
        "passed out at 20 past nine",
        "the chainsaw slipped and won't stop bleeding",
        "can't lift my arm to comb my hair and my face droops",
        "I put the pillow down. I'm frightened of myself.",
        "nothing left, I want to die",
        "I cannot get to the end of a sentence without stopping for air",
        "not a big cough, but the tissue comes away pink each time",
        "worst headache of my whole life, never had one",
        "Form: ticked chest pain, not sure who reads it",
        "some athlete at our gym collapsed, he is not breathing",
        "breathing easier than this morning but my chest is still tight",
        "the heater is on and my wife won't wake up",
        "I sit in the shed with the door shut and the key in my hand",
    ],
)
def test_a_cue_beside_real_danger_silences_nothing(text: str) -> None:
    assert assess(text).acuity in GRAVE


def test_what_is_fine_never_silences_what_is_not() -> None:
    found = assess("breathing is fine, no chest pain, but the area's puffy and warm since Sunday")
    assert found.acuity is Acuity.URGENT
    # The classifier's danger, whatever it is of, stands beside the sign that is left.
    shares = {"emergency": 0.998, "side-effects": 0.002}
    assert verdict(found, "emergency", 0.998, shares, Trust()).intent == "urgent"


def test_an_is_that_was_cut_short_is_read() -> None:
    assert assess("my throat's swelling").acuity is Acuity.EMERGENCY


@pytest.mark.parametrize("danger", [0.0, 0.05])
def test_low_spirits_beside_a_denied_wish_to_die_are_never_less_than_urgent(danger: float) -> None:
    found = assess("I don't want to die, I just want my life back, I'm so down")
    shares = {"out_of_scope": 1 - danger, "urgent": danger}
    assert verdict(found, "out_of_scope", 1 - danger, shares, Trust()).intent == "urgent"


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("you needled it today, feels like a mule kicked it", True),
        ("you needled it today, feels like a mule kicked my chest", False),
        ("feels like a mule kicked it", False),
    ],
)
def test_soreness_after_a_treatment_is_likened(text: str, explained: bool) -> None:
    assert assess(text).explained is explained


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("walk me through it, start to finish", True),
        ("walk me through it, he's unconscious on the floor", False),
        ("I'm a planner", False),
    ],
)
def test_a_request_without_an_alarming_word_counts_as_a_question(text: str, asks: bool) -> None:
    assert (Sign.ASKS in assess(text).signs) is asks


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("estoy dando pecho, se siente igual?", True),
        ("me duele el pecho, se siente igual?", False),
        ("do get me a living breathing person", True),
        ("do get me a living breathing person, he stopped breathing", False),
    ],
)
def test_a_figure_of_speech_explains_its_own_words_alone(text: str, explained: bool) -> None:
    assert assess(text).explained is explained
