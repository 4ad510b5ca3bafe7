"""A step's templates, and what they say to one lead. Preview and delivery call the same functions.

Compiling raises `mail.templates.TemplateError`. Rendering raises `RenderError` when a template passes its
limits for that lead. A variable that the lead does not have renders as nothing and is reported in
`missing`; whether that holds the lead back is the campaign's choice.
"""

from dataclasses import dataclass

from leadterra.domain.lead import Person
from leadterra.mail.headers import one_line
from leadterra.mail.letter import Mailbox
from leadterra.mail.plaintext import text_from_html, text_template_from_html
from leadterra.mail.templates import Rendered, Template, TemplateError, compile_template
from leadterra.store.claims import ClaimedRow


@dataclass(frozen=True, slots=True)
class RenderedStep:
    """A step's words for one lead.

    subject: one line, without `Re:`; empty where the step leaves it to its thread. html, text: the bodies.
    missing: names of the variables that were asked for and absent, each once, in the order of their
    appearance.
    """

    subject: str
    html: str
    text: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepTemplates:
    """The compiled templates of one step; safe to keep and share.

    text: None makes the plain body from each rendered HTML.
    """

    subject: Template
    html: Template
    text: Template | None

    def render(self, variables: dict[str, object]) -> RenderedStep:
        """What this step says, given the variables of `variables_of`."""
        subject, html = self.subject.render(variables), self.html.render(variables)
        text = self.text.render(variables) if self.text else Rendered(text_from_html(html.text), ())
        missing = (*subject.missing, *html.missing, *text.missing)
        return RenderedStep(
            one_line(subject.text), html.text, text.text, tuple(dict.fromkeys(missing)) if missing else ()
        )


def compile_step(subject: str, body_html: str, body_text: str | None) -> StepTemplates:
    """Compile a step's words once, and keep the result by them. Raises `TemplateError`."""
    return StepTemplates(
        subject=compile_template(subject, html=False),
        html=compile_template(body_html, html=True),
        text=_derived_text(body_html) if body_text is None else compile_template(body_text, html=False),
    )


def _derived_text(body_html: str) -> Template | None:
    """The plain body's template, made from the HTML's once; None where only the rendered HTML can tell."""
    source = text_template_from_html(body_html)
    try:
        return None if source is None else compile_template(source, html=False)
    except TemplateError:
        return None


def variables_of(
    person: Person | ClaimedRow, sender: Mailbox | None, unsubscribe_url: str
) -> dict[str, object]:
    """What templates may use. An absent or empty field is left out, so that it counts as missing; custom
    fields never shadow the standard names. sender: None while it is not known who will write.
    """
    variables: dict[str, object] = {
        key: value
        for key, value in person.custom_fields.items()
        if value is not None and value != "" and key not in _STANDARD
    }
    if person.first_name:
        variables["firstName"] = person.first_name
    if person.last_name:
        variables["lastName"] = person.last_name
    if person.company:
        variables["company"] = person.company
    if person.job_title:
        variables["jobTitle"] = person.job_title
    if person.time_zone:
        variables["timeZone"] = person.time_zone
    variables["email"] = person.email
    variables["unsubscribeUrl"] = unsubscribe_url
    if sender:
        variables["sender"] = {"name": sender.name, "email": sender.address}
    return variables


_STANDARD = frozenset(
    ("firstName", "lastName", "company", "jobTitle", "timeZone", "email", "sender", "unsubscribeUrl")
)
