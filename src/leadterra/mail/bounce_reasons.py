"""What a report's status, code and words mean for the address: one word, and whether it will work later.

`REASONS` is read from top to bottom and the first row that fits gives the reason. Rows that name what the
words say stand above those that only know a status: many servers say "5.7.1" or "5.0.0" for everything. What
no row knows is judged as a live answer would be, by `domain.judgement`.

Dead is only what is wrong with the *address*. A refusal that concerns the sender, the letter or a server on
the way says nothing about the address, however permanent its code is: suppressing good addresses for it would
burn leads (R9). Hard is every final answer: what is dead, and what has a permanent code (5xx, 5.x.x) for a
reason that does not pass by itself, as a full mailbox does. A temporary code is neither.
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
    r"[^\s@<]{1,64}@[^\s@>):]{1,255}|\bhost [^\s\[]{1,255} ?\[[^\]]{1,60}\]( said)?", re.IGNORECASE
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
    dead: unless the code is temporary. status: a pattern for the whole RFC 3463 status. words: a pattern
    anywhere in the text, any case. unless: words that rule it out.
    """

    reason: str
    dead: bool
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
        r"domain of sender|sender (address |domain )?(is |was |has been )?(rejected|denied|unknown"
        r"|invalid|not found|verify|blocked)|from: domain|valid from|from domain"
        r"|sender.s (e-?mail )?(address|domain)|return[- ]path|identities failed the check"
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
    Row(
        "no_answer",
        False,
        r"(not found|name service|dns|lookup)\b.{0,80}(, try again|temporary (failure|error))",
    ),
    Row("temporary", False, r"temporar\w* (locked|disabled|suspended|unavailable|rejected|deferred|failure)"),
    Row(
        "no_such_mailbox",
        True,
        r"\b(user|recipient|mailbox|addressee)( is)? (unknown|not found)|no such (user|recipient|mailbox)"
        r"|\baddress (was |is )?(not found|couldn.t be found|does not exist)|wasn.t found at"
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
        r"too many hops|hop count|mail (forwarding )?loop|routing loop|loops? back to (my|it)self"
        r"|loop detected|message looping|mail loops",
        r"[45]\.4\.(6|14)",
    ),
    Row(
        "mailbox_full",
        False,
        r"(mail ?box|inbox|user|account|recipient|address|folder|disk|storage|mail ?drop"
        r"|maildir).{0,40}(\bfull\b|over (its |their |his |the )?(disk )?quota|exceed"
        r"|out of (disk |storage )?space)|(over|out of|exceed\w*|above)[ -]?(your |the |their "
        r"|his |its |allowed |disk |mailbox |mail |storage ){0,6}(quota|storage|disk)"
        r"|quota.{0,30}(exceed|full|violat|reached|dépass|überschr)|(mailbox|storage).?(size"
        r"|limit).{0,30}exceed|quotaexceeded|overdrawn .{0,20}quota|(not|n.t have) enough (storage|space|"
        r"disk)|insufficient (disk"
        r"|storage|space)|no space left|postfach.{0,40}(voll|überfüllt)|bo[iî]te.{0,40}(pleine"
        r"|satur)|buz[oó]n.{0,40}(lleno|llena)|caixa.{0,40}cheia|casella.{0,30}piena"
        r"|mailbox.{0,20}(vol\b|pełn|täynnä)|переполнен|容量|メールボックス.{0,20}いっぱい",
        r"[45]\.2\.2",
        unless=r"message (size|too)|maximum message",
    ),
    Row(
        "message_too_large",
        False,
        r"(message|mail|e-?mail|letter|nachricht|attachment|content).{0,40}(too (large|big)"
        r"|zu gro(ß|ss)|trop (gros|volumineu))|(message|mail) size|size (limit|of (the|this"
        r"|your) (message|mail))|exceeds? (the )?(maximum|fixed|allowed|size) .{0,20}size"
        r"|message length exceeds|message is larger|larger than the (current )?(system )?limit"
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
        r"(domain|host)( name)?( or domain name)?[^:\]]{0,60}(not found|does ?n.?o?t exist|unknown"
        r"|non.?existent|is invalid)|(unknown|no such|invalid|bad|nonexistent|unrouteable"
        r"|unresolvable) (mail )?(host|domain)|nxdomain|couldn.?t find any host (named"
        r"|by that name)|all relevant mx records point to non-?existent|infodomainnonexistent"
        r"|no (mx|a) record|address .{0,20}couldn.?t be found.{0,60}domain"
        r"|domain.{0,40}couldn.?t be found|unrouteable address$|domain isn.?t properly",
        r"[45]\.1\.2|5\.4\.(4|310)",
        unless=_TRY_AGAIN + r"|sender|from domain|rfc.?5321|relay|mail server could not deliver",
    ),
    Row(
        "restricted",
        True,
        r"resolver\.rst|authrequired|recipient preferences|group you tried"
        r"|you may not have permission|restrictedtorecipients"
        r"|not authorized to send to (the )?recipient|don.?t have permission to send to"
        r"|only accepts? (mail|messages) from|not (allowed|permitted) to (send|post) (e?mail "
        r"|messages )?to (this|the) (recipient|address|list|group)|restricted (recipient|to)"
        r"|authenticat(ion|ed).{0,40}required for (delivery|relay)",
        r"5\.7\.(1[23]\d)|5\.7\.2",
    ),
    Row(
        "mailbox_disabled",
        True,
        r"(mail ?box|inbox|user|account|recipient|address|e-?mail).{0,60}(disabled|inactive"
        r"|deactivated|suspended|discontinued|terminated|\bclosed\b|expired|\blocked\b|frozen"
        r"|not active|is no longer|has been (deleted|removed|cancell?ed)|no longer (active|valid"
        r"|available|in use|monitored|on server|with us))|no longer (works|employed|with|accepts?"
        r"|valid)|(disabled|inactive|suspended|deactivated|deleted) (user|account|mailbox"
        r"|recipient|address)|disableduser|(casilla|buz[oó]n|cuenta|caixa|conta)\b.{0,30}(expirad|inactiv"
        r"|desactivad|deshabilitad|desativad|suspendid|suspens|cancelad)",
        r"[45]\.2\.1|5\.1\.6",
        unless=r"(your|sender|sending|outbound|outgoing) (account|mail|address).{0,30}(suspended|disabled"
        r"|locked|blocked)",
    ),
    Row(
        "no_such_mailbox",
        True,
        rf"{_WHO}\b.{{0,80}}{_ABSENT}"
        r"|(no such|unknown|invalid|bad|nonexistent|not a valid|not a known|undefined|illegal"
        r"|incorrect|wrong|non-existing) (local )?(user|recipient|mail ?box|mail drop|address\w*"
        r"|account|e-?mail|alias|person|name|local ?part|destination)|no (local )?mail ?box"
        r"|mailbox (is |currently )?(unavailable|not found)|invalid mailbox|user.?(unknown"
        r"|not found)|unknown (to|in) .{0,30}(local|recipient|virtual|alias)|not our (user"
        r"|customer)|recipient.?(not ?found|unknown)|(adress"
        r"|recipient).{0,60}(rejected: access denied)|is not a (valid|registered|local|known)"
        r"|this user doesn.?t have|no account by that name|not listed in|not registered"
        r"|unrouteable|unable to validate recipient|directory (entry|lookup)"
        r"|no matching (directory )?entry|dir-e-nodirmtch|name not found|no one (here )?by that"
        r"|delivery to this address is restricted|nosuchuser|resolver\.adr"
        r"|mailbox name not allowed|who are you trying|empf[äa]nger.{0,60}(unbekannt"
        r"|existiert nicht|nicht gefunden)|(unbekannte|ungültige)r? empf|adresse.{0,40}"
        r"(existiert nicht|n.existe pas|invalide|inconnue|inesistente)|utilisateur.{0,30}inconnu"
        r"|destinataire.{0,30}(inconnu|invalide|introuvable)|introuvable|no se han? encontrado"
        r"|impossibile trovare|nie można znaleźć|inte hittas|no (se )?(existe|encontr)"
        r"|não (foi )?(encontrad|existe)|inexistente|inesistente|niet gevonden|bestaat niet"
        r"|onbekend|nie istnieje|nie znaleziono|neexistuje|not found by smtp|не существует"
        r"|не найден|不存在|存在しない|見つかりません|找不到|kunde inte hittas|blev ikke fundet|ikke finnes"
        r"|bulunamadı|没有找到|non (è stato )?trovat",
        r"[45]\.1\.(1|3|4|10)|[45]\.1\.0",
        unless=r"sender (address )?.{0,20}(not found|unknown|does ?n.?o?t exist|verif|invalid|rejected)"
        r"|return path|from address|unresolvable|client host|cannot find your (reverse )?hostname"
        r"|\bip address\b.{0,40}(not found|unknown)",
    ),
    Row("authentication", False, r"sender (id|policy)|not authenticated", r"[45]\.7\.(2\d|9)"),
    Row(
        "spam",
        False,
        r"\bspam(?!haus|cop)|unsolicited|\bjunk\b|bulk mail|suspicious|virus|malware|phish|banned"
        r"|message content|content (rejected|filter|restrict)|blacklisted url|spam ?assassin"
        r"|bogofilter",
    ),
    Row(
        "sender_blocked",
        False,
        r"block ?list|black ?list|blocked|spamhaus|spamcop|\brbl\b|dnsbl|reputation|listed (in|by"
        r"|at|on)|barracuda|client host|your (ip|host|server|network)|complaint|poor|untrusted"
        r"|reverse (dns|hostname)|\bptr\b|helo|not allowed to connect|(sender|from).{0,40}(denied"
        r"|rejected|refused|verif|invalid|does ?n.?o?t exist|unknown)|unresolvable .{0,20}from"
        r"|sender.{0,10}filter|block-sender|bad outbound sender",
        r"[45]\.7\.(105|50\d|6\d\d|7\d\d)|[45]\.1\.[78]",
    ),
    Row(
        "relay_denied",
        False,
        r"relay(ing)?( access)?( is)? ?(denied|not permitted|prohibited|not allowed)"
        r"|unable to relay|not permitted to relay|do(es)? not relay|we do not relay",
    ),
    Row(
        "no_answer",
        False,
        r"timed? ?out|timeout|failing for a long time|socket error|requests to connect"
        r"|failed \d+ attempts|not accepting connections|service (is )?(currently "
        r"|temporarily )?unavailable|connection (refused|reset|lost|closed|dropped|failed|died)"
        r"|lost connection|no route to host|network (is )?unreachable|not reachable|unreachable"
        r"|host.{0,20}down|retry time|too (old|long)|queue too long|could ?n.?o?t (be )?(connect"
        r"|reach|contact)|unable to connect|no answer|not responding|did not respond"
        r"|name service error|lookup fail|dns (error|fail|query)|try again|host not found"
        r"|server busy|delivery time expired|expired|gave up|giving up|for \d+ (days|hours)"
        r"|temporar(y|ily)|greeting|deferred|established a connection",
        r"[45]\.4\.[1-47]",
        unless=r"access denied",
    ),
    Row("no_such_mailbox", True, r"rejected: access denied", r"5\.4\.1"),
    Row(
        "policy",
        False,
        r"polic(y|ies)|not accepted|prohibited|security|local polic|administrative"
        r"|administratively|too many equal|header|service refused|filtered|not authori[sz]ed"
        r"|permission|unauthori[sz]ed",
        r"[45]\.7\.\d+|[45]\.6\.\d+|[45]\.2\.3",
    ),
    Row(
        "server_trouble",
        False,
        r"local (configuration |delivery )?error|internal error|i/o error|configuration error"
        r"|system (error|resources)|out of memory|transaction failed|not implemented|syntax error"
        r"|bad sequence",
        r"[45]\.3\.\d+|[45]\.5\.[1-9]|4\.\d+\.\d+",
    ),
)


PASSING = frozenset(
    {"mailbox_full", "rate_limited", "greylisted", "no_answer", "temporary", "server_trouble"}
)
"""Reasons that pass by themselves, whatever code comes with them."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What a failure comes down to. dead: the address is. status: as in the words, where they have one."""

    reason: str
    dead: bool
    status: str | None
    code: int | None

    def is_hard(self, status: str | None = None) -> bool:
        """Whether the answer was final. status: of the report's own field, where the words have none."""
        told = self.status or status or ""
        final = self.code >= 500 if self.code else told.startswith("5")
        return self.dead or (final and self.reason not in PASSING)


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
    answer = Answer(_command_of(words), code or (450 if temporary else 550), true or None, words)
    reason, dead = _reason_of(answer, temporary=temporary)
    return Cause(reason, dead, told, code)


def judge_answer(answer: Answer) -> Cause:
    """Judge what a server said in the dialogue, to a letter that was given up for the recipient's sake."""
    words = _BLANKS.sub(" ", answer.text[:LONGEST_WORDS]).strip()
    status = answer.enhanced or parse_enhanced(words)
    temporary = answer.code is None or answer.code < 500
    heard = Answer(answer.command, answer.code or 450, status, words)
    reason, dead = _reason_of(heard, temporary=temporary)
    return Cause(reason, dead, status, answer.code)


def _reason_of(answer: Answer, *, temporary: bool) -> tuple[str, bool]:
    """The word, and whether the address is dead, of an answer with a code."""
    bare = _NAMED.sub("it", answer.text)
    row = next((each for each in REASONS if each.fits(answer.enhanced or "", bare)), None)
    if row is not None:
        if row.dead and answer.command is Command.MAIL:
            return "sender_blocked", False
        return row.reason, row.dead and not temporary
    outcome = judge(answer)
    refused = isinstance(outcome, Refused) and outcome.scope is Scope.RECIPIENT
    if temporary or not refused:
        return "temporary" if temporary else "refused", False
    return "refused", answer.command is Command.RCPT


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
