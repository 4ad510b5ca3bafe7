"""What a reply means: short answers and long ones, in many languages, and never a wrong way round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.finding import Classification
from leadterra.mail.intent import Intent, judge_intent
from tests.support.reply_samples import SAMPLES

LABELLED = [(text, meaning) for meaning, texts in SAMPLES.items() for text in texts]


@pytest.mark.parametrize(("text", "meaning"), LABELLED)
def test_a_reply_means_what_its_label_says(text: str, meaning: str) -> None:
    """385 answers as people write them, in 18 languages."""
    assert judge_intent(text, "Re: a question") == Intent(
        Classification(meaning), judge_intent(text, "").referral, judge_intent(text, "").evidence
    )


@pytest.mark.parametrize("text", [text for text in SAMPLES["referral"] if "@acme" in text])
def test_a_referral_names_its_address(text: str) -> None:
    """The address that stands beside the words of turning to somebody."""
    assert (judge_intent(text, "").referral or "").endswith("@acme.example")


def test_evidence_is_what_was_read() -> None:
    """People can see which words decided."""
    assert (
        judge_intent("We are not interested.", "").evidence[0] == '"not interested" reads as not_interested'
    )


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Not interested. Please remove me.", Classification.UNSUBSCRIBE),
        ("Not interested, but write to my colleague bob@acme.example", Classification.REFERRAL),
        ("Not interested, thanks. Sounds good though.", Classification.NOT_INTERESTED),
        ("Please don't stop writing to me", Classification.OTHER),
        ("I am interested. I did not unsubscribe by accident, did I?", Classification.INTERESTED),
        ("Please send the details to anna@lead.example", Classification.INTERESTED),
    ],
)
def test_the_graver_meaning_is_heard_first(text: str, meaning: Classification) -> None:
    """No more letters, somebody else, no, yes: in this order; a negation turns it."""
    assert judge_intent(text, "").classification is meaning


@pytest.mark.parametrize(
    "text",
    [
        "See attachment.",
        "Is this legal under GDPR?",
        "I'd like to know where you got my address.",
        "I am interested in knowing where you got my data.",
        "How did you get hold of my work e-mail?",
        "Please contact your legal department.",
        "Please do not call, email is fine.",
        "Don't contact me by phone, write.",
        "We would like to see fewer emails.",
        "No need to apologise.",
        "How much do you earn?",
        "Please send me nothing.",
        "Please send your invoice to accounting@acme.example.",
        "Gmail marked this as spam.",
        "Can it stop this kind of attack?",
        "We want to stop the churn.",
        "Do you offer an opt-out?",
        "How do you handle GDPR requests?",
        "Do you delete our data after the trial?",
        "If we are interested, we will contact you.",
        "Bei Interesse melden wir uns.",
        "Did you delete the file?",
        "Es wäre gut, wenn Sie nächstes Mal vorher fragen.",
        "Je n'ai pas envie d'échanger.",
        "Je suis la bonne personne.",
        "Soy la persona adecuada.",
        "Possiamo anche dire di no.",
        "Ik wil graag dat u stopt.",
        "Wir haben schon gestern geantwortet.",
        "Mich würde interessieren, woher Sie meine Daten haben.",
        "Morgen geht es nicht.",
        "Rufen Sie mich nicht an.",
        "Ist das DSGVO-konform?",
        "J'ai déjà répondu hier.",
        "J'aimerais savoir comment vous avez eu mon adresse.",
        "Merci de ne pas appeler.",
        "Je suis en rendez-vous.",
        "Je vais en parler à mon associé.",
        "Estamos en reunión.",
        "Quiero saber de dónde sacaron mis datos.",
        "¿Cuánto tiempo más me va a escribir?",
        "Queremos quedarnos con nuestro proveedor.",
        "Vorrei sapere dove avete preso la mia email.",
    ],
)
def test_what_only_sounds_like_a_wish_is_other(text: str) -> None:
    """Who is taken for a buyer by a turn of phrase, or for one who wants no letters, is misread at a cost."""
    assert judge_intent(text, "Re: a question").classification is Classification.OTHER


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("I'd like to know where you got my address. Remove me.", Classification.UNSUBSCRIBE),
        ("I would be happy never to hear from you again.", Classification.UNSUBSCRIBE),
        ("Ich würde mich freuen, nie wieder von Ihnen zu hören.", Classification.UNSUBSCRIBE),
        ("Me gustaría que no me molestaran.", Classification.UNSUBSCRIBE),
        ("Stop this now!", Classification.UNSUBSCRIBE),
        ("Stop all these mails.", Classification.UNSUBSCRIBE),
        ("I have marked this as spam.", Classification.UNSUBSCRIBE),
        ("Don't call me by phone, but please send me more information.", Classification.INTERESTED),
        ("Das interessiert mich nicht.", Classification.NOT_INTERESTED),
        ("Es wäre gut, wenn Sie mir mehr Informationen schicken.", Classification.INTERESTED),
        ("Vorrei saperne di più.", Classification.INTERESTED),
        ("Quiero saber más.", Classification.INTERESTED),
    ],
)
def test_a_meaning_beside_such_a_turn_of_phrase_is_heard(text: str, meaning: Classification) -> None:
    """Only the phrase itself is taken out."""
    assert judge_intent(text, "Re: a question").classification is meaning


@pytest.mark.parametrize(
    ("subject", "meaning"),
    [
        ("unsubscribe", Classification.UNSUBSCRIBE),
        ("STOP", Classification.UNSUBSCRIBE),
        ("Abmelden", Classification.UNSUBSCRIBE),
        ("Re: unsubscribe", Classification.OTHER),
        ("How people unsubscribe from things", Classification.OTHER),
    ],
)
def test_a_subject_of_its_own_counts(subject: str, meaning: Classification) -> None:
    """What mailto links write; not what an answer repeats."""
    assert judge_intent("", subject).classification is meaning


@pytest.mark.parametrize(
    "text",
    [
        "I'm not sure I understand.",
        "Make sure we have your address.",
        "I can't do Tuesday.",
        "Mandates and info are kept by our environment office.",
        "He passed the info on.",
        "The facilities have information desks.",
        "We wrote the scope including taxes with the team.",
        "It is filed. If you have any questions, please contact me.",
        "Delivered by ses.example.com",
    ],
)
def test_words_of_interest_within_others_say_nothing(text: str) -> None:
    """Half a word of another language, a denial, and how letters politely end."""
    assert judge_intent(text, "").classification is Classification.OTHER


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("I don't think it's a fit.", Classification.NOT_INTERESTED),
        ("Por favor, no me envíen más correos.", Classification.UNSUBSCRIBE),
        ("Прошу больше не писать мне.", Classification.UNSUBSCRIBE),
        ("Sarah Kent now looks after buying: sarah@acme.example", Classification.REFERRAL),
        ("Por favor, mándenme los precios", Classification.INTERESTED),
        ("Me mande mais detalhes", Classification.INTERESTED),
        ("Inviatemi il listino", Classification.INTERESTED),
        ("How about 3?", Classification.INTERESTED),
    ],
)
def test_more_ways_to_say_it(text: str, meaning: Classification) -> None:
    """Wishes in the forms of their languages."""
    assert judge_intent(text, "").classification is meaning


@pytest.mark.parametrize("text", ["", " ", "\n", "....", "\U0001f600", "\u200b", ">", "@", "a@b", "é" * 10])
def test_what_says_nothing_is_other(text: str) -> None:
    """Nothing is guessed."""
    assert judge_intent(text, text).classification is Classification.OTHER


@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_has_a_meaning(text: str, subject: str) -> None:
    """Never an exception, whatever the characters."""
    assert isinstance(judge_intent(text, subject), Intent)


@pytest.mark.parametrize(
    "unit", ["please ", "not ", "I am not ", "a@b.c ", "remove me ", "no ", "@", "a.", "'"]
)
def test_endless_text_is_read_in_its_beginning(unit: str) -> None:
    """A megabyte costs what four thousand characters cost."""
    long = judge_intent(unit * 300_000, unit * 10_000)
    assert long.classification is judge_intent((unit * 4_000)[:4_000], unit * 100).classification
