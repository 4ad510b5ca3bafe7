"""What is seen of an HTML letter that came: lines, with quotes and signatures marked; no failure on any
input.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.reply_html import MOST_CHARACTERS, text_of_html
from leadterra.mail.reply_text import split_reply

READ = {
    "": "",
    " \n": "",
    "hello": "hello",
    "<p>one</p><p>two</p>": "one\n\ntwo",
    "<div>one</div><div>two</div>": "one\ntwo",
    "<div>one</div><div><br></div><div>two</div>": "one\n\ntwo",
    "one<br>two<br><br><br>three": "one\ntwo\n\nthree",
    "<ul><li>a</li><li>b</li></ul><ol><li>c</li><li>d</li></ol>": "- a\n- b\n\n1. c\n2. d",
    'see <a href="https://a.example/x">here</a>': "see here",
    "a&nbsp;b &amp;lt; &euro;": "a b &lt; €",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc",
    "<pre>a  b\n  c</pre>": "a  b\n  c",
    "<style>p{}</style><script>x()</script><title>t</title><!-- c -->a": "a",
    '<div style="display:none">preheader</div>a': "a",
    '<span style="font-size:0px">x</span><span hidden>y</span>a': "a",
    '<span style="font-size:0.9em">seen</span>': "seen",
    "<blockquote>a<br>b</blockquote>c": "> a\n> b\n\nc",
    "<blockquote>a<blockquote>b</blockquote></blockquote>": "> a\n>\n> > b",
    '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">indented</blockquote>': "indented",
    "😀\ud800\x00": "😀",
}
CLIENTS = {
    "Gmail": '<div dir="ltr">Yes</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On '
    "Mon, 2 Mar 2026 "
    'at 10:00, Tom &lt;<a href="mailto:tom@s.example">tom@s.example</a>&gt; wrote:<br></div><blockquote '
    'class="gmail_quote">'
    "Hi</blockquote></div>",
    "Gmail with a signature": '<div>Yes</div><div><div dir="ltr" class="gmail_signature" '
    'data-smartmail="gmail_signature">'
    "Anna Lee<br>Acme</div></div><br><div class=gmail_quote>On 2 Mar 2026 Tom "
    "wrote:<blockquote>Hi</blockquote></div>",
    "Outlook for Windows": '<div class="WordSection1"><p class="MsoNormal">Yes<o:p></o:p></p><div><div '
    'style="border:none;'
    'border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>From:</b> Tom '
    "&lt;tom@s.example&gt;<br>"
    "<b>Sent:</b> Monday<br><b>To:</b> Anna<br><b>Subject:</b> Q</p></div></div><p>Hi</p></div>",
    "Outlook on the web": "<div>Yes</div><div id=Signature><p>Anna Lee</p></div><div "
    "id=appendonsend></div><hr><div id="
    "divRplyFwdMsg dir=ltr><font><b>From:</b> Tom<br><b>Sent:</b> Monday</font></div><div>Hi</div>",
    "Outlook for iOS": '<div>Yes</div><div id="ms-outlook-mobile-signature">Get Outlook for '
    "iOS</div><hr><div id="
    '"divRplyFwdMsg"><b>From:</b> Tom</div><div>Hi</div>',
    "Thunderbird": '<p>Yes</p><div class="moz-signature">-- <br>Anna</div><div class="moz-cite-prefix">On '
    "02/03/2026 10:00, "
    'Tom wrote:<br></div><blockquote type="cite">Hi</blockquote>',
    "Apple Mail": "<div>Yes</div><div><br><blockquote type=cite><div>On 2 Mar 2026, at 10:00, Tom "
    "wrote:</div><br><div>Hi</div>"
    "</blockquote></div>",
    "Yahoo": '<div>Yes</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Monday, Tom '
    "wrote:</div><div>Hi</div></div>",
    "Proton": '<div>Yes</div><div class="protonmail_signature_block"><div '
    'class="protonmail_signature_block-user">Anna</div>'
    '</div><div class="protonmail_quote">On Monday, Tom wrote:<br><blockquote '
    "type=cite>Hi</blockquote></div>",
    "Zimbra": '<div>Yes<br><br><hr id="zwchr"><b>From: </b>tom@s.example<br><b>To: </b>anna<br><b>Sent: '
    "</b>Monday<br>Hi</div>",
    "GMX": '<div>Yes</div><div name="quote"><div><b>Gesendet:</b> Montag, 2. März 2026 um 10:00 '
    "Uhr<br><b>Von:</b> Tom "
    "&lt;tom@s.example&gt;<br><b>An:</b> Anna<br><b>Betreff:</b> Frage</div><div>Hi</div></div>",
    "mail.ru": "<div>Yes</div><br><blockquote>Понедельник, 2 марта 2026, 10:00 +03:00 от Tom "
    "&lt;tom@s.example&gt;:<div>Hi</div>"
    "</blockquote>",
}


@pytest.mark.parametrize(("html", "text"), READ.items())
def test_html_reads_as_lines(html: str, text: str) -> None:
    """Blocks, lists, links as their words, entities; nothing that is not shown; quotes marked."""
    assert text_of_html(html) == text


@pytest.mark.parametrize("html", CLIENTS.values(), ids=CLIENTS)
def test_clients_quotes_and_signatures_are_known(html: str) -> None:
    """What is left of a client's letter is what its writer wrote."""
    assert split_reply(text_of_html(html)).new == "Yes"
    assert "Hi" in split_reply(text_of_html(html)).quoted


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "<div>",
            "<blockquote>",
            "<blockquote>a",
            "<p>",
            "<ul><li>",
            "<pre>\n",
            "<b>",
            "&nbsp;",
            "a<br>",
            "<td>",
        ),
        *(
            "<",
            "<!--",
            "&#x",
            "<div id=Signature>",
            "<div class=gmail_quote>",
            "<hr>",
            "<style>",
            "&amp;",
            "</div>",
        ),
        *(
            '<div style="' + "font-size:" * 40 + '">',
            "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
            "\x00",
            "<?a",
            "<![CDATA[",
        ),
    ],
)
def test_a_megabyte_of_anything_is_read(unit: str) -> None:
    """It comes back at all; at quadratic cost each of these would take minutes. No line is quoted without
    end.
    """
    text = text_of_html(unit * (1_000_000 // len(unit)))
    assert max((line.count("> ") for line in text.splitlines()), default=0) <= 20


def test_an_entity_of_the_letters_own_is_not_expanded() -> None:
    """No bomb, no file."""
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c SYSTEM "file:///etc/hostname">]><p>&b;&c;ok</p>'
    assert "bbbb" not in text_of_html(bomb).replace('"bbbb"', "")


def test_what_is_past_the_limit_is_left_out() -> None:
    """A reply of more is no person's."""
    assert "end" not in text_of_html("<p>" + "a " * MOST_CHARACTERS + "end")


@given(
    st.lists(
        st.sampled_from(
            ["<div>", "</div>", "<blockquote>", "</blockquote>", "<br>", "<li>", "<hr>", "</p>", "<pre>"]
        )
        | st.text(max_size=8)
    ).map("".join)
)
def test_any_html_can_be_read(html: str) -> None:
    """Never an exception, never two blank lines, no blanks at an end."""
    text = text_of_html(html)
    assert "\n\n\n" not in text
    assert text == text.strip("\n")
