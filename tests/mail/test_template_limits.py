"""Template bombs: each ends in a clear error at once, in bounded memory.

Unbounded, each would take minutes or gigabytes.
"""

import pytest

from leadterra.mail.templates import RenderError, TemplateError, compile_template

VALUES = {
    "n": 10**12,
    "b": "b",
    "big": "a" * 60_000,
    "many": [str(number) for number in range(20_000)],
    "huge": "x" * 1_000_000,
    "open": "<" * 60_000,
    "day": "2025-01-15",
}

NESTED_LOOPS = "".join(f"{{% for v{depth} in (1..100) %}}" for depth in range(10)) + "x" + "{% endfor %}" * 10
NESTED_CASES = ("{% case 1 %}{% when " + ",".join("1" * 500) + " %}") * 15 + "{% endcase %}" * 15

TOO_MUCH_TO_RENDER = {
    "endless range": "{% for i in (1..10000000) %}x{% endfor %}",
    "endless range of a value": "{% for i in (1..n) %}x{% endfor %}",
    "range beyond the word size": f"{{% for i in (1..{'9' * 3900}) %}}x{{% endfor %}}",
    "endless range reversed": "{% for i in (1..100000000000) reversed %}x{% endfor %}",
    "endless range stepped over": "{% for i in (1..99999999999) offset:99999999990 limit:1 %}x{% endfor %}",
    "nested loops": NESTED_LOOPS,
    "nested empty loops": "{% for i in (1..300) %}{% for j in (1..300) %}{% for k in (1..300) %}{% endfor %}"
    "{% endfor %}{% endfor %}",
    "loops in a row": "{% for i in (1..20000) %}{% endfor %}" * 1000,
    "cases that match often": NESTED_CASES,
    "many branches in a loop": "{% for i in (1..40000) %}{% if a %}"
    + "{% elsif b contains c %}" * 1000
    + "{% endif %}"
    "{% endfor %}",
    "doubling by replace": "{% assign a = 'x' %}" + "{% assign a = a | replace: 'x', 'xxxxxxxxxx' %}" * 30,
    "doubling in one chain": "{{ 'x'" + " | replace: 'x', 'xxxxxxxxxx'" * 100 + " }}",
    "doubling by append": "{% assign a = 'xxxx' %}" + "{% assign a = a | append: a %}" * 60,
    "doubling by capture": "{% assign a = 'xxxx' %}" + "{% capture a %}{{a}}{{a}}{% endcapture %}" * 60,
    "doubling by concat": "{% assign a = many %}" + "{% assign a = a | concat: a %}" * 60,
    "squaring numbers": "{% assign a = 9 %}" + "{% assign a = a | times: a %}" * 60,
    "replacing everything by much": "{{ big | replace: 'a', big }}",
    "joining by much": "{{ many | join: big }}",
    "searching a text in a loop": "{% for i in (1..40000) %}{% if big contains b %}{% endif %}{% endfor %}",
    "searching a list in a loop": "{% for i in (1..40000) %}{% if many contains n %}{% endif %}{% endfor %}",
    "comparing all with all": "{{ many | uniq | size }}",
    "splitting much": "{{ huge | split: '' | size }}" * 50,
    "writing much": "{% for i in (1..40000) %}{{ big }}{% endfor %}",
    "wide date": "{{ day | date: '%999999999d' }}",
    "long date": "{{ day | date: big }}",
    "tags never closed in a value": "{{ open | strip_html }}" * 100,
}

TOO_MUCH_TO_COMPILE = {
    "long source": "x" * (256 * 1024 + 1),
    "many tags": "{{a}}" * 6000,
    "much in tags": ("{{ a" + " | abs" * 600 + " }}") * 60,
    "deep blocks": "{% if a %}" * 10_000,
    "deep closed blocks": "{% if a %}" * 10_000 + "{% endif %}" * 10_000,
    "deep comments": "{% comment %}" * 10_000,
    "deep paths": "{{ " + "a[" * 1300 + "b" + "]" * 1300 + " }}",
    "deep conditions": "{% if " + " and ".join(["a"] * 650) + " %}x{% endif %}",
    "open raw": "{% raw %}" * 25_000,
    "open comment with raw": "{% comment %}{% raw %}" * 10_000,
    "open doc": "{% doc %}" * 25_000,
    "open output": "{{" * 120_000,
    "open blank output": "{{" + " " * 250_000,
    "blank output": "{{ a" + " " * 3000 + "}}",
    "long expression": "{{ '" + "a" * 5000 + "' }}",
    "open ranges": "{{ " + "(" * 3900 + " }}",
}


@pytest.mark.parametrize("source", TOO_MUCH_TO_RENDER.values(), ids=TOO_MUCH_TO_RENDER.keys())
@pytest.mark.parametrize("html", [True, False], ids=["html", "text"])
def test_a_letter_that_would_never_end_is_a_render_error(source: str, html: bool) -> None:
    """It compiles: only the values, or counting, tell."""
    template = compile_template(source, html=html)
    with pytest.raises(RenderError) as refusal:
        template.render(VALUES)
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize("source", TOO_MUCH_TO_COMPILE.values(), ids=TOO_MUCH_TO_COMPILE.keys())
def test_a_source_that_would_never_parse_is_a_template_error(source: str) -> None:
    """With the line where it went wrong."""
    with pytest.raises(TemplateError) as refusal:
        compile_template(source, html=True)
    assert refusal.value.line == 1
    assert refusal.value.message.endswith(".")


def test_a_large_but_honest_letter_is_rendered() -> None:
    """The limits are far from anything that a person would send."""
    rows = [{"name": f"Item {number}", "price": number} for number in range(500)]
    source = (
        "{% for row in rows %}<p>{{ row.name | upcase }}: {{ row.price | times: 2 }}</p>{% endfor %}"
        + "x" * 100_000
    )
    assert "<p>ITEM 499: 998</p>" in compile_template(source, html=True).render({"rows": rows}).text


def test_a_long_value_can_be_written_out() -> None:
    """Values that only pass through are not limited below the output."""
    assert compile_template("{{ huge }}", html=True).render(VALUES).text == VALUES["huge"]
