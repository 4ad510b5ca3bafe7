"""What machines write back: absences with their day of return, people who left, receipts; and no person's
letter.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.automatic import Automatic, find_automatic, tells_of_leaving
from leadterra.mail.finding import Kind
from leadterra.mail.incoming import Incoming
from leadterra.mail.letter import Mailbox

# A Wednesday.
RECEIVED = date(2026, 3, 4)
REPLIED = {"auto-submitted": ("auto-replied",)}


def letter(subject: str, text: str, **headers: str) -> Incoming:
    """A letter of Anna's; header names with underscores for hyphens."""
    named = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    return Incoming(headers=named, sender=Mailbox("Anna", "anna@lead.example"), subject=subject, text=text)


def find(subject: str, text: str, **headers: str) -> Automatic | None:
    """What is found on that Wednesday."""
    return find_automatic(letter(subject, text, **headers), RECEIVED)


@pytest.mark.parametrize(
    ("subject", "text", "back"),
    [
        ("Automatic reply: Hello", "I am out of the office until 14 March.", date(2026, 3, 15)),
        ("Out of Office: Hello", "I will be back on Monday 16 March.", date(2026, 3, 16)),
        ("Abwesenheitsnotiz: Frage", "Ich bin bis zum 13.03.2026 nicht im Büro.", date(2026, 3, 14)),
        ("Réponse automatique : Question", "Je suis absent jusqu'au 13 mars.", date(2026, 3, 14)),
        ("Fuera de la oficina: Hola", "Estaré fuera hasta el 13 de marzo.", date(2026, 3, 14)),
        ("Risposta automatica: Ciao", "Sono in ferie fino al 13 marzo.", date(2026, 3, 14)),
        ("Resposta automática: Olá", "Estou de férias até 13 de março.", date(2026, 3, 14)),
        ("Automatisch antwoord: Vraag", "Ik ben afwezig tot en met 13 maart.", date(2026, 3, 14)),
        ("Autosvar: Fråga", "Jag är på semester, åter den 16 mars.", date(2026, 3, 16)),
        ("Automatisk svar: Spørsmål", "Jeg er på ferie til og med 13. mars.", date(2026, 3, 14)),
        ("Automaattinen vastaus: Kysymys", "Olen lomalla 13.3.2026 asti.", date(2026, 3, 14)),
        ("Odpowiedź automatyczna: Pytanie", "Jestem na urlopie do 13 marca.", date(2026, 3, 14)),
        ("Automatická odpověď: Dotaz", "Jsem mimo kancelář do 13. 3. 2026.", date(2026, 3, 14)),
        ("Автоответ: Вопрос", "Я в отпуске до 13 марта.", date(2026, 3, 14)),
        ("Otomatik yanıt: Soru", "13 Mart'a kadar izinliyim.", date(2026, 3, 14)),
        ("自動応答: 質問", "3月13日まで休暇をいただいております。", date(2026, 3, 14)),
        ("自动回复: 问题", "您好，我正在休假，3月16日回来。", date(2026, 3, 16)),
        ("자동 응답: 질문", "3월 13일까지 휴가입니다.", date(2026, 3, 14)),
        ("Vacation: Hello", "Gone fishing.", None),
        ("Out of office until 13 March", "", date(2026, 3, 14)),
    ],
)
def test_an_absence_is_known_by_its_subject(subject: str, text: str, back: date | None) -> None:
    """Without any header field, in seventeen languages, with the first day back."""
    found = find(subject, text)
    assert found is not None
    assert (found.kind, found.return_on, found.is_gone) == (Kind.OUT_OF_OFFICE, back, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("auto_submitted", "auto-replied"),
        ("auto_submitted", "auto-replied (vacation)"),
        ("auto_submitted", "auto-generated"),
        ("x_autoreply", "yes"),
        ("x_autorespond", "Re: Hello"),
        ("x_mail_autoreply", "true"),
        ("x_autoreply_from", "anna@lead.example"),
        ("x_post_messageclass", "9; Autoresponder"),
        ("precedence", "auto_reply"),
        ("x_ms_exchange_generated_message_source", "Mailbox Rules Agent"),
        ("delivered_to", "Autoresponder"),
        ("x_fc_machinegenerated", "true"),
    ],
)
def test_a_field_that_only_machines_write_is_enough(field: str, value: str) -> None:
    """RFC 3834 §5 and vendors' own; the words of the text say which kind it is."""
    away = find("Re: Hello", "I am out of the office.", **{field: value})
    other = find("Re: Hello", "Whatever it says.", **{field: value})
    assert away is not None
    assert other is not None
    assert (away.kind, other.kind) == (Kind.OUT_OF_OFFICE, Kind.AUTO_REPLY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("x_auto_response_suppress", "DR, OOF, AutoReply"),
        ("x_ms_exchange_inbox_rules_loop", "anna@lead.example"),
        ("precedence", "bulk"),
        ("return_path", "<>"),
        ("auto_submitted", "no"),
    ],
)
def test_a_field_of_ordinary_letters_proves_nothing(field: str, value: str) -> None:
    """Exchange writes some of them on every letter: a person's answer stays one."""
    assert find("Re: Hello", "Sounds good, let us talk.", **{field: value}) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Anna is no longer with the company. Please contact jim@lead.example.", "jim@lead.example"),
        (
            "Frau Weber ist nicht mehr im Unternehmen tätig. Bitte wenden Sie sich an max@lead.example",
            "max@lead.example",
        ),
        ("Anna ne fait plus partie de la société. Contactez paul@lead.example", "paul@lead.example"),
        ("Anna ya no trabaja aquí. Escriba a juan@lead.example", "juan@lead.example"),
        ("Anna non lavora più in azienda, scrivere a luca@lead.example", "luca@lead.example"),
        ("A Anna já não trabalha na empresa. Contacte joao@lead.example", "joao@lead.example"),
        ("Anna is niet meer werkzaam bij ons, neem contact op met piet@lead.example", "piet@lead.example"),
        ("Anna arbetar inte längre här. Kontakta sven@lead.example", "sven@lead.example"),
        ("Anna er ikke længere ansat. Kontakt lars@lead.example", "lars@lead.example"),
        ("Anna nie pracuje już w firmie. Proszę o kontakt: jan@lead.example", "jan@lead.example"),
        ("Анна больше не работает в компании. Пишите на ivan@lead.example", "ivan@lead.example"),
        ("アンナは退職いたしました。後任の sato@lead.example までご連絡ください。", "sato@lead.example"),
        ("安娜已离职，请联系 li@lead.example", "li@lead.example"),
        ("Anna has left. This mailbox (anna@lead.example) is not monitored.", None),
    ],
)
def test_who_left_is_gone_and_refers(text: str, address: str | None) -> None:
    """With the successor's address, never the letter's own sender's."""
    found = find("Automatic reply: Hello", text)
    assert found is not None
    assert (found.kind, found.is_gone, found.referral) == (Kind.AUTO_REPLY, True, address)


WHOLE_LETTERS: list[tuple[str, str, Kind, date | None, str | None]] = [
    (
        "Re: Hello",
        "Hello,\n\nThank you for your email. I am currently out of the office with limited "
        "access to email. I will return on Monday, March 16, 2026. If you need immediate assistance "
        "please contact my colleague Bob Smith at bob.smith@lead.example or 555-0100.\n\nBest "
        "regards,\nAnna",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        "bob.smith@lead.example",
    ),
    (
        "Automatic reply: Hello",
        "Thanks for your email! I am on PTO through 3/13 and will respond upon my return.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        None,
    ),
    (
        "Automatic reply: Hello",
        "I am on maternity leave until September 2026. Please contact Jill (jill@lead.example).",
        Kind.OUT_OF_OFFICE,
        date(2026, 10, 1),
        "jill@lead.example",
    ),
    (
        "Automatic reply: Hello",
        "I will be out of the office from Mar 2 through Mar 6.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 7),
        None,
    ),
    (
        "Automatic reply: Hello",
        "I am out of the office today, Wednesday 4 March, and will be back tomorrow.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 5),
        None,
    ),
    (
        "Automatic reply: Hello",
        "Our offices are closed from 2nd to 6th March. We reopen on Monday 9th March.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 9),
        None,
    ),
    (
        "Abwesend: Hallo",
        "Sehr geehrte Damen und Herren,\n\nvielen Dank für Ihre E-Mail. Ich bin vom "
        "02.03. bis einschließlich 13.03.2026 nicht im Büro. Ihre E-Mail wird nicht weitergeleitet. In "
        "dringenden Fällen wenden Sie sich bitte an max@lead.example.\n\nMit freundlichen "
        "Grüßen\nAnna",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        "max@lead.example",
    ),
    (
        "Automatische Antwort: Hallo",
        "Ich bin derzeit in Elternzeit und voraussichtlich ab 01.09.2026 wieder erreichbar.",
        Kind.OUT_OF_OFFICE,
        date(2026, 9, 1),
        None,
    ),
    (
        "AutoReply: Hallo",
        "Ich bin erst am Montag wieder im Büro.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 9),
        None,
    ),
    (
        "Réponse automatique",
        "Bonjour,\n\nJe suis absente du bureau jusqu'au vendredi 13 mars 2026 inclus. "
        "Je prendrai connaissance de votre message à mon retour le lundi 16 "
        "mars.\n\nCordialement",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Absence du bureau",
        "Je suis en congés du 02/03/2026 au 13/03/2026.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        None,
    ),
    (
        "Respuesta automática: Hola",
        "Estaré de vacaciones del 2 al 13 de marzo, ambos inclusive. Para "
        "urgencias, contacte con "
        "juan@lead.example.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        "juan@lead.example",
    ),
    (
        "Respuesta automática",
        "Me encuentro fuera de la oficina, regreso el lunes 16 de marzo.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Risposta automatica",
        "Sarò fuori ufficio dal 2 al 13 marzo compresi.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        None,
    ),
    (
        "Risposta automatica: Ciao",
        "Sono assente, rientrerò lunedì 16/03/2026.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Resposta automática",
        "Estarei ausente entre 2 e 13 de março. Retorno no dia 16/03.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Automatisch antwoord",
        "Ik ben met vakantie van 2 t/m 13 maart. Vanaf maandag 16 maart ben ik weer bereikbaar.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Automatiskt svar",
        "Jag är ledig t o m 13/3 och åter på kontoret måndag 16/3.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Autosvar",
        "Jeg holder ferie og er tilbage på kontoret mandag d. 16. marts.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    ("Autosvar", "Jeg er ute av kontoret frem til 16. mars.", Kind.OUT_OF_OFFICE, date(2026, 3, 17), None),
    (
        "Poissaoloviesti",
        "Olen lomalla 2.3.-13.3.2026. Palaan töihin maanantaina 16.3.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Odpowiedź automatyczna",
        "Jestem nieobecna w dniach 2-13 marca 2026 r. W pilnych sprawach proszę o "
        "kontakt z jan@lead.example.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        "jan@lead.example",
    ),
    (
        "Odpowiedź automatyczna",
        "Przebywam na urlopie, wracam 16.03.2026",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Automatická odpověď",
        "Dobrý den, čerpám dovolenou od 2. do 13. března. V kanceláři budu opět v pondělí 16. března.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Автоматический ответ",
        "Добрый день! Я в отпуске с 02.03.2026 по 13.03.2026. По срочным вопросам пишите ivan@lead.example",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        "ivan@lead.example",
    ),
    ("Автоответ", "Меня не будет в офисе до 16 марта", Kind.OUT_OF_OFFICE, date(2026, 3, 17), None),
    (
        "Otomatik Yanıt",
        "2-13 Mart tarihleri arasında yıllık izindeyim.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        None,
    ),
    (
        "自動返信",
        "お世話になっております。3/2（月）～3/13（金）まで休暇をいただいております。3/16（月）以降にご連絡いたします。",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "自动回复",
        "我在2026年3月2日至2026年3月13日期间休假，如有急事请联系同事 li@lead.example",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 14),
        "li@lead.example",
    ),
    (
        "부재중 자동응답",
        "3월 2일부터 3월 13일까지 출장 중입니다. 3월 16일에 복귀합니다.",
        Kind.OUT_OF_OFFICE,
        date(2026, 3, 16),
        None,
    ),
    (
        "Automatic reply: Hello",
        "Thank you for your message. We aim to reply within 2 working days.",
        Kind.AUTO_REPLY,
        None,
        None,
    ),
    ("Auto: Hello", "I only check email twice a day, at 10am and 4pm.", Kind.AUTO_REPLY, None, None),
    ("Out of Office AutoReply: Hello", "I am in meetings all day.", Kind.OUT_OF_OFFICE, None, None),
]


@pytest.mark.parametrize(("subject", "text", "kind", "back", "referral"), WHOLE_LETTERS)
def test_whole_letters_of_machines(
    subject: str, text: str, kind: Kind, back: date | None, referral: str | None
) -> None:
    """As people set them up: greeting, reason, two dates, a colleague, a closing."""
    found = find(subject, text, auto_submitted="auto-replied")
    assert found is not None
    assert (found.kind, found.return_on, found.referral) == (kind, back, referral)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("[Ticket #12345] Hello", "We have received your request. Please do not reply to this e-mail."),
        ("Re: Hello", "Thank you for contacting us. This is an automated response. Ticket 4711 was created."),
        (
            "Your request has been received (#991)",
            "We received your message and will respond within 24 hours.",
        ),
        (
            "Eingangsbestätigung",
            "Ihre Nachricht ist eingegangen. Dies ist eine automatisch erstellte Nachricht.",
        ),
        ("Accusé de réception", "Nous avons bien reçu votre message. Ceci est un message automatique."),
        ("Automatic reply: Hello", "Thank you for your e-mail. We will get back to you shortly."),
    ],
)
def test_a_receipt_is_no_absence(subject: str, text: str) -> None:
    """Tickets, forms and their confirmations: nobody is away."""
    found = find(subject, text)
    assert found is not None
    assert (found.kind, found.return_on, found.is_gone) == (Kind.AUTO_REPLY, None, False)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("I'm out of the office until Monday, will look then.", date(2026, 3, 10)),
        ("Bin im Urlaub bis 13.3., melde mich danach.", date(2026, 3, 14)),
        ("Ich bin bis einschließlich 13.03.2026 nicht im Büro.", date(2026, 3, 14)),
        ("Je suis absente jusqu'au 15 mars inclus, merci de contacter paul@acme.example.", date(2026, 3, 16)),
        ("Jestem na urlopie do 13 marca włącznie. Wracam do pracy 16 marca.", date(2026, 3, 16)),
        ("I am out of the office until 13 March. For urgent queries please ring 0208.", date(2026, 3, 14)),
        ("I'll be traveling this week and back in the office on Monday.", date(2026, 3, 9)),
    ],
)
def test_a_short_word_by_hand_is_an_absence_too(text: str, back: date) -> None:
    """A person wrote it, and nobody is there."""
    found = find("Re: Hello", text)
    assert found is not None
    assert (found.kind, found.return_on) == (Kind.OUT_OF_OFFICE, back)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Hello", "Not interested."),
        ("Re: Hello", "Sounds good, but I'm out until Monday. Can we talk on Tuesday?"),
        ("Re: Automatic reply: Hello", "Thanks, let us talk."),
        ("Re: Hello", "Hi, I left Acme last month. Please write to jane@acme.example."),
        ("Re: your out-of-the-box offer", "We have received enough of these."),
        ("Re: Ticket", "Thanks for contacting me! What does it cost?"),
        ("", ""),
    ],
)
def test_a_person_is_no_machine(subject: str, text: str) -> None:
    """Answers that only speak of absences, tickets or changes."""
    assert find(subject, text) is None


def test_the_letter_that_is_quoted_is_not_read() -> None:
    """Its dates and addresses are ours."""
    quoted = "On Mon, 2 Mar 2026 at 10:00, Tom <tom@sender.example> wrote:\n> back on 20 March"
    found = find("Automatic reply: Hello", f"I am on leave until 13 March.\n\n{quoted}")
    assert found is not None
    assert found.return_on == date(2026, 3, 14)


def test_evidence_names_field_subject_and_words() -> None:
    """So that people can see why."""
    found = find("Automatic reply: Hello", "I am out of the office.", auto_submitted="auto-replied")
    assert found is not None
    assert found.evidence == (
        "auto-submitted: auto-replied",
        'the subject begins "Automatic reply: Hello"',
        '"out of the office"',
    )


def test_words_of_leaving_are_found_alone() -> None:
    """For letters that are judged otherwise."""
    assert tells_of_leaving("Anna is no longer with the company.") == "no longer with"
    assert tells_of_leaving("I left you a message.") == ""


@given(st.text(max_size=200), st.text(max_size=300), st.text(max_size=20))
def test_any_letter_can_be_judged(subject: str, text: str, value: str) -> None:
    """Never an exception."""
    found = find(subject, text, auto_submitted=value, precedence=value)
    assert found is None or found.kind in {Kind.OUT_OF_OFFICE, Kind.AUTO_REPLY}
