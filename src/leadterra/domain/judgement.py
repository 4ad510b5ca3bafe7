"""What a mail server's answer means: taken, try again, or no; and whom it concerns.

"Temporary or permanent?" and "the recipient, the account or the server?" are decided here and nowhere else.
`RULES` is read from top to bottom and the first rule that fits decides; rules that name a status or a wording
stand above the rules that only know the command and the code. `judge` never fails: an answer that no rule
knows is judged by the first digit of its code (RFC 5321 §4.2.1), and an answer without a code as a connection
that broke.

Two errors are not alike. A sender's trouble taken for the recipient's burns leads, one after the other, until
somebody looks; a recipient's trouble taken for the sender's rests one account for a while. Where the words
leave it open, refusals of policy therefore count against the account.
"""

import re
from dataclasses import dataclass

from leadterra.domain.outcomes import Accepted, Answer, Command, Deferred, Outcome, Refused, Scope, Uncertain

_ENHANCED = r"([245]\.\d{1,3}\.\d{1,3})(?![\d.])"
_AT_LINE_START = re.compile(rf"^\s*#?{_ENHANCED}", re.MULTILINE)
_IN_PARENTHESES = re.compile(rf"\(#{_ENHANCED}")

_GREETED = frozenset({Command.CONNECT, Command.EHLO, Command.STARTTLS})
_ENVELOPE = frozenset({Command.MAIL, Command.RCPT, Command.DATA, Command.BODY})
_MAIL = frozenset({Command.MAIL})
_RCPT = frozenset({Command.RCPT})
_AUTH = frozenset({Command.AUTH})
_FROM_RCPT = frozenset({Command.RCPT, Command.DATA, Command.BODY})
_FROM_DATA = frozenset({Command.DATA, Command.BODY})
_ANY = frozenset(Command)


def parse_enhanced(text: str) -> str | None:
    """The RFC 3463 status that an answer's text begins with ("5.1.1 User unknown" → "5.1.1"), or None.

    A later line counts where the first has none (RFC 2034 §4 puts it on each), and qmail's "(#5.1.1)"
    anywhere.
    """
    found = _AT_LINE_START.search(text) or _IN_PARENTHESES.search(text)
    return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. Every condition that is given must hold.

    cause: what we take the answer to mean, for people. scope: whom it concerns. commands: where in the
    dialogue. codes: a pattern for the three digits. status: a pattern for the whole enhanced status. words: a
    pattern anywhere in the text, any case. status_or_words: one of `status` and `words` is enough. unless:
    words that rule it out. temporary: True or False where the code's first digit lies; None believes it.
    daily, authentication: as in outcomes.
    """

    cause: str
    scope: Scope
    commands: frozenset[Command] = _ANY
    codes: str = ""
    status: str = ""
    words: str = ""
    status_or_words: bool = False
    unless: str = ""
    temporary: bool | None = None
    daily: bool = False
    authentication: bool = False

    def fits(self, answer: Answer, code: int, status: str) -> bool:
        """Whether all conditions hold for this answer."""
        if answer.command not in self.commands or (self.codes and not re.fullmatch(self.codes, str(code))):
            return False
        if self.unless and re.search(self.unless, answer.text, re.IGNORECASE):
            return False
        met = [re.fullmatch(self.status, status) is not None] if self.status else []
        if self.words:
            met.append(re.search(self.words, answer.text, re.IGNORECASE) is not None)
        return any(met) if met and self.status_or_words else all(met)


# A limit on what somebody *receives* is never the sender's.
_RECEIVING = r"receiv|mailbox|inbox|recipient('s)? (is )?over|over quota|disk quota|storage"
_DAY = r"(daily|per day|a day|24[ -]?h|24 hours|today|tomorrow)"
_LIMIT = r"(limit|quota|exceed|reached|maximum|max\b|threshold)"

RULES: tuple[Rule, ...] = (
    Rule(
        "the sender's quota for the day is used up",
        Scope.ACCOUNT,
        status=r"5\.4\.5|5\.1\.90|5\.7\.23[23]",
        words=rf"\b{_DAY}\b.*{_LIMIT}|{_LIMIT}.*\b{_DAY}\b",
        status_or_words=True,
        unless=_RECEIVING,
        temporary=True,
        daily=True,
    ),
    Rule(
        "too many logins at once or after failures; the password was not looked at",
        Scope.ACCOUNT,
        words=r"too many (failed |bad |invalid )?(log-?in|auth\w*) (attempt|failure|tries|error)",
        unless=r"recipient",
        temporary=True,
    ),
    Rule(
        "the sender goes too fast, or a limit of its own is reached for now",
        Scope.ACCOUNT,
        words=(
            r"(sending|submission|outgoing|outbound|smtp relay|send|sender|e-?mails?|messages?|recipient)"
            r" (rate )?(limit|quota)s?\b|exceed\w* (the |your |its )?(max\w*|allowed|sending|recipient limit)"
            r"|(per|an|each) hour|hourly|sender thread limit|too many (messages|e-?mails) (from|sent|in|by)"
            r"|unusual sending activity|sending too (fast|many|quickly)|submissionquotaexceeded"
        ),
        unless=_RECEIVING + r"|message size|size limit|too (big|large)|connection|spam|unsolicited",
        temporary=True,
    ),
    Rule("the login does not work", Scope.ACCOUNT, codes="534|535", temporary=False, authentication=True),
    Rule(
        "the server wants TLS first",
        Scope.ACCOUNT,
        codes="530|538",
        words=r"starttls|encrypt|\btls\b",
        temporary=False,
    ),
    Rule("the server wants a login", Scope.ACCOUNT, codes="530|538", temporary=False, authentication=True),
    Rule(
        "the server wants a login",
        Scope.ACCOUNT,
        _ENVELOPE,
        codes="5..",
        status=r"5\.7\.(3|8|9|57)",
        words=r"auth\w* (is )?required|not authenticated|(must|please) (authenticate|log ?in)",
        status_or_words=True,
        authentication=True,
    ),
    Rule("the server is closing, at login", Scope.SERVER, _AUTH, codes="421", temporary=True),
    Rule("login not possible now", Scope.ACCOUNT, _AUTH, codes="4.."),
    Rule("the login was refused", Scope.ACCOUNT, _AUTH, codes="5..", authentication=True),
    Rule("the server does not want us, or not now", Scope.SERVER, _GREETED),
    Rule(
        "no such mailbox, or it takes nothing",
        Scope.RECIPIENT,
        _FROM_RCPT,
        # 5.7.12x and 5.7.13x: Exchange's "this recipient does not take mail from you".
        status=r"[45]\.(1\.(1|2|3|4|6|10)|2\.[1-4]|7\.1(2\d|3[0-8]))",
    ),
    Rule(
        "greylisted: this sender and this recipient, for the first time",
        Scope.RECIPIENT,
        _FROM_RCPT,
        codes="4..",
        words=r"gr[ea]y-?list|postgrey|first (time|attempt)",
    ),
    Rule(
        "we may not send as this address, or not through here",
        Scope.ACCOUNT,
        _ENVELOPE,
        status=r"[45]\.(1\.[78]|7\.(27|60))|5\.2\.252|5\.7\.750",
        words=(
            r"sender (address )?(rejected|denied|invalid|not allowed|is not allowed|unknown|blocked|verify)"
            r"|not owned by|sendas ?denied|not (allowed|permitted|authori[sz]ed) to (send|relay|use)"
            r"|relay(ing)? (access )?(is )?(denied|disallowed|not permitted|not allowed|prohibited)"
            r"|unable to relay|not permitted to relay|sender's (domain|address)|unresolvable .*from"
            r"|(from|sender)\b.*(domain|address) (not found|does not exist)"
        ),
        status_or_words=True,
    ),
    Rule(
        "the account is blocked at its provider",
        Scope.ACCOUNT,
        _ENVELOPE,
        status=r"5\.7\.(50[1-3]|70[05])",
        words=(
            r"bad outbound sender|outbound ?spam|tenant has exceeded"
            r"|(outgoing|outbound|sending) .{0,40}(suspended|blocked|disabled)"
            r"|(your|sender|this) account (has been |is |was )?(suspended|blocked|disabled|locked)"
        ),
        status_or_words=True,
    ),
    Rule(
        "the address or host that we connect from is not wanted",
        Scope.SERVER,
        _ENVELOPE,
        status=r"[45]\.7\.(25|6\d\d|708)",
        words=(
            r"client host|blocked using|block ?list|listed (in|by|at|on)\b|spamhaus|spamcop|barracuda|dnsbl"
            r"|\brbl\b|(your|this|sending|mail server|untrusted) (ip|host|server|network)\b|\bip=\S"
            r"|\bip (address|reputation)\b|helo command|reverse (hostname|dns)|\bptr\b|bad reputation"
            r"|messages from \[?[\da-f]*[.:][\da-f.:]+"
        ),
        status_or_words=True,
        unless=r"may not exist|user unknown|no such user",
    ),
    Rule(
        "the server's filter takes this sender's mail for spam, or its domain fails authentication",
        Scope.ACCOUNT,
        _ENVELOPE,
        status=r"[45]\.7\.(2[0-9]|105)",
        words=r"\bspam|unsolicited|junk|bulk mail|reputation|dmarc|\bspf\b|\bdkim\b|complaint",
        status_or_words=True,
    ),
    Rule(
        "no such mailbox, in words",
        Scope.RECIPIENT,
        _FROM_RCPT,
        words=(
            r"(user|recipient|mailbox|address\w*|account)\b.*"
            r"(unknown|not found|unavailable|does ?n.?t exist|disabled|inactive)"
            r"|(no such|unknown|invalid|bad) (user|recipient|mailbox|address)|no mailbox|receiving mail"
            r"|mailbox (is )?full|over quota"
        ),
    ),
    Rule(
        "too many recipients for this sender now",
        Scope.ACCOUNT,
        _FROM_RCPT,
        status=r"[45]\.5\.3",
        temporary=True,
    ),
    Rule("the letter is too large for the server", Scope.RECIPIENT, _ENVELOPE, status=r"5\.(3\.4|2\.3)"),
    Rule("the server is closing", Scope.SERVER, codes="421", temporary=True),
    Rule("the server has trouble of its own", Scope.SERVER, status=r"[45]\.3\.[12]|4\.3\.\d+|4\.4\.\d+"),
    Rule("we and the server do not understand each other", Scope.SERVER, _FROM_DATA, codes="50[0-4]"),
    Rule("out of sequence", Scope.SERVER, _RCPT, codes="503"),
    Rule("anything else about the sender", Scope.ACCOUNT, _MAIL),
    Rule("anything else about the recipient", Scope.RECIPIENT, _RCPT),
    Rule("this mailbox cannot take it now", Scope.RECIPIENT, _FROM_DATA, codes="450"),
    Rule("the server cannot take it now", Scope.SERVER, _FROM_DATA, codes="4.."),
    Rule("this letter is not taken", Scope.RECIPIENT, _FROM_DATA, codes="5.."),
)


def judge(answer: Answer) -> Outcome:
    """Turn the last answer of a conversation into its outcome.

    An answer to BODY without a final code is `Uncertain` (R6); whoever can prove that the content was not
    complete says so by giving `Command.DATA`. Success codes anywhere but at BODY are a protocol error of the
    server: `Deferred`.
    """
    code = answer.code
    if answer.command is Command.BODY and (code is None or not 400 <= code < 600):
        return Accepted(answer) if code is not None and 200 <= code < 300 else Uncertain(answer)
    if code is None or not 400 <= code < 600:
        return Deferred(Scope.SERVER, answer)
    rule = find_rule(answer)
    temporary = code < 500 if rule.temporary is None else rule.temporary
    if temporary:
        return Deferred(rule.scope, answer, daily=rule.daily)
    return Refused(rule.scope, answer, authentication=rule.authentication)


def find_rule(answer: Answer) -> Rule:
    """The rule that decides about a 4xx or 5xx answer. The table ends in a rule for every command."""
    status = answer.enhanced or parse_enhanced(answer.text) or ""
    return next(rule for rule in RULES if rule.fits(answer, answer.code or 0, status))
