"""How bounces speak: the words by which a text is known to be one, and where the returned letter begins.

Each phrase is one that mail systems write and people hardly do: a text without a header is taken for a
bounce for the sake of one. Patterns are linear: no nested repetition, and gaps of bounded length.
"""

import re

_OPENINGS: tuple[tuple[str, str], ...] = (
    ("Postfix", r"this is the mail system at host|could not be delivered to one or more recipients"),
    ("Postfix", r"had to inform you that (your|the) message"),
    ("Postfix", r"this is the postfix program at host|have to inform you that (your|the) message"),
    ("Dovecot", r"your message to .{3,200} was automatically rejected"),
    ("Exim", r"this message was created automatically by (the )?mail delivery (software|system)"),
    (
        "qmail",
        r"this is the (qmail-send|deliver|courier|mail)\b.{0,30}(program|agent|server)"
        r"|afraid i wasn.t able to deliver",
    ),
    ("Sendmail", r"-{3,} ?(the following addresses had|transcript of session follows)"),
    (
        "Exchange",
        r"delivery has failed to these recipients or groups"
        r"|diagnostic information for administrators",
    ),
    ("Exchange", r"did not reach the following recipient|could not be delivered to the following recipient"),
    (
        "Exchange",
        r"rejected your message to the following|(delivery"
        r"|your message) to the following recipients? (has )?failed",
    ),
    (
        "Exchange",
        r"office ?365.{0,200}(wasn.t found at|couldn.t be delivered)"
        r"|^your message to .{3,120} couldn.t be delivered",
    ),
    (
        "Exchange",
        r"kan niet worden bezorgd bij de volgende|an folgende empfänger oder gruppen"
        r"|fehler bei der nachrichtenzustellung",
    ),
    (
        "Exchange",
        r"(échec|echec) de la remise|n.a pas pu être remis|no se pudo entregar (el|su|a )"
        r"|error de entrega a estos",
    ),
    (
        "Exchange",
        r"falha na entrega|não foi possível entregar|impossibile recapitare|recapito non riuscito"
        r"|nelze doručit",
    ),
    (
        "Exchange",
        r"diagnose-informationen für administratoren|informations de diagnostic"
        r"|información de diagnóstico",
    ),
    (
        "Exchange",
        r"diagnostische gegevens voor|informazioni diagnostiche|informações de diagnóstico"
        r"|kunde inte levereras",
    ),
    (
        "Exchange",
        r"die folgende adresse|die folgenden empfänger|nie można dostarczyć|не удалось доставить"
        r"|не доставлено",
    ),
    (
        "Exchange",
        r"kunde inte levere|leverans\w* misslyck|levering\w* (mislyk|mislykkedes)"
        r"|toimitus epäonnistu|doručení se nezdařilo|teslim edilemedi|dostarczenie wiadomości"
        r"|het bezorgen bij",
    ),
    ("Exchange", r"次の受信者|配信できません|配信不能|无法送达|无法传递|無法傳送|退信|전송 실패"),
    (
        "Gmail",
        r"\*\* (address not found|delivery incomplete|message (blocked|not delivered)"
        r"|recipient inbox full)",
    ),
    (
        "Gmail",
        r"\*\* (adresse|dirección|endereço|indirizzo|adres|nachricht|mensaje|mensagem|messaggio"
        r"|message|entrega|zustellung)",
    ),
    (
        "Gmail",
        r"(technical details of (permanent|temporary) failure"
        r"|delivery to the following recipients? (has been|failed))",
    ),
    ("Gmail", r"your message wasn.t delivered to|there was a (temporary )?problem delivering your message"),
    (
        "GMX",
        r"konnte nicht zugestellt werden|nicht zustellbar|konnte(n)? nicht.{0,60}(zugestellt"
        r"|ausgeliefert)",
    ),
    (
        "Yahoo",
        r"unable to deliver (your )?message to the following address|sorry, (we were"
        r"|i was)n?.?t? unable to deliver",
    ),
    ("Yahoo", r"sorry, (we were|i was) unable to deliver|wasn.t able to establish an smtp connection"),
    (
        "MDaemon",
        r"permanent fatal delivery error|your message was not delivered"
        r"|did not receive a copy of your message",
    ),
    ("Domino", r"was not delivered to:|not listed in (the )?(domino|public|notes)|delivery failure report"),
    (
        "IMail",
        r"undeliverable to|unknown user: |undeliverable mail|delivery failed \d+ attempts"
        r"|invalid final delivery userid",
    ),
    (
        "Symantec",
        r"mail delivery agent at|unable to deliver your message to|deliver (your"
        r"|the) message to the following",
    ),
    ("Amazon SES", r"an error occurred while trying to deliver the mail to the following"),
    ("Cisco", r"the following message to .{3,200} was undeliverable|failed addresses follow"),
    (
        "a mail system",
        r"(your|the|this|following|a) (e-?)?(mail|message|nachricht).{0,100}(could not|couldn.t"
        r"|cannot|can not) be delivered",
    ),
    (
        "a mail system",
        r"(could not|couldn.t|cannot|can ?not|unable to|not able to"
        r"|failed to) (be )?deliver(ed)? .{0,60}(message|mail|to|following)|(message|mail) (was"
        r"|has) not (been )?(yet )?delivered|returned to (the )?sender",
    ),
    (
        "a mail system",
        r"delivery (to .{3,120} )?(has |was )?(failed|been delayed|unsuccessful)|undelivered mail"
        r"|undeliverable",
    ),
    (
        "a mail system",
        r"message.{0,40}(encountered|delivery) (delivery )?(problem|failure|error)"
        r"|delivery (status )?notification",
    ),
    (
        "a mail system",
        r"a message (that )?you (have )?sent (could not|has not|to the following)"
        r"|non ?-?delivery (report|notif)",
    ),
    (
        "a mail system",
        r"has not (yet )?been delivered|error.{0,20}while processing the enclosed"
        r"|not delivered to the following",
    ),
    (
        "a mail system",
        r"n.a pas pu [êe]tre (d[ée]livr|remis|distribu)|no pudo ser entregado"
        r"|no ha podido ser entregado|não pode ser (entregue|envia)",
    ),
    (
        "a mail system",
        r"error delivering your (mail|message)|error message below|invalid user address"
        r"|failed recipients|mail has been returned|送信できませんでした|メールボックスが一杯"
        r"|reason for the (problem"
        r"|failure)|the following (e-?mail )?address(\(es\)|es)? (failed|was not|were not|had)",
    ),
)
OPENING = re.compile("|".join(f"(?:{pattern})" for _, pattern in _OPENINGS), re.IGNORECASE | re.MULTILINE)
_NAMED = tuple((name, re.compile(pattern, re.IGNORECASE | re.MULTILINE)) for name, pattern in _OPENINGS)

SURE = re.compile(
    # Exchange's first line in the languages of its users, then Gmail's.
    r"empfänger oder (gruppen|verteilerlisten)|destinataires ou (les |aux )?groupes"
    r"|destinatarios o grupos|destinatari o gruppi|destinatários ou grupos"
    r"|geadresseerden of groepen|mottagare eller grupper|modtagere eller grupper"
    r"|mottakere eller grupper|adresatów lub grup|受信者またはグループ|příjemc.{1,4} nebo skupin"
    r"|получателям или группам|收件人或(通讯组|组|群组)|alıcılara veya gruplara"
    r"|címzettek.{0,6} vagy csoport|\*\* .{0,20}(adresse (wurde )?(nicht gefunden|introuvable)"
    r"|no se ha encontrado|endereço não encontrado|indirizzo non trovato|adres niet gevonden"
    r"|nie znaleziono adresu|адрес не найден)|unable to deliver your message to the following"
    r"|some or all of the intended recipients|error occurred while trying to deliver the mail"
    r"|your message to .{3,200} was automatically rejected|this is the mail system at host"
    r"|have to inform you that (your|the) message|this is the qmail-send program"
    r"|message was created automatically by mail delivery s|transcript of session follows"
    r"|diagnostic information for administrators|\*\* (address not found|delivery incomplete"
    r"|message blocked|message not delivered|recipient inbox full) \*\*|final-recipient: "
    r"|the response from the remote server was|remote server returned '|(delivery has"
    r"|message) failed to these recipients|\bgenerating server: "
    r"|rejected your message to the following|mail delivery agent at|was undeliverable\."
    r"|\bwas not delivered to:|said: [45]\d\d[ -]|in reply to (rcpt|mail|end of) |(deliver"
    r"|error).{0,60}(5\d\d|4\d\d)[ -]#?[45]\.\d+\.\d+|konnte nicht zugestellt werden"
    r"|unable to deliver message to the following|kan niet worden bezorgd bij"
    r"|address\(es\) failed|afraid i wasn.t able to deliver|delivery status notification",
    re.IGNORECASE,
)
"""Words that only a mail system writes: they are enough where there is no header."""

DELAYED = re.compile(
    r"will (be )?retr(y|ied)|has not yet been delivered|not yet been delivered"
    r"|warning message only|do not need to resend|(delivery|message|mail) .{0,60}\b(is|was"
    r"|been|be) (temporarily )?delayed|delayed for|still (being )?tr(ied|ying)|(deliver"
    r"|attempt)\w* .{0,40}will (continue|be made|be repeated|be retried)|will continue (to "
    r"|trying|attempt)|could not (send|be sent).{0,40}(past|for) \d+ (hours|minutes)"
    r"|delivery incomplete|continue to be made|keep trying|wird .{0,40}(weiter"
    r"|erneut) versucht|noch nicht zugestellt|warning: (could not send|message)"
    r"|will attempt to deliver|we will continue|will try again",
    re.IGNORECASE,
)
OVER = re.compile(
    r"permanent(ly)? (error|fail|fatal)|failed permanently|given up|gave up|giving up"
    r"|not going to try again|no (further|more) (attempts|delivery)|has been removed"
    r"|could not be delivered for|final(ly)? fail|perm(anent)?_?fail|will not be retried"
    r"|are not retried|undeliverable",
    re.IGNORECASE,
)
DELAYED_SUBJECT = re.compile(
    r"delay|\bwarning\b|deferred|retard|verzöger|not yet delivered|still being retried|temporar",
    re.IGNORECASE,
)

RETURNED = re.compile(
    r"^(?![ \t]*your message[ \t]*$)[ \t>|*=#_-]*((the )?(header|text|body|copy|beginning"
    r"|start|summary|contents) of (the|your) (original |undelivered |returned )?(message|mail"
    r"|letter)|(this|below this line|here|below|included|attach\w+) is a copy|(original"
    r"|returned|unsent|undelivered|rejected|your) (message|mail|e-mail|header)s?( text"
    r"| header\w*)?( is)? ?(follow|below|attached|reads|:|-|in part|$)|original (message"
    r"|mail) (headers?|text|below)|message (header|text|contents?|body) follows?"
    r"|mensaje original|oorspronkelijke berichtkoppen|originalnachricht|"
    r"ursprüngliche (nachricht|header)|kopfzeilen der|en-t[êe]tes? (de|du) message"
    r"|encabezados? (de|del) mensaje|cabeçalhos|intestazioni (originali|del)|message original"
    r"|a copy of the (original )?(message|mail)|included (below|is)|copy of (your"
    r"|the) (original )?(message|mail)|forwarded message|end of message|(first"
    r"|top) .{0,20} (lines|part) of (the|your)|message headers? follow|the following is a copy"
    r"|unzustellbare nachricht|original[ -]?(e-?)?mail)|^(received|return-path|message-id"
    r"|dkim-signature): ",
    re.IGNORECASE,
)
"""A line behind which the returned letter stands."""

SUBJECT = re.compile(
    r"undeliver|deliver\w* (status )?(notification|fail|problem|error|report|incomplete"
    r"|has failed)|returned (mail|to sender|message|e-?mail)|failure notice|mail (delivery"
    r"|system) (fail|error|status|subsystem)|non[ -]?(delivery|remis)|not delivered"
    r"|could ?n.t be delivered|mail failure|nondeliverable|unzustellbar|nicht zustellbar"
    r"|unzustellbarkeit|zustellung|fehlgeschlagen|mail delivery|dsn\b|(échec"
    r"|echec) de (la )?(remise|distribution)|non remis|no se (pudo|puede) entregar"
    r"|no se ha podido entregar|não entregue|falha na entrega|devuelto|devolvid"
    r"|mancato recapito|non recapitabile|onbestelbaar|niet (bezorgd|afgeleverd)|olevererbart"
    r"|kunde inte levere|kunne ikke levere|ikke leveret|kan ikke leveres|ej levererb"
    r"|toimittamaton|niedostarczon|nedoručiteln|не доставлено|недостав|メール.{0,4}エラー|エラー通知|配信不能"
    r"|退信|無法傳遞|无法送达|배달 못|teslim edilemedi|warning: (could not send|message)|delayed"
    r"|permanent(ly)? (error|fail)|bounce|user unknown|unknown user|cannot (send|deliver)"
    r"|failed mail|message (status|error|undeliver|delayed|not deliver)|status of: |lost mail"
    r"|rejected (mail|message)",
    re.IGNORECASE,
)
"""A subject that bounces have."""

DAEMON = re.compile(
    r"mailer[-_ ]?daemon|post[-_ ]?master|mail[-_ ]?delivery|delivery[-_ ](subsystem|system"
    r"|service)|mail[-_ ]?(system|administrator|router)|mdaemon|maildelivery|microsoftexchange"
    r"|mail ?gateway|system administrator|\bdaemon|complaints?@|amazonses|mailmaster"
    r"|systemadmin|(mail|smtp|message) (router|transport|server|submission)|interscan"
    r"|surfcontrol|mailmarshal|uucp|email-?verwaltung",
    re.IGNORECASE,
)
"""Names and addresses that mail systems send from, and hardly anybody else."""

MACHINE = re.compile(
    r"no-?reply|do-?not-?reply|bounce|exchange|administrator|\bnobody@|e-?mail (system|server)|\bsmtp",
    re.IGNORECASE,
)
"""Those that other machines use too."""

PASSED_ON = re.compile(r"\s{0,10}(re|aw|antw|sv|fw|fwd|wg|tr|rv|enc|i|vs|odp)\s{0,3}:", re.IGNORECASE)
"""Subjects of people who answer or pass on."""


def name_opening(text: str) -> str:
    """The first phrase in a text that bounces use, and who uses it; empty if there is none."""
    found = OPENING.search(text)
    if found is None:
        return ""
    whose = next((name for name, pattern in _NAMED if pattern.match(text, found.start())), "a mail system")
    return f"“{' '.join(found.group().split())[:80]}”, as {whose} writes"
