"""What a report's status, code and words mean for the address: one word, and whether it will work later.

`REASONS` is read from top to bottom and the first row that fits gives the reason. Rows that name what the
words say stand above those that only know a status: many servers say "5.7.1" or "5.0.0" for everything. What
no row knows is judged as a live answer would be, by `domain.judgement`.

Hard is only what is wrong with the *address*. A refusal that concerns the sender, the letter or a server on
the way says nothing about the address, however permanent its code is: suppressing good addresses for it would
burn leads (R9). A full mailbox empties. A temporary code is never hard.
"""

import re
from dataclasses import dataclass

from leadterra.domain.judgement import judge, parse_enhanced
from leadterra.domain.outcomes import Answer, Command, Refused, Scope

LONGEST_WORDS = 800

_CODE = re.compile(r"(?<![\d.#])([45]\d\d)(?=[ \-]#?[245]\.\d|[ \-]|$|[:;,.)'\"])(?!\.\d)")
_CODE_AND_STATUS = re.compile(r"(?<![\d.])([45]\d\d)[ \-:]{1,3}['\"]?#?([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
# Names of hosts and people say nothing: a mailbox may be called dmarc, and a host spamrelay.
_NAMED = re.compile(
    r"[^\s@<]{1,64}@[^\s@>)]{1,255}|\bhost [^\s\[]{1,255} ?\[[^\]]{1,60}\]( said)?", re.IGNORECASE
)
_BLANKS = re.compile(r"\s+")
_COMMANDS = (
    (
        Command.BODY,
        re.compile(r"end of data|after (end of )?data|message content|\bDATA command", re.IGNORECASE),
    ),
    (Command.MAIL, re.compile(r"(in reply to|after) (the )?MAIL\b", re.IGNORECASE)),
    (
        Command.CONNECT,
        re.compile(r"refused to talk|initial (server )?(greeting|connection)|connect to ", re.IGNORECASE),
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `status` or `words` is enough. reason: see docs/reference/classification.md.
    hard: unless the code is temporary. status: a pattern for the whole RFC 3463 status. words: a pattern
    anywhere in the text, any case. unless: words that rule it out. command: only there.
    """

    reason: str
    hard: bool
    words: str = ""
    status: str = ""
    unless: str = ""

    def fits(self, status: str, text: str) -> bool:
        """Whether it is this one."""
        if self.unless and re.search(self.unless, text, re.IGNORECASE):
            return False
        by_words = bool(self.words) and re.search(self.words, text, re.IGNORECASE) is not None
        return by_words or (bool(self.status) and re.fullmatch(self.status, status) is not None)


_WHO = r"(user|recipient|mailbox|address\w*|account|inbox|e-?mail|alias|person|customer|member|subscriber)"
_ABSENT = (
    r"(unknown|not found|wasn.?t found|couldn.?t be found|could not be found|cannot be found|does ?n.?t exist"
    r"|dosn.?t exist|does not exist|do(es)? ?n.?o?t? exist|not exist|non.?existent|is not valid|is invalid"
    r"|not (a )?(registered|listed|known|recogni[sz]ed|configured|local)|doesn.?t have|no longer exists?"
    r"|isn.?t valid|undeliverable|not available here)"
)
_TRY_AGAIN = r"try again|temporar|timed? ?out|timeout|lookup failure|deferred|transient|servfail"

REASONS: tuple[Row, ...] = (
    Row(
        "sender_blocked",
        False,
        r"domain of sender|sender (address |domain )?(is |was |has been )?(rejected|denied|unknown|invalid|not found|verify|blocked)"
        r"|from: domain|valid from|from domain|sender.s (e-?mail )?(address|domain)|return[- ]path|identities failed the check"
        r"|(invalid|client) ip\b|ip for sending|block-send|bad (sender|from)|unresolvable|e2110",
        r"[45]\.1\.[78]",
        unless=r"unknown (user|recipient)|(user|recipient) unknown|no such (user|recipient)",
    ),
    Row(
        "authentication",
        False,
        r"dmarc|\bspf\b|\bdkim\b|unauthenticated",
        r"[45]\.7\.2[0-69]",
        unless=r"unknown (user|recipient)|(user|recipient) unknown|no such (user|recipient)",
    ),
    Row("temporary", False, r"temporar\w* (locked|disabled|suspended|unavailable|rejected|deferred|failure)"),
    Row(
        "no_such_mailbox",
        True,
        r"\b(user|recipient|mailbox|addressee)( is)? (unknown|not found)|no such (user|recipient|mailbox)"
        r"|unknown (user|recipient|mailbox)|doesn.?t have an? .{0,60}account",
    ),
    Row(
        "rate_limited",
        False,
        r"receiving mail (at a rate|too quickly)|too many (connections|messages|emails|recipients|concurrent)"
        r"|rate.?limit|slow down|throttl|receiving.?rate"
        r"|(daily|hourly) .{0,30}(limit|quota)|sending (limit|quota)|(limit|quota) .{0,20}\b(day|hour)\b",
        r"[45]\.4\.5|5\.7\.23[23]|4\.7\.28",
        unless=r"user unknown|no such user",
    ),
    Row("greylisted", False, r"gr[ea]y.?list|postgrey"),
    Row(
        "loop",
        False,
        r"too many hops|hop count|mail (forwarding )?loop|routing loop|loops? back to (my|it)self|loop detected"
        r"|message looping|mail loops",
        r"[45]\.4\.(6|14)",
    ),
    Row(
        "mailbox_full",
        False,
        r"(mail ?box|inbox|user|account|recipient|address|folder|disk|storage|mail ?drop|maildir).{0,40}"
        r"(\bfull\b|over (its |their |his |the )?(disk )?quota|exceed|out of (disk |storage )?space)"
        r"|(over|out of|exceed\w*|above)[ -]?(your |the |their |his |its |allowed |disk |mailbox |mail |storage )*"
        r"(quota|storage|disk)|quota.{0,30}(exceed|full|violat|reached|dépass|überschr)|(mailbox|storage).?(size|limit)"
        r".{0,30}exceed|quotaexceeded|not enough (storage|space|disk)|insufficient (disk|storage|space)|no space left"
        r"|postfach.{0,40}(voll|überfüllt)|bo[iî]te.{0,40}(pleine|satur)|buz[oó]n.{0,40}(lleno|llena)"
        r"|caixa.{0,40}cheia|casella.{0,30}piena|mailbox.{0,20}(vol\b|pełn|täynnä)|переполнен|容量|メールボックス.{0,20}いっぱい",
        r"[45]\.2\.2",
        unless=r"message (size|too)|maximum message",
    ),
    Row(
        "message_too_large",
        False,
        r"(message|mail|e-?mail|letter|nachricht|attachment|content).{0,40}(too (large|big|long)|zu gro(ß|ss)|trop "
        r"(gros|volumineu))|(message|mail) size|size (limit|of (the|this|your) (message|mail))|exceeds? (the )?(maximum|"
        r"fixed|allowed|size) .{0,20}size|message length exceeds|message is larger|larger than the (current )?(system )?limit"
        r"|sizelimit|max(imum)?[ -]?(message )?size",
        r"[45]\.3\.4",
    ),
    Row(
        "takes_no_mail",
        True,
        r"null ?mx|(domain|host) .{0,80}(does not|doesn.?t) accept (any )?(e-?)?mail|takes no mail",
    ),
    Row(
        "no_such_domain",
        True,
        r"(domain|host)( name)?( or domain name)?[^:\]]{0,60}(not found|does ?n.?o?t exist|unknown|non.?existent|is invalid)"
        r"|(unknown|no such|invalid|bad|nonexistent|unrouteable|unresolvable) (mail )?(host|domain)|nxdomain"
        r"|couldn.?t find any host (named|by that name)|all relevant mx records point to non-?existent"
        r"|infodomainnonexistent|no (mx|a) record|address .{0,20}couldn.?t be found.{0,60}domain|domain.{0,40}couldn.?t be found"
        r"|unrouteable address$|domain isn.?t properly",
        r"[45]\.1\.2|5\.4\.(4|310)",
        unless=_TRY_AGAIN + r"|sender|from domain|rfc.?5321|relay|mail server could not deliver",
    ),
    Row(
        "restricted",
        True,
        r"resolver\.rst|authrequired|recipient preferences|group you tried|you may not have permission|restrictedtorecipients|not authorized to send to (the )?recipient|don.?t have permission to send to"
        r"|only accepts? (mail|messages) from|not (allowed|permitted) to (send|post) (e?mail |messages )?to (this|the) (recipient"
        r"|address|list|group)|restricted (recipient|to)|authenticat(ion|ed).{0,40}required for (delivery|relay)",
        r"5\.7\.(1[23]\d)|5\.7\.2",
    ),
    Row(
        "mailbox_disabled",
        True,
        r"(mail ?box|inbox|user|account|recipient|address|e-?mail).{0,60}(disabled|inactive|deactivated|suspended|discontinued"
        r"|terminated|\bclosed\b|expired|\blocked\b|frozen|not active|is no longer|has been (deleted|removed|cancell?ed)|no longer"
        r" (active|valid|available|in use|monitored|on server|with us))|no longer (works|employed|with|accepts?|valid)"
        r"|(disabled|inactive|suspended|deactivated|deleted) (user|account|mailbox|recipient|address)|disableduser",
        r"[45]\.2\.1|5\.1\.6",
        unless=r"(your|sender|sending|outbound|outgoing) (account|mail|address).{0,30}(suspended|disabled|locked|blocked)",
    ),
    Row(
        "no_such_mailbox",
        True,
        rf"{_WHO}\b.{{0,80}}{_ABSENT}"
        r"|(no such|unknown|invalid|bad|nonexistent|not a valid|not a known|undefined|illegal|incorrect|wrong|non-existing) "
        r"(local )?(user|recipient|mail ?box|mail drop|address\w*|account|e-?mail|alias|person|name|local ?part|destination)"
        r"|no (local )?mail ?box|mailbox (is |currently )?(unavailable|not found)|invalid mailbox|user.?(unknown|not found)"
        r"|unknown (to|in) .{0,30}(local|recipient|virtual|alias)|not our (user|customer)|recipient.?(not ?found|unknown)"
        r"|(adress|recipient).{0,60}(rejected: access denied)|is not a (valid|registered|local|known)"
        r"|this user doesn.?t have|no account by that name|not listed in|not registered|unrouteable|unable to validate recipient"
        r"|directory (entry|lookup)|no matching (directory )?entry|dir-e-nodirmtch|name not found|no one (here )?by that"
        r"|delivery to this address is restricted|nosuchuser|resolver\.adr|mailbox name not allowed|who are you trying"
        r"|empf[äa]nger.{0,60}(unbekannt|existiert nicht|nicht gefunden)|(unbekannte|ungültige)r? empf|adresse.{0,40}"
        r"(existiert nicht|n.existe pas|invalide|inconnue|inesistente)|utilisateur.{0,30}inconnu|destinataire.{0,30}(inconnu"
        r"|invalide|introuvable)|introuvable|no (se )?(existe|encontr)|não (foi )?(encontrad|existe)|inexistente|inesistente"
        r"|niet gevonden|bestaat niet|onbekend|nie istnieje|nie znaleziono|neexistuje|not found by smtp|не существует|не найден"
        r"|不存在|存在しない|見つかりません|找不到|kunde inte hittas|blev ikke fundet|ikke finnes|bulunamadı|没有找到|non (è stato )?trovat",
        r"[45]\.1\.(1|3|4|10)|[45]\.1\.0",
        unless=r"sender (address )?.{0,20}(not found|unknown|does ?n.?o?t exist|verif|invalid|rejected)|return path|from address"
        r"|unresolvable|client host|cannot find your (reverse )?hostname|\bip address\b.{0,40}(not found|unknown)",
    ),
    Row("authentication", False, r"sender (id|policy)|not authenticated", r"[45]\.7\.(2\d|9)"),
    Row(
        "spam",
        False,
        r"\bspam(?!haus|cop)|unsolicited|\bjunk\b|bulk mail|suspicious|virus|malware|phish|banned|message content"
        r"|content (rejected|filter|restrict)|blacklisted url|spam ?assassin|bogofilter",
    ),
    Row(
        "sender_blocked",
        False,
        r"block ?list|black ?list|blocked|spamhaus|spamcop|\brbl\b|dnsbl|reputation|listed (in|by|at|on)|barracuda|client host"
        r"|your (ip|host|server|network)|complaint|poor|untrusted|reverse (dns|hostname)|\bptr\b|helo|not allowed to connect"
        r"|(sender|from).{0,40}(denied|rejected|refused|verif|invalid|does ?n.?o?t exist|unknown)|unresolvable .{0,20}from"
        r"|sender.{0,10}filter|block-sender|bad outbound sender",
        r"[45]\.7\.(105|50\d|6\d\d|7\d\d)|[45]\.1\.[78]",
    ),
    Row(
        "relay_denied",
        False,
        r"relay(ing)?( access)?( is)? ?(denied|not permitted|prohibited|not allowed)|unable to relay|not permitted to relay"
        r"|do(es)? not relay|we do not relay",
    ),
    Row(
        "no_answer",
        False,
        r"timed? ?out|timeout|failing for a long time|socket error|requests to connect|failed \d+ attempts|not accepting connections"
        r"|service (is )?(currently |temporarily )?unavailable|connection (refused|reset|lost|closed|dropped|failed|died)|lost connection|no route to host"
        r"|network (is )?unreachable|not reachable|unreachable|host.{0,20}down|retry time|too (old|long)|queue too long"
        r"|could ?n.?o?t (be )?(connect|reach|contact)|unable to connect|no answer|not responding|did not respond"
        r"|name service error|lookup fail|dns (error|fail|query)|try again|host not found|server busy|delivery time expired"
        r"|expired|gave up|giving up|for \d+ (days|hours)|temporar(y|ily)|greeting|deferred|established a connection",
        r"[45]\.4\.[1-47]",
        unless=r"access denied",
    ),
    Row("no_such_mailbox", True, r"rejected: access denied", r"5\.4\.1"),
    Row(
        "policy",
        False,
        r"polic(y|ies)|not accepted|prohibited|security|local polic|administrative|administratively|too many equal|header"
        r"|service refused|filtered|not authori[sz]ed|permission|unauthori[sz]ed",
        r"[45]\.7\.\d+|[45]\.6\.\d+|[45]\.2\.3",
    ),
    Row("server_trouble", False, r"local (configuration |delivery )?error|internal error|i/o error|configuration error"
        r"|system (error|resources)|out of memory|transaction failed|not implemented|syntax error|bad sequence", r"[45]\.3\.\d+|[45]\.5\.[1-9]|4\.\d+\.\d+"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """What a failure comes down to. status: as in the words, where they have one."""

    reason: str
    hard: bool
    status: str | None
    code: int | None


def judge_failure(text: str, status: str | None = None, *, delayed: bool = False) -> Cause:
    """Judge one recipient's failure.

    text: the server's words, or a report's. status: of the report's own field; what the words say goes before
    it, as it is nearer to the server. delayed: the report says that delivery is still tried.
    """
    words = _BLANKS.sub(" ", text[:LONGEST_WORDS]).strip()
    code, told = read_codes(words)
    true = told or status or ""
    if true.endswith(".0.0") and status and not status.endswith(".0.0"):
        true = status
    temporary = delayed or (code < 500 if code else (true or status or "5").startswith("4"))
    command = _command_of(words)
    bare = _NAMED.sub("it", words)
    row = next((each for each in REASONS if each.fits(true, bare)), None)
    if row is not None:
        if row.hard and command is Command.MAIL:
            return Cause("sender_blocked", False, told, code)
        return Cause(row.reason, row.hard and not temporary, told, code)
    answer = Answer(command, code or (450 if temporary else 550), true or None, words)
    outcome = judge(answer)
    refused = isinstance(outcome, Refused) and outcome.scope is Scope.RECIPIENT
    if temporary or not refused:
        return Cause("temporary" if temporary else "refused", False, told, code)
    return Cause("refused", answer.command is Command.RCPT, told, code)


def read_codes(text: str) -> tuple[int | None, str | None]:
    """The SMTP reply code and the RFC 3463 status that a server's words hold; None where they hold none."""
    both = _CODE_AND_STATUS.search(text)
    if both and both[2][0] == both[1][0]:
        return int(both[1]), both[2]
    code = _CODE.search(text)
    status = parse_enhanced(text) or (found[1] if (found := _STATUS.search(text)) else None)
    if code and status and code[1][0] != status[0]:
        return int(code[1]), status if both else None
    return (int(code[1]) if code else None), status


def _command_of(words: str) -> Command:
    return next((command for command, pattern in _COMMANDS if pattern.search(words)), Command.RCPT)
