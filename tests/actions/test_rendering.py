"""What a step says to one lead."""

import pytest

from leadterra.actions.rendering import compile_step, variables_of
from leadterra.domain.lead import Person
from leadterra.mail.letter import Mailbox
from leadterra.mail.templates import TemplateError

ADA = Person(
    "ada@example.com",
    "Ada",
    None,
    "A&B",
    "",
    custom_fields={"plan": "pro", "size": 5, "none": None, "email": "x", "sender": "y"},
)
BOB = Mailbox("Bob", "bob@acme.test")


def test_absent_and_empty_fields_are_missing() -> None:
    """A name that is not there, a title that is empty, a custom field that is null."""
    step = compile_step("{{ firstName }}{{ lastName }}", "{{ jobTitle }}{{ none }}{{ size }}", None)

    rendered = step.render(variables_of(ADA, BOB, "http://u"))

    assert rendered.missing == ("lastName", "jobTitle", "none")
    assert (rendered.subject, rendered.html) == ("Ada", "5")


def test_custom_fields_never_shadow_the_standard_names() -> None:
    """Neither the address nor the sender."""
    step = compile_step(
        "{{ email }} {{ sender.name }} {{ sender.email }} {{ plan }}", "{{ unsubscribeUrl }}", None
    )

    rendered = step.render(variables_of(ADA, BOB, "http://u"))

    assert (rendered.subject, rendered.html) == ("ada@example.com Bob bob@acme.test pro", "http://u")


@pytest.mark.parametrize(("body_text", "text"), [(None, "Hello A&B"), ("Dear {{ company }}", "Dear A&B")])
def test_the_plain_body_is_made_from_the_html_unless_it_is_given(body_text: str | None, text: str) -> None:
    """HTML escapes, text does not."""
    rendered = compile_step("s", "<p>Hello <b>{{ company }}</b></p>", body_text).render(
        variables_of(ADA, BOB, "")
    )

    assert (rendered.html, rendered.text.strip()) == ("<p>Hello <b>A&amp;B</b></p>", text)


def test_html_whose_liquid_stands_in_tags_gives_its_text_when_it_is_rendered() -> None:
    """The template alone cannot tell what will be read."""
    step = compile_step(
        "s", "<div {% if plan %}style='display:none'{% endif %}>secret</div><p>seen</p>", None
    )

    assert step.render(variables_of(ADA, BOB, "")).text.strip() == "seen"


def test_a_template_that_cannot_be_compiled_raises() -> None:
    """Whichever of the three it is."""
    for words in (("{{", "x", None), ("x", "{% if %}", None), ("x", "x", "{{ a | nosuch }}")):
        with pytest.raises(TemplateError):
            compile_step(*words)
