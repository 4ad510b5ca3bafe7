"""MAIL, RCPT and the content as octets: what addresses may say, what is announced, and what a dot at a line's
start becomes.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.outcomes import Accepted, Reason, Unsendable
from leadterra.mail.addresses import InvalidAddress
from leadterra.mail.letter import Letter, Mailbox
from leadterra.transport.courier import SmtpCourier
from leadterra.transport.envelope import BLOCK, Envelope, Parcel, stuffed
from tests.support.smtp_letters import Asked, Composition, MakeCourier, compose, letter, submission
from tests.support.smtp_servers import scripted


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("kim@lead.example", b"kim@lead.example"),
        ("Kim.O'Hara+x@LEAD.Example", b"Kim.O'Hara+x@lead.example"),
        ("kim@bücher.example", b"kim@xn--bcher-kva.example"),
        ("kim@例え.テスト", b"kim@xn--r8jz45g.xn--zckzah"),
    ],
)
async def test_domains_are_a_labels_in_the_envelope(address: str, path: bytes, courier: SmtpCourier) -> None:
    """A domain in any script is said in ASCII; such an address needs no SMTPUTF8."""
    async with scripted(extensions=[]) as server:
        attempt = await courier.deliver(submission(server), letter(address), Asked())

    assert isinstance(attempt.ending, Accepted)
    assert server.letters[0].rcpt == b"RCPT TO:<" + path + b">"


async def test_a_local_part_beyond_ascii_goes_by_smtputf8(courier: SmtpCourier) -> None:
    """RFC 6531 §3.3: the address is said in UTF-8 and the extension announced."""
    async with scripted(extensions=["SMTPUTF8", "8BITMIME"]) as server:
        await courier.deliver(submission(server), letter("jörg@bücher.example"), Asked())

    assert server.letters[0].mail == b"MAIL FROM:<james@acme.example> SMTPUTF8"
    assert server.letters[0].rcpt == "RCPT TO:<jörg@xn--bcher-kva.example>".encode()


async def test_smtputf8_is_not_announced_without_need(courier: SmtpCourier) -> None:
    """An ASCII address and header make an ordinary transaction."""
    async with scripted(extensions=["SMTPUTF8", "8BITMIME"]) as server:
        await courier.deliver(submission(server), letter(), Asked())

    assert server.letters[0].mail == b"MAIL FROM:<james@acme.example>"


@pytest.mark.parametrize("needed_by", ["address", "header"])
async def test_without_smtputf8_such_a_letter_cannot_be_sent(
    needed_by: str, make_courier: MakeCourier
) -> None:
    """The server is told nothing of the letter, and its connection carries the next one."""

    def header_aware(letter: Letter, *, eight_bit: bool = False) -> Composition:
        return Composition(b"To: x\r\n\r\n", needs_smtputf8=letter.subject == "header")

    courier = make_courier(composer=header_aware)
    problem = letter("jörg@lead.example") if needed_by == "address" else letter(subject="header")
    clear = Asked()
    async with scripted(extensions=["8BITMIME"]) as server:
        attempt = await courier.deliver(submission(server), problem, clear)
        following = await courier.deliver(submission(server), letter(), clear)

    assert isinstance(attempt.ending, Unsendable)
    assert attempt.ending.reason is Reason.UNADDRESSABLE
    assert (attempt.data_at, isinstance(following.ending, Accepted)) == (None, True)
    assert (len(server.connections), len(server.letters), clear.times) == (1, 1, 1)


@pytest.mark.parametrize(
    ("extensions", "announced"),
    [(["8BITMIME"], b" BODY=8BITMIME"), ([], b"")],
    ids=["offered", "not offered"],
)
async def test_eight_bit_content_is_announced_where_the_server_takes_it(
    extensions: list[str], announced: bytes, courier: SmtpCourier
) -> None:
    """The composer is told whether the server offers 8BITMIME (RFC 6152)."""
    async with scripted(extensions=extensions) as server:
        await courier.deliver(submission(server), letter(text="Grüße"), Asked())

    assert server.letters[0].mail == b"MAIL FROM:<james@acme.example>" + announced


async def test_size_is_announced_in_octets_before_stuffing(courier: SmtpCourier) -> None:
    """RFC 1870 §4: the octets of the content, without added dots and without the last one."""
    async with scripted(extensions=["SIZE 1000"]) as server:
        await courier.deliver(submission(server), letter(text="..\r\n."), Asked())

    content = server.letters[0].content
    assert server.letters[0].mail == b"MAIL FROM:<james@acme.example> SIZE=%d" % len(content)


async def test_a_letter_larger_than_the_server_takes_is_not_offered(courier: SmtpCourier) -> None:
    """SIZE is respected before MAIL, and both numbers are told."""
    async with scripted(extensions=["SIZE 100"]) as server:
        attempt = await courier.deliver(submission(server), letter(text="x" * 200), Asked())

    assert isinstance(attempt.ending, Unsendable)
    assert attempt.ending.reason is Reason.UNADDRESSABLE
    assert "the server takes 100" in attempt.ending.detail
    assert not any(command.startswith(b"MAIL") for command in server.commands)


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE many", "SIZE ²"])
async def test_a_size_without_a_number_is_no_limit(size: str, courier: SmtpCourier) -> None:
    """RFC 1870 §3: no number, or 0, means that the server names none."""
    async with scripted(extensions=[size]) as server:
        attempt = await courier.deliver(submission(server), letter(text="x" * 200), Asked())

    assert isinstance(attempt.ending, Accepted)


HOSTILE = [
    "kim@lead.example>\r\nRCPT TO:<other@lead.example",
    "kim@lead.example\r\nDATA",
    "kim@lead.example\nRSET",
    "kim@lead.example> SIZE=1",
    "kim@lead.example> NOTIFY=NEVER <x@y.example",
    "<kim@lead.example>",
    "kim @lead.example",
    "kim@lead.example,max@lead.example",
    "kim@lead.example\x00",
    "kim\x7f@lead.example",
    "kim\u2028@lead.example",
    "\ud800@lead.example",
    "@relay.example:kim@lead.example",
    "kim",
    "@lead.example",
    "kim@",
    "",
    "k" * 65 + "@lead.example",
    "kim@" + "lead." * 60 + "example",
]


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize("side", ["sender", "recipient"])
async def test_an_address_cannot_say_anything_else(address: str, side: str, courier: SmtpCourier) -> None:
    """Line breaks, brackets, parameters: such a letter is unaddressable, and no server is asked."""
    hostile = letter(sender=Mailbox("", address)) if side == "sender" else letter(address)
    async with scripted() as server:
        attempt = await courier.deliver(submission(server), hostile, Asked())

    assert isinstance(attempt.ending, Unsendable)
    assert attempt.ending.reason is Reason.UNADDRESSABLE
    assert server.connections == []


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b".a\r\n..b\r\n", b"..a\r\n...b\r\n.\r\n"),
        (b"a\n.\nb\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r.\rb\r", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\n.\r\nMAIL FROM:<x@y.z>\r\n", b"a\r\n..\r\nMAIL FROM:<x@y.z>\r\n.\r\n"),
        (b"a\r\n\r.\r\nb\r\n", b"a\r\n\r\n..\r\nb\r\n.\r\n"),
        (b"a.\r\nb.c\r\n", b"a.\r\nb.c\r\n.\r\n"),
    ],
)
def test_dots_are_stuffed_and_lines_end_in_crlf(content: bytes, sent: bytes) -> None:
    """RFC 5321 §4.5.2; no lone CR or LF leaves, so that no server can see a second letter in the first."""
    assert stuffed(content)[0] == sent


@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"a"]), max_size=12).map(b"".join))
def test_a_server_that_unstuffs_gets_the_same_lines(content: bytes) -> None:
    """Whatever the content, the only lone dot is the last line, and every line arrives."""
    *lines, end, rest = stuffed(content)[0].split(b"\r\n")

    assert (end, rest) == (b".", b"")
    assert b"." not in lines
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    arrived = [line[1:] if line.startswith(b".") else line for line in lines]
    expected = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
    assert arrived == expected


@pytest.mark.parametrize("size", [0, 1, BLOCK - 6, BLOCK - 5, *range(BLOCK - 4, BLOCK + 8), 3 * BLOCK])
def test_the_end_of_the_content_is_never_divided(size: int) -> None:
    """The last block alone can complete the letter, wherever the others end."""
    content = b"x" * size + b"\r\n.\r\n"
    blocks = Parcel(Envelope(b"", b"", False), content, 0, smtputf8=False, eight_bit=False).blocks()

    assert b"".join(blocks) == content
    assert blocks[-1].endswith(b"\r\n.\r\n")
    assert all(len(block) == BLOCK for block in blocks[:-1])


@pytest.mark.parametrize("name", ["mail.example\r\nMAIL", "two words.example", "..", "@"])
def test_a_name_for_ehlo_that_is_no_host_name_is_an_error_at_once(
    name: str, make_courier: MakeCourier
) -> None:
    """Such a courier does not come about."""
    with pytest.raises(InvalidAddress):
        make_courier(helo_name=name)


async def test_ehlo_says_where_we_are(courier: SmtpCourier) -> None:
    """Without a name of our own, an address literal (RFC 5321 §4.1.3)."""
    async with scripted() as server:
        await courier.deliver(submission(server), letter(), Asked())

    assert server.commands[0] == b"EHLO [127.0.0.1]"


async def test_ehlo_says_our_name_in_a_labels(make_courier: MakeCourier) -> None:
    """A configured name in any script is said in ASCII."""
    courier = make_courier(helo_name="mail.bücher.example", composer=compose)
    async with scripted() as server:
        await courier.deliver(submission(server), letter(), Asked())

    assert server.commands[0] == b"EHLO mail.xn--bcher-kva.example"
