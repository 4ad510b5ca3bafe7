"""What people and their providers write back to a letter: answers, and complaints (ARF, RFC 5965)."""

from email import policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.utils import make_msgid


def answer(letter: EmailMessage, text: str) -> EmailMessage:
    """A person's reply in the thread, with the letter's text quoted below it."""
    reply = EmailMessage(policy=policy.SMTP)
    reply["From"] = letter["To"]
    reply["To"] = letter["Reply-To"] or letter["From"]
    reply["Subject"] = f"Re: {letter['Subject'].removeprefix('Re: ')}"
    reply["Message-ID"] = make_msgid(domain=_address(letter["To"]).partition("@")[2])
    reply["In-Reply-To"] = letter["Message-ID"]
    reply["References"] = " ".join([*str(letter["References"] or "").split(), letter["Message-ID"]])
    body = letter.get_body(("plain", "html"))
    said = body.get_content() if body is not None else ""
    quoted = "\n".join(f"> {line}" for line in said.splitlines())
    reply.set_content(f"{text}\n\nOn {letter['Date']}, {letter['From']} wrote:\n{quoted}\n")
    return reply


def complaint(letter: EmailMessage) -> EmailMessage:
    """What a provider sends to the sender when the recipient says "this is spam"."""
    report = EmailMessage(policy=policy.SMTP)
    provider = _address(letter["To"]).partition("@")[2]
    report["From"] = f"feedback@{provider}"
    report["To"] = letter["From"]
    report["Subject"] = f"FW: {letter['Subject']}"
    report["Message-ID"] = make_msgid(domain=provider)
    report.set_content("This is an email abuse report for an email message received from your server.\n")
    report.make_mixed()
    for part in (_feedback(letter), _original(letter)):
        report.attach(part)
    report.replace_header("Content-Type", report["Content-Type"].replace("mixed", "report"))
    report.set_param("report-type", "feedback-report")
    return report


def _feedback(letter: EmailMessage) -> EmailMessage:
    fields = {
        "Feedback-Type": "abuse",
        "User-Agent": "Feedback-Loop/1.0",
        "Version": "1",
        "Original-Mail-From": f"<{_address(letter['From'])}>",
        "Original-Rcpt-To": f"<{_address(letter['To'])}>",
        "Reported-Domain": _address(letter["From"]).partition("@")[2],
    }
    inner = EmailMessage(policy=policy.SMTP)
    inner["Content-Type"] = "message/feedback-report"
    inner.set_payload("".join(f"{name}: {value}\r\n" for name, value in fields.items()))
    return inner


def _original(letter: EmailMessage) -> EmailMessage:
    part = EmailMessage(policy=policy.SMTP)
    part.set_content(letter)
    return part


def _address(header: AddressHeader) -> str:
    return header.addresses[0].addr_spec
