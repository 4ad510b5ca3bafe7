"""Personalisation: values come in escaped where they must be, gaps are told, faults are named by line and
token.
"""

import html as stdlib_html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadterra.mail.template_filters import FILTERS
from leadterra.mail.templates import RenderError, TemplateError, compile_template

LEAD = {
    "firstName": "Ann",
    "lastName": "",
    "company": None,
    "email": "ann@example.com",
    "sender": {"name": "James", "phone": ""},
    "skills": ["Go", "SQL"],
    "visits": 3,
    "vip": False,
    "since": "2025-01-15T09:30:00Z",
}

RENDERED = {
    "Hi {{ firstName }}": "Hi Ann",
    "{{ sender.name }} {{ sender['name'] }}": "James James",
    "{{ lastName | default: 'friend' }}": "friend",
    "{{ vip }} {{ visits }} {{ visits | times: 2 | plus: 1 }}": "false 3 7",
    "{% if company %}at {{ company }}{% else %}there{% endif %}": "there",
    "{% unless vip %}no{% endunless %}": "no",
    "{% case visits %}{% when 1, 2 %}few{% when 3 %}three{% else %}many{% endcase %}": "three",
    "{% for s in skills %}{{ forloop.index }}.{{ s }} {% else %}none{% endfor %}": "1.Go 2.SQL ",
    "{% for i in (1..3) %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}": "13",
    "{% for s in skills %}{{ s }}{% break %}{% endfor %}": "Go",
    "{% assign x = firstName | upcase %}{{ x }}": "ANN",
    "{% capture x %}<{{ firstName }}>{% endcapture %}{{ x }}": "<Ann>",
    "{% comment %}{{ nothing }}{% if %}{% endcomment %}x{% # note %}": "x",
    "{% raw %}{{ firstName }}{% endraw %}": "{{ firstName }}",
    "a {%- if true -%} b {%- endif %}": "ab",
    "{% echo firstName %}": "Ann",
    "{{ since | date: '%d %B %Y' }}": "15 January 2025",
    "{{ firstName | date: '%Y' }}": "Ann",
    "{{ 'now' | date: '%Y' }}{{ now }}{{ today }}": "now",
    "{{ skills | join: ', ' }} {{ skills.size }} {{ skills[1] }} {{ skills.first }}": "Go, SQL 2 SQL Go",
    "{{ '<p>a < b</p>' | strip_html }}": "a < b",
    "{{ nothing.at.all }}{{ firstName.size.x }}": "",
}

MISSING = {
    "{{ firstName }}": (),
    "{{ lastName }} {{ company }} {{ nothing }} {{ lastName }}": ("lastName", "company", "nothing"),
    "{{ sender.name }} {{ sender.phone }} {{ sender.fax.number }}": ("sender.phone", "sender.fax.number"),
    "{{ lastName | default: 'friend' }}": (),
    "{{ lastName | upcase | default: 'friend' | append: '!' }}": (),
    "{{ lastName | default: company }}": ("lastName", "company"),
    "{{ lastName | default: firstName }}": (),
    "{{ lastName | upcase }}": ("lastName",),
    "{{ 'Dear ' | append: lastName }}": ("lastName",),
    "{% if lastName %}{{ lastName }}{% endif %}": (),
    "{% if firstName and lastName or company %}{{ lastName }}{% endif %}": (),
    "{% unless lastName %}{{ lastName }}{% endunless %}": ("lastName",),
    "{% if lastName == '' %}{{ lastName }}{% elsif firstName %}{% endif %}": ("lastName",),
    "{% if nothing == 'x' %}a{% elsif company %}b{% endif %}": (),
    "{{ vip }} {{ visits }} {{ skills }}": (),
    "{% assign x = lastName %}{{ x }}": ("lastName",),
    "{% assign x = lastName | default: 'friend' %}{{ x }}": (),
    "{% assign x = '' %}{{ x }}": (),
    "{% assign x = lastName %}unused": (),
    "{% capture x %}{{ lastName }}{% endcapture %}{{ x }}": ("lastName",),
    "{% assign x = sender %}{{ x.fax }}": ("x.fax",),
    "{% for s in nothing %}{{ s }}{% endfor %}": (),
    "{% echo company %}": ("company",),
}

FAULTS = {
    "{{ firstName": (1, "{{", "never closed"),
    "a\nb {% if x %}\nc": (2, "if", "never closed"),
    "a\n\n{% endif %}": (3, "endif", "no block is open"),
    "{% if a %}{% endfor %}": (1, "endfor", "endif"),
    "{% else %}": (1, "else", "outside"),
    "{% for a in b %}{% elsif c %}{% endfor %}": (1, "elsif", "outside"),
    "{% break %}": (1, "break", "loop"),
    "x\n{% include 'a' %}": (2, "include", "no tag"),
    "{% render 'a' %}": (1, "render", "no tag"),
    "{% extends 'a' %}": (1, "extends", "no tag"),
    "{% cycle 1, 2 %}": (1, "cycle", "no tag"),
    "{% doc %}{% enddoc %}": (1, "doc", "no tag"),
    "{% %}": (1, "{% %}", "nothing"),
    "{{ }}": (1, "{{ }}", "nothing"),
    "\n{{ a | shout }}": (2, "shout", "no filter"),
    "{{ a | safe }}": (1, "safe", "no filter"),
    "{% assign x = a | nope %}": (1, "nope", "no filter"),
    "{{ a | replace }}": (1, "replace", "arguments"),
    "{{ a | upcase: 1 }}": (1, "upcase", "arguments"),
    "{{ a | join: ', ', environment: b }}": (1, "join", "environment"),
    "{{ a b }}": (1, "b", "Expected"),
    "a\nb\n{{ a | }}": (3, "a |", "Expected"),
    "a\n{% assign = 3 %}\n": (2, "=", "Expected"),
    "{{ 'a }}": (1, "'", "Unexpected"),
    "{% if a ! b %}{% endif %}": (1, "!", "operator"),
    "{{ (1..3) | join: ',' }}": (1, "(1..3)", "range"),
    "{% if (1..9) contains a %}{% endif %}": (1, "(1..9)", "range"),
    "{% raw %}{{": (1, "raw", "never closed"),
}


@pytest.mark.parametrize(("source", "text"), RENDERED.items())
def test_a_template_is_filled_in(source: str, text: str) -> None:
    """Standard Liquid, without a clock."""
    assert compile_template(source, html=False).render(LEAD).text == text


@pytest.mark.parametrize(("source", "missing"), MISSING.items())
def test_gaps_are_told_in_order(source: str, missing: tuple[str, ...]) -> None:
    """A variable written out empty is a gap, unless `default` filled it or a condition went around it."""
    assert compile_template(source, html=True).render(LEAD).missing == missing


@pytest.mark.parametrize(("source", "fault"), FAULTS.items())
def test_a_fault_is_named_by_line_and_token(source: str, fault: tuple[int, str, str]) -> None:
    """At compile time, not when the letter is due."""
    line, token, message = fault
    with pytest.raises(TemplateError) as refusal:
        compile_template(source, html=True)
    assert (refusal.value.line, refusal.value.token) == (line, token)
    assert message in refusal.value.message


def test_a_template_tells_its_variables() -> None:
    """Those that must come from outside; not the ones that it makes."""
    source = "{{ a.b }}{% assign x = c | append: d %}{{ x }}{% for i in list %}{{ i.z }}{% endfor %}"
    source += "{% if e %}{% endif %}"
    assert compile_template(source, html=True).variables == {"a.b", "c", "d", "list", "e"}


def test_values_are_escaped_in_html_only() -> None:
    """Subjects and text are not HTML; the template's own markup is its author's."""
    source, values = "<b>{{ x }}</b>{{ '<i>' }}", {"x": "<script>\"'&"}
    assert (
        compile_template(source, html=True).render(values).text == "<b>&lt;script&gt;&#34;&#39;&amp;</b><i>"
    )
    assert compile_template(source, html=False).render(values).text == "<b><script>\"'&</b><i>"


VALUES = st.text("<>&\"'a %;=/gtl", max_size=20)


@pytest.mark.parametrize("name", sorted(FILTERS))
@given(value=VALUES, argument=VALUES)
@example(value="&lt;script&gt;", argument="&lt;")
@example(value="%3Cscript%3E", argument="%")
@example(value="<<b>script>", argument="<")
def test_no_filter_lets_markup_through(name: str, value: str, argument: str) -> None:
    """Whatever a template does to a value, `<` of the value arrives as `&lt;`."""
    for arguments in ("", ": y", ": y, y"):
        try:
            template = compile_template(
                f"{{{{ x | {name}{arguments} }}}}{{{{ list | {name}{arguments} }}}}", html=True
            )
        except TemplateError:
            continue
        try:
            text = template.render({"x": value, "y": argument, "list": [value, argument]}).text
        except RenderError:
            continue
        assert not set("<>\"'") & set(text.replace("<br />", ""))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
pieces = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{% if a %}",
        "{% endif %}",
        "{% for a in b %}",
        "{% endfor %}",
        "{{ a }}",
        "{{ b | ",
        "-%}",
        "{% else %}",
        "{% case a %}",
        "{% when 1 %}",
        "{% endcase %}",
        "{% raw %}",
        "{% endraw %}",
        "{% comment %}",
        "{{-",
        "{% assign a = b %}",
        "{% capture a %}",
        "{% endcapture %}",
        "a",
        "b",
        " | ",
        "size",
        ": 1",
        "(1..b)",
        "'",
        ".",
        "[",
    ]
) | st.sampled_from([f"{{{{ a | {name} }}}}{{{{ b | {name}: a }}}}" for name in FILTERS])


@given(
    st.lists(pieces | st.text(st.characters(codec=None), max_size=5), max_size=12).map("".join),
    json_values,
    json_values,
)
def test_any_template_and_values_end_in_text_or_a_clear_error(source: str, a: object, b: object) -> None:
    """No other exception leaves, whatever strangers write."""
    fault: TemplateError | RenderError | None = None
    try:
        compile_template(source, html=True).render({"a": a, "b": b})
    except (TemplateError, RenderError) as error:
        fault = error
    assert fault is None or fault.message
    assert not isinstance(fault, TemplateError) or 1 <= fault.line <= source.count("\n") + 1


@given(st.text(st.characters(codec="utf-8")).filter(lambda text: "{{" not in text and "{%" not in text))
def test_text_without_liquid_stays_as_it_is(text: str) -> None:
    """To the last character."""
    assert compile_template(text, html=True).render({}).text == text


@given(st.text(st.characters(codec="utf-8")))
def test_a_value_arrives_whole(value: str) -> None:
    """In text as it is, in HTML escaped."""
    assert compile_template("{{ x }}", html=False).render({"x": value}).text == value
    assert stdlib_html.unescape(
        compile_template("{{ x }}", html=True).render({"x": value}).text
    ) == stdlib_html.unescape(stdlib_html.escape(value))
