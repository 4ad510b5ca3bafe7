"""The plain alternative: what a reader of the HTML would have typed, and no failure on any input."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadterra.mail.plaintext import text_from_html, text_template_from_html
from leadterra.mail.templates import compile_template

READ = {
    "": "",
    " \n\t ": "",
    "hello": "hello\n",
    "<p>one</p><p>two</p>": "one\n\ntwo\n",
    "<p>one</p>\n\n\n<p> </p><p>two</p>": "one\n\ntwo\n",
    "a<br>b<br/>c": "a\nb\nc\n",
    "a<br><br><br>b": "a\n\nb\n",
    "<div>a</div><div>b</div>": "a\nb\n",
    "<div><div><p>a</p></div></div><div>b</div>": "a\n\nb\n",
    "  many \n\t blanks  ": "many blanks\n",
    "a&nbsp;b &amp;lt; &euro; &#128512;": "a b &lt; € 😀\n",
    "<h1>Title</h1>text": "Title\n\ntext\n",
    "<ul><li>a</li><li>b</li></ul>": "- a\n- b\n",
    "<ol><li>a</li><li><p>b</p></li></ol>after": "1. a\n2. b\n\nafter\n",
    "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>": "- a\n  - b\n- c\n",
    '<a href="https://example.com/x?a=1&amp;copy=2">here</a>!': "here (https://example.com/x?a=1&copy=2)!\n",
    '<a href="https://www.example.com/">example.com</a>': "example.com\n",
    '<a href="mailto:a@example.com">a@example.com</a>': "a@example.com\n",
    '<a href="mailto:a@example.com">Write</a>': "Write (mailto:a@example.com)\n",
    '<a href="#top">up</a> <a href="javascript:x()">run</a> <a>bare</a>': "up run bare\n",
    '<a href="https://example.com/"><img src="x.png" alt="Logo"></a>': "Logo (https://example.com/)\n",
    '<a href="https://example.com/a"><img src="x.png"></a>': "https://example.com/a\n",
    "<style>p{}</style><script>x()</script><title>t</title>a": "a\n",
    '<div style="display: none">preheader</div><p>a</p>': "a\n",
    "a<!-- no -->b<?php x ?>c": "abc\n",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d": "a b\nc\n\nd\n",
    "<pre>a  b\n  c</pre>": "a  b\n  c\n",
    "a<hr>b": "a\n\n----------\n\nb\n",
    "1 < 2 > 0": "1 < 2 > 0\n",
    "\ud800\x00a\ue003b": "ab\n",
}


@pytest.mark.parametrize(("html", "text"), READ.items())
def test_html_reads_as_text(html: str, text: str) -> None:
    """Paragraphs, lists, links and entities; nothing that is not shown."""
    assert text_from_html(html) == text


def test_long_lines_are_not_wrapped() -> None:
    """The reader's program wraps; a wrapped link is a broken one."""
    assert text_from_html(f"<p>{'word ' * 200}</p>") == "word " * 199 + "word\n"


fragments = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<li>",
            "<ul>",
            "</ul>",
            "<a href='http://x.example'>",
            "</a>",
            "<!--",
            "-->",
            "<pre>",
        ]
    )
    | st.sampled_from(
        ["</a><a>", "<table>", "<td>", "</pre>", "&", "&#x", "<", ">", "<script>", "\x00", "<?", "<![CDATA["]
    )
    | st.text(st.characters(codec=None), max_size=20)
).map("".join)


@given(fragments)
@example("</ul></pre></a></li>")
def test_any_text_can_be_read(html: str) -> None:
    """The result never has two blank lines, blanks at an end of a line, or a character that was not text."""
    text = text_from_html(html)
    assert "\n\n\n" not in text
    assert text == "" or (text.endswith("\n") and not text.startswith("\n"))
    assert not set(map(chr, range(0xE000, 0xE007))) & set(text)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10000,
        "<ul><li>" * 10000,
        "<a href='x'>" * 10000,
        "<" * 100000,
        "<script>" * 10000,
        "<!--" * 20000,
        "&#x" * 30000,
        "<pre>" + " " * 200000 + "x",
        "&nbsp;" * 40000 + "x",
        "<table><tr><td>" * 9000,
    ],
    ids=lambda html: html[:12],
)
def test_pathological_html_takes_linear_time(html: str) -> None:
    """It comes back at all; at quadratic cost each of these would take minutes."""
    assert isinstance(text_from_html(html), str)


TEMPLATES = {
    "<p>Hi {{ firstName | default: '<b>' }},</p><p>bye</p>": "Hi {{ firstName | default: '<b>' }},\n\nbye\n",
    '<a href="{{ url }}">here</a>': "here ({{ url }})\n",
    "<p>a</p>{% if x > 3 and y < 2 %}<p>b</p>{% endif %}<p>c</p>": (
        "a\n\n{% if x > 3 and y < 2 %}b\n\n{% endif %}c\n"
    ),
    "<ul>{% for i in x %}<li>{{ i }}</li>{% endfor %}</ul>": "{% for i in x %}- {{ i }}\n{% endfor %}",
    "{% raw %}{{ a }}{% endraw %}": "{% raw %}{{ a }}{% endraw %}\n",
    '<p style="color:{{ color }}">a</p>': "a\n",
}


@pytest.mark.parametrize(("source", "template"), TEMPLATES.items())
def test_a_template_keeps_its_liquid(source: str, template: str) -> None:
    """Its plain form is a template of its own; tags between paragraphs leave no empty lines behind."""
    assert text_template_from_html(source) == template


@pytest.mark.parametrize(
    "source",
    [
        "<p {% if a %}class=x{% endif %}>b</p>",
        "<style>{% if a %}p{}{% endif %}</style>b",
        "<!-- {% assign a = 1 %} -->",
    ],
)
def test_a_template_that_would_lose_a_tag_has_no_plain_form(source: str) -> None:
    """Its rendered letters are read one by one instead."""
    assert text_template_from_html(source) is None


@pytest.mark.parametrize("name", ["Ann", "<b>", "&amp;"])
def test_both_ways_to_the_text_agree(name: str) -> None:
    """Rendering the plain template gives what reading the rendered HTML gives."""
    condition = "{% if name == 'Ann' %}\n<p>Just you.</p>\n{% endif %}"
    source = f"<p>Hi {{{{ name }}}}!</p>\n{condition}\n<ul><li>x {{{{ name }}}}</li></ul>"
    template = text_template_from_html(source)
    assert template is not None
    plain = compile_template(template, html=False).render({"name": name}).text
    assert plain == text_from_html(compile_template(source, html=True).render({"name": name}).text)
