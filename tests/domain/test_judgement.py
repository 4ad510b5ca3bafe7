"""What servers say, and what it means. One line a fact; the wording follows what real providers send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.judgement import find_rule, judge, parse_enhanced
from leadterra.domain.outcomes import Accepted, Answer, Command, Deferred, Refused, Scope, Uncertain

CONNECT, EHLO, STARTTLS, AUTH = Command.CONNECT, Command.EHLO, Command.STARTTLS, Command.AUTH
MAIL, RCPT, DATA, BODY = Command.MAIL, Command.RCPT, Command.DATA, Command.BODY
TRY_LATER, NO = Deferred, Refused
R, A, S = Scope.RECIPIENT, Scope.ACCOUNT, Scope.SERVER


def _answer(command: Command, line: str) -> Answer:
    code, text = int(line[:3]), line[4:]
    return Answer(command, code, parse_enhanced(text), text)


# command, the server's line, temporary or not, whom it concerns
TABLE = [
    # The sender's limits
    (MAIL, "550 5.4.5 Daily user sending quota exceeded. For more see the help center", TRY_LATER, A),
    (BODY, "550 5.4.5 Daily user sending limit exceeded gsmtp", TRY_LATER, A),
    (BODY, "550 5.7.1 Daily SMTP relay sending limit exceeded for this user", TRY_LATER, A),
    (BODY, "554 5.1.90 You have reached your daily limit for message recipients", TRY_LATER, A),
    (BODY, "550 5.7.233 tenant exceeded its daily limit for sending to external recipients", TRY_LATER, A),
    (BODY, "554 5.2.252 SubmissionQuotaExceededException; sender's submission quota exceeded", TRY_LATER, A),
    (BODY, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", TRY_LATER, A),
    (RCPT, "452 4.5.3 Error: too many recipients", TRY_LATER, A),
    (RCPT, "452 4.5.3 Your message has too many recipients", TRY_LATER, A),
    (RCPT, "550 5.5.3 Too many recipients for this sender", TRY_LATER, A),
    (RCPT, "450 4.2.1 Peak SMTP relay limit exceeded for customer", TRY_LATER, A),
    (BODY, "550 Domain acme.example has exceeded the max emails per hour (51/50) allowed", TRY_LATER, A),
    (BODY, "554 Transaction failed: Mail send limit exceeded", TRY_LATER, A),
    (BODY, "550 5.4.6 Unusual sending activity detected. Please try after some time", TRY_LATER, A),
    (MAIL, "451 4.7.1 Sending rate limit reached, slow down", TRY_LATER, A),
    (BODY, "421 4.7.0 Too many messages sent from this account", TRY_LATER, A),
    # The login
    (AUTH, "535 5.7.8 Username and Password not accepted. BadCredentials", NO, A),
    (AUTH, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled", NO, A),
    (AUTH, "535 5.7.3 Authentication unsuccessful", NO, A),
    (AUTH, "535 Authentication credentials invalid", NO, A),
    (AUTH, "534 5.7.9 Application-specific password required", NO, A),
    (AUTH, "534 5.7.14 Please log in via your web browser and then try again", NO, A),
    (AUTH, "504 5.7.4 Unrecognized authentication type", NO, A),
    (AUTH, "503 AUTH command used when not advertised", NO, A),
    (AUTH, "538 5.7.11 Encryption required for requested authentication mechanism", NO, A),
    (AUTH, "454 4.7.0 Too many login attempts, please try again later", TRY_LATER, A),
    (
        AUTH,
        "454 4.7.0 Temporary authentication failure: connection lost to authentication server",
        TRY_LATER,
        A,
    ),
    (AUTH, "535 5.7.0 Error: too many failed login attempts", TRY_LATER, A),
    (AUTH, "421 4.7.0 Try again later, closing connection", TRY_LATER, S),
    (MAIL, "530 5.7.0 Authentication Required", NO, A),
    (MAIL, "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", NO, A),
    (MAIL, "530 5.7.0 Must issue a STARTTLS command first", NO, A),
    (MAIL, "550 5.7.1 Authentication required", NO, A),
    (RCPT, "503 5.5.1 please authenticate first", NO, A),
    # The greeting and what follows it
    (CONNECT, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", NO, S),
    (CONNECT, "554 IP=192.0.2.1 - None/bad reputation. Ask your postmaster for help", NO, S),
    (CONNECT, "421 Too many connections, slow down", TRY_LATER, S),
    (CONNECT, "421 4.7.0 Try again later, closing connection", TRY_LATER, S),
    (EHLO, "501 5.5.4 Invalid domain name", NO, S),
    (EHLO, "421 4.7.66 TLS 1.0 and 1.1 are not supported", TRY_LATER, S),
    (STARTTLS, "454 4.7.0 TLS not available due to local problem", TRY_LATER, S),
    # The sender's address and standing
    (MAIL, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", NO, A),
    (BODY, "554 5.2.252 SendAsDenied; james@acme.example not allowed to send as sales@acme.example", NO, A),
    (RCPT, "553 5.7.1 <james@acme.example>: Sender address rejected: not owned by user max", NO, A),
    (RCPT, "550 5.1.8 <james@acme.example>: Sender address rejected: Domain not found", NO, A),
    (RCPT, "450 4.1.8 <james@acme.example>: Sender address rejected: Domain not found", TRY_LATER, A),
    (MAIL, "553 Relaying disallowed as james@acme.example", NO, A),
    (MAIL, "553 5.1.7 sender address is malformed", NO, A),
    (MAIL, "552 5.2.2 Mailbox of the sender is full", NO, A),
    (BODY, "550 5.1.8 Access denied, bad outbound sender", NO, A),
    (BODY, "550 5.7.501 Access denied, spam abuse detected", NO, A),
    (BODY, "550 5.7.705 Access denied, tenant has exceeded threshold", NO, A),
    (BODY, "554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException", NO, A),
    (RCPT, "550 Outgoing mail from acme.example has been suspended", NO, A),
    (RCPT, "550 relay not permitted", NO, A),
    (RCPT, "554 5.7.1 <kim@lead.example>: Relay access denied", NO, A),
    (RCPT, "454 4.7.1 <kim@lead.example>: Relay access denied", TRY_LATER, A),
    (
        BODY,
        "550 5.7.26 Unauthenticated email from acme.example is not accepted due to its DMARC policy",
        NO,
        A,
    ),
    # The address that we connect from
    (RCPT, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using Spamhaus", NO, S),
    (
        MAIL,
        "550 5.7.1 messages from [192.0.2.1] weren't sent; part of the network is on our block list",
        NO,
        S,
    ),
    (RCPT, "450 4.7.1 Client host rejected: cannot find your reverse hostname", TRY_LATER, S),
    (RCPT, "450 4.7.1 <[192.0.2.1]>: Helo command rejected: Host not found", TRY_LATER, S),
    (
        RCPT,
        "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation",
        TRY_LATER,
        S,
    ),
    (MAIL, "550 5.7.708 Access denied, traffic not accepted from this IP", NO, S),
    (BODY, "550 5.7.25 The sending IP has no PTR record", NO, S),
    (RCPT, "550 Your host is not allowed to connect to this server", NO, S),
    # The recipient
    (RCPT, "550 5.1.1 <kim@lead.example>: Recipient address rejected: User unknown", NO, R),
    (RCPT, "550 5.1.1 unauthorized sender", NO, R),
    (RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup", NO, R),
    (RCPT, "550 5.4.1 Recipient address rejected: Access denied", NO, R),
    (RCPT, "550 5.7.129 not authorized to send to recipient: the sender isn't on its list", NO, R),
    (RCPT, "550 5.2.1 The email account that you tried to reach is inactive", NO, R),
    (RCPT, "550 No Such User Here", NO, R),
    (RCPT, "550 The account or domain may not exist, they may be blacklisted", NO, R),
    (RCPT, "553 sorry, no mailbox here by that name (#5.1.1 - chkuser)", NO, R),
    (RCPT, "553 5.1.3 Invalid address", NO, R),
    (RCPT, "501 5.1.3 Bad recipient address syntax", NO, R),
    (RCPT, "501 Syntax error in address", NO, R),
    (RCPT, "552 5.2.2 The recipient's inbox is out of storage space", NO, R),
    (RCPT, "452 4.2.2 The email account that you tried to reach is over quota", TRY_LATER, R),
    (RCPT, "552 5.2.2 mailbox full: daily quota exceeded", NO, R),
    (RCPT, "450 4.2.1 The user you are trying to contact is receiving mail too quickly", TRY_LATER, R),
    (RCPT, "450 4.2.0 <kim@lead.example>: Recipient address rejected: Greylisted", TRY_LATER, R),
    (RCPT, "451 4.7.1 Greylisting in action, please come back later", TRY_LATER, R),
    (RCPT, "451 4.7.1 Please try again later", TRY_LATER, R),
    (BODY, "451 4.7.1 Greylisted, try again in 300 seconds", TRY_LATER, R),
    (RCPT, "450 4.1.1 unverified address", TRY_LATER, R),
    (BODY, "550 Message was not accepted -- invalid mailbox. user not found", NO, R),
    (DATA, "554 5.5.1 Error: no valid recipients", NO, R),
    # The letter
    (MAIL, "552 5.3.4 Message size exceeds fixed limit", NO, R),
    (BODY, "552 5.3.4 Message size exceeds fixed maximum message size", NO, R),
    (BODY, "550 5.6.0 Lone CR or LF in body", NO, R),
    (BODY, "554 Transaction failed", NO, R),
    (BODY, "554 5.7.1 Spam message rejected", NO, A),
    (BODY, "550 5.7.1 Gmail has detected that this message is likely unsolicited mail", NO, A),
    (BODY, "550 5.7.1 suspicious due to the very low reputation of the sending domain", NO, A),
    (BODY, "421 4.7.28 unusual rate of unsolicited mail originating from your SPF domain", TRY_LATER, A),
    (RCPT, "554 5.7.1 Email cannot be delivered. Reason: Email flagged as Spam.", NO, A),
    # The server
    (RCPT, "421 4.3.2 Service shutting down", TRY_LATER, S),
    (BODY, "421 4.4.2 Error: timeout exceeded", TRY_LATER, S),
    (MAIL, "421 4.7.0 [TSS04] Messages temporarily deferred due to user complaints", TRY_LATER, A),
    (MAIL, "452 4.3.1 Insufficient system storage", TRY_LATER, S),
    (BODY, "451 4.3.0 Error: queue file write error", TRY_LATER, S),
    (BODY, "451 Requested action aborted: local error in processing", TRY_LATER, S),
    (BODY, "451 4.7.500 Server busy. Please try again later", TRY_LATER, S),
    (DATA, "503 5.5.1 Bad sequence of commands", NO, S),
    (RCPT, "503 5.5.1 Error: need MAIL command", NO, S),
    # Only the code to go by
    (MAIL, "550 no", NO, A),
    (MAIL, "450 no", TRY_LATER, A),
    (RCPT, "550 no", NO, R),
    (RCPT, "450 no", TRY_LATER, R),
    (DATA, "550 no", NO, R),
    (DATA, "451 no", TRY_LATER, S),
    (BODY, "550 no", NO, R),
    (BODY, "450 no", TRY_LATER, R),
    (BODY, "452 no", TRY_LATER, S),
]


@pytest.mark.parametrize(("command", "line", "kind", "scope"), TABLE)
def test_a_refusal_is_temporary_or_not_and_concerns_somebody(
    command: Command, line: str, kind: type, scope: Scope
) -> None:
    """The line means what the table says."""
    outcome = judge(_answer(command, line))

    assert isinstance(outcome, Deferred | Refused)
    assert (type(outcome), outcome.scope) == (kind, scope), find_rule(_answer(command, line)).cause


DAILY = [line for _, line, _, scope in TABLE if scope is A and ("aily" in line or "5.4.5" in line)]


@pytest.mark.parametrize("line", DAILY)
@pytest.mark.parametrize("command", [CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, BODY])
def test_a_daily_sending_limit_rests_the_account_wherever_it_is_said(command: Command, line: str) -> None:
    """Even with a 5xx code it is `Deferred`, account scope, until tomorrow."""
    outcome = judge(_answer(command, line))

    assert isinstance(outcome, Deferred)
    assert (outcome.scope, outcome.daily) == (A, True)


def test_other_limits_are_not_for_the_whole_day() -> None:
    """An hourly limit, a full mailbox and a busy server leave `daily` alone."""
    outcomes = [judge(_answer(command, line)) for command, line, _, _ in TABLE if line not in DAILY]

    assert not any(isinstance(outcome, Deferred) and outcome.daily for outcome in outcomes)


@pytest.mark.parametrize(
    ("command", "line", "authentication"),
    [
        (AUTH, "535 5.7.8 BadCredentials", True),
        (AUTH, "534 5.7.9 Application-specific password required", True),
        (AUTH, "550 no", True),
        (MAIL, "530 5.7.0 Authentication Required", True),
        (MAIL, "530 5.7.57 Client was not authenticated", True),
        (MAIL, "530 5.7.0 Must issue a STARTTLS command first", False),
        (MAIL, "550 5.7.60 not allowed to send as", False),
        (RCPT, "554 5.7.1 Relay access denied", False),
    ],
)
def test_a_refused_login_is_marked(command: Command, line: str, authentication: bool) -> None:
    """So that the account's owner is told to look at the password, and only then."""
    outcome = judge(_answer(command, line))

    assert isinstance(outcome, Refused)
    assert outcome.authentication is authentication


@pytest.mark.parametrize("command", [command for command in Command if command is not BODY])
@pytest.mark.parametrize("code", [None, 220, 250, 334, 354])
def test_before_the_end_of_data_a_missing_or_senseless_answer_is_the_servers_affair(
    command: Command, code: int | None
) -> None:
    """Nothing was taken: try again."""
    answer = Answer(command, code, None, "")

    assert judge(answer) == Deferred(S, answer)


@pytest.mark.parametrize("code", [None, 100, 220 + 134, 600, 0])
def test_at_the_end_of_data_a_missing_or_senseless_answer_is_uncertain(code: int | None) -> None:
    """The server may have taken the letter (R6)."""
    answer = Answer(BODY, code, None, "")

    assert judge(answer) == Uncertain(answer)


@pytest.mark.parametrize("code", [200, 250, 251, 299])
def test_2xx_at_the_end_of_data_is_accepted(code: int) -> None:
    """RFC 5321 §4.2.1."""
    answer = Answer(BODY, code, None, "daily limit exceeded")

    assert judge(answer) == Accepted(answer)


@given(st.sampled_from(Command), st.integers(400, 599), st.text(max_size=100))
def test_every_refusal_has_a_rule(command: Command, code: int, text: str) -> None:
    """Whatever a server says, it is judged."""
    assert isinstance(judge(Answer(command, code, parse_enhanced(text), text)), Deferred | Refused)


@given(st.sampled_from([MAIL, RCPT, DATA, BODY]), st.integers(400, 499), st.text(max_size=100))
def test_a_4xx_is_never_the_end(command: Command, code: int, text: str) -> None:
    """RFC 5321 §4.2.1: the first digit 4 asks to come again."""
    assert isinstance(judge(Answer(command, code, None, text)), Deferred)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("5.1.1 User unknown", "5.1.1"),
        ("  4.7.500 Server busy", "4.7.500"),
        ("#5.1.1 bad", "5.1.1"),
        ("sorry, no mailbox here by that name (#5.1.1 - chkuser)", "5.1.1"),
        ("Gmail says\n5.7.26 no", "5.7.26"),
        ("2.0.0", "2.0.0"),
        ("User unknown", None),
        ("192.0.2.1 is blocked", None),
        ("5.1.1.1 is an address", None),
        ("3.1.1 is no class", None),
        ("5.1 is no status", None),
        ("5.1.1234 is too long", None),
        ("version 5.1.1 is old", None),
        ("", None),
    ],
)
def test_an_enhanced_status_is_found_where_it_stands(text: str, status: str | None) -> None:
    """RFC 3463 §2, at the beginning of a line; an IP address is none."""
    assert parse_enhanced(text) == status


def test_a_status_that_was_not_parsed_is_found_in_the_text() -> None:
    """`judge` does not depend on who made the answer."""
    outcome = judge(Answer(BODY, 550, None, "5.4.5 try tomorrow"))

    assert isinstance(outcome, Deferred)
    assert outcome.daily
