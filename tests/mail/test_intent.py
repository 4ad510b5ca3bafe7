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
