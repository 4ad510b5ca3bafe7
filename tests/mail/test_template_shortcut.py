"""The short way through a template ends where the thorough way does: the same text, the same gaps, the same
refusal.
"""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadterra.mail.template_filters import FILTERS
from leadterra.mail.templates import RenderError, Template, TemplateError, compile_template

SHORT = [
    "no Liquid at all",
    "Hi {{ firstName }},",
    "{{ sender.name }} of {{ company | default: 'your company' }}",
    "{{ firstName | strip | capitalize | truncate: '9' | default: '<b>' | append: '!' }}",
    "{% echo firstName %}{{ custom['a b'] }}",
]
THOROUGH = [
    "{% if company %}at {{ company }}{% endif %}",
    "{% assign x = firstName %}{{ x }}",
    "{{ firstName | append: lastName }}",
    "{{ 'constant' }}",
    "{{ list[0] }}",
    "{{ firstName | default: '' }}",
    "{{ firstName | default: false, allow_false: true }}",
    "{{ firstName }}" * 500,
]

names = st.sampled_from(
    ["a", "b", "c", "a.b", "b['x y']", "c.d.e", "a.size", "a.first", "missing", "now", "forloop"]
)
literals = st.sampled_from(
    ["'friend'", "''", "'<i>'", "' '", "'é😀'", "'%Y'", "3", "a", "nil"]
) | st.integers(0, 99).map(lambda number: f"'{'x' * number}'")
filters = st.builds(
    lambda name, arguments: f" | {name}{':' if arguments else ''} {', '.join(arguments)}",
    st.sampled_from(sorted(FILTERS))
    | st.sampled_from(["default", "default", "strip", "upcase", "replace", "truncate"]),
    st.lists(literals, max_size=2),
)
outputs = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["{{ ", "{{- "]),
    names,
    st.lists(filters, max_size=3).map("".join),
    st.just(" }}"),
)
texts = st.text(st.characters(codec=None), max_size=8).filter(lambda text: "{" not in text)
sources = st.lists(texts | outputs | st.just("\n  "), max_size=6).map("".join)
hostile = st.sampled_from(
    [
        "",
        " ",
        "<script>\"'&",
        "{{ a }}",
        "\ud800",
        "\x00",
        "x" * 1024,
        "x" * 1025,
        "&" * 70_000,
        "0",
        "now",
        "a,b",
    ]
)
plain = hostile | st.text(st.characters(codec=None), max_size=10)
values = plain | st.none() | st.booleans() | st.integers() | st.floats()
nested = (
    values
    | st.lists(values, max_size=2)
    | st.dictionaries(st.sampled_from(["b", "d", "x y", "size"]), values)
)
contexts = st.dictionaries(st.sampled_from(["a", "b", "c"]), nested | st.dictionaries(st.just("d"), nested))


def outcome(template: Template, variables: dict[str, object], *, thoroughly: bool) -> object:
    """What a rendering says, or why it refuses."""
    try:
        return template.render_thoroughly(variables) if thoroughly else template.render(variables)
    except RenderError as error:
        return error.message


@settings(max_examples=200, deadline=None)
@given(sources, contexts, st.booleans())
@example("{{ a | strip | default: 'friend' }}", {"a": " "}, True)
@example("{{ a | default: 'x' | default: 'y' }}", {"a": "\ud800"}, True)
@example("{{ a }}" * 90 + "{{ b | replace: 'x', 'yyyyyyyyyyyy' }}", {"a": "&" * 1024, "b": "x" * 1024}, True)
@example("{{ a | escape | escape }}{{ a.b }}", {"a": {"b": 0}}, True)
def test_both_ways_end_alike(source: str, variables: dict[str, object], html: bool) -> None:
    """Whatever strangers write, and whatever their values are."""
    try:
        template = compile_template(source, html=html)
    except TemplateError:
        return
    assert outcome(template, variables, thoroughly=False) == outcome(template, variables, thoroughly=True)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_filter_ends_alike(name: str) -> None:
    """Alone, and before and after another, with any number of arguments that it takes."""
    for arguments in ("", ": 'a'", ": 'a', 'b<'", ": '2'"):
        for chain in (
            f"{name}{arguments}",
            f"{name}{arguments} | upcase",
            f"append: '<a> &amp; 2' | {name}{arguments}",
        ):
            for html in (True, False):
                check(f"{{{{ x | {chain} }}}}.", html=html)


def check(source: str, *, html: bool) -> None:
    """Raise AssertionError unless a template, if it is one, ends alike with values of every kind."""
    try:
        template = compile_template(source, html=html)
    except TemplateError:
        return
    for value in ("", "a", "  <A> b\n&amp; é ", "2025-01-15", "12.5", None, 3, True, ["a", "b"], {"a": "b"}):
        variables: dict[str, object] = {"x": value}
        assert outcome(template, variables, thoroughly=False) == outcome(template, variables, thoroughly=True)


@pytest.mark.parametrize("source", SHORT)
def test_a_template_of_text_and_values_goes_the_short_way(source: str) -> None:
    """Most letters are no more than that."""
    shortcut = compile_template(source, html=True).shortcut
    variables = {"firstName": "Ann", "sender": {"name": "Jo"}, "custom": {"a b": "x"}}
    assert shortcut is not None
    assert shortcut.render(variables) is not None


@pytest.mark.parametrize("source", THOROUGH)
def test_a_template_that_does_more_goes_the_thorough_way(source: str) -> None:
    """It decides, assigns, computes, or could pass a limit with the longest values that go the short way."""
    assert compile_template(source, html=True).shortcut is None


@pytest.mark.parametrize("value", [3, False, ["a"], {"a": 1}, "x" * 1025])
def test_a_value_that_is_no_short_text_goes_the_thorough_way(value: object) -> None:
    """How it is written, and what it costs, is known there."""
    shortcut = compile_template("{{ x }}", html=True).shortcut
    assert shortcut is not None
    assert shortcut.render({"x": value}) is None


def test_a_template_near_the_limit_of_the_output_goes_the_thorough_way() -> None:
    """It counts what is written; here the longest values that go the short way could pass the limit."""
    text = "😀" * 200_000
    assert compile_template(f"{text}{'{{ a }}' * 40}", html=True).shortcut is not None
    assert compile_template(f"{text}{'{{ a }}' * 60}", html=True).shortcut is None
