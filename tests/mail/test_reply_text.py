"""The new text of a reply: quotes and signatures of many clients come off, and nothing else does."""

import json
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadterra.mail.reply_lines import lines_of
from leadterra.mail.reply_text import split_reply

# Public samples beside the repository, where they are.
CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "replies"

ATTRIBUTIONS = [
    "On Mon, Mar 2, 2026 at 10:00 AM, Tom Ray <tom@sender.example> wrote:",
    "On Mon, Mar 2, 2026 at 10:00 AM Tom Ray\n<tom@sender.example> wrote:",
    "On Mar 2, 2026, at 10:00, Tom Ray <tom@sender.example>\nwrote:",
    "On 02/03/2026 10:00, Tom Ray wrote:",
    "On Monday, 2 March 2026 at 10:00:00 GMT+1, Tom Ray <tom@sender.example> wrote:",
    "On 2 Mar 2026, 10:00 +0100, Tom Ray <tom@sender.example>, wrote:",
    "---- On Mon, 02 Mar 2026 10:00:00 +0100 Tom Ray <tom@sender.example> wrote ----",
    "Tom Ray <tom@sender.example> wrote:",
    "Am 02.03.26 um 10:00 schrieb Tom Ray:",
    "Am Mo., 2. März 2026 um 10:00 Uhr schrieb Tom Ray <\ntom@sender.example>:",
    "Tom Ray <tom@sender.example> schrieb am Mo., 2. März 2026,\n10:00:",
    "Am Montag, 2. März 2026, 10:00:00 MEZ hat Tom Ray <tom@sender.example> Folgendes geschrieben:",
    "Le lun. 2 mars 2026 à 10:00, Tom Ray <tom@sender.example> a écrit :",
    "Le 02/03/2026 à 10:00, Tom Ray a écrit :",
    "El lun, 2 mar 2026 a las 10:00, Tom Ray (<tom@sender.example>) escribió:",
    "El 2/3/26 a las 10:00, Tom Ray escribió:",
    "Em seg., 2 de mar. de 2026 às 10:00, Tom Ray <tom@sender.example>\nescreveu:",
    "Il giorno lun 2 mar 2026 alle ore 10:00 Tom Ray <tom@sender.example> ha scritto:",
    "Op ma 2 mrt 2026 om 10:00 schreef Tom Ray <tom@sender.example>:",
    "Op 2 mrt. 2026 om 10:00 heeft Tom Ray <tom@sender.example> het volgende geschreven:",
    "Den mån 2 mars 2026 kl 10:00 skrev Tom Ray <tom@sender.example>:",
    "Den man. 2. mar. 2026 kl. 10.00 skrev Tom Ray <tom@sender.example>:",
    "man. 2. mars 2026 kl. 10:00 skrev Tom Ray <tom@sender.example>:",
    "ma 2. maalisk. 2026 klo 10.00 Tom Ray (tom@sender.example) kirjoitti:",
    "pon., 2 mar 2026 o 10:00 Tom Ray <tom@sender.example> napisał(a):",
    "W dniu 2.03.2026 o 10:00, Tom Ray pisze:",
    "po 2. 3. 2026 v 10:00 odesílatel Tom Ray <tom@sender.example> napsal:",
    "Dne 2. 3. 2026 v 10:00 Tom Ray napsal(a):",
    "Tom Ray <tom@sender.example> ezt írta (időpont: 2026. márc. 2., H, 10:00):",
    "În lun., 2 mar. 2026 la 10:00, Tom Ray <tom@sender.example> a scris:",
    "Tom Ray <tom@sender.example>, 2 Mar 2026 Pzt, 10:00 tarihinde şunu yazdı:",
    "пн, 2 мар. 2026 г. в 10:00, Tom Ray <tom@sender.example>:",
    "02.03.2026 10:00, Tom Ray пишет:",
    "понедельник, 2 марта 2026 г. пользователь Tom Ray написал:",
    "пн, 2 бер. 2026 р. о 10:00 Tom Ray <tom@sender.example> пише:",
    "Στις Δευ 2 Μαρ 2026 στις 10:00, Tom Ray <tom@sender.example> έγραψε:",
    "2026年3月2日(月) 10:00 Tom Ray <tom@sender.example>:",
    "2026/03/02 10:00、Tom Ray <tom@sender.example>のメール:",
    "Tom Ray <tom@sender.example> 于2026年3月2日周一 10:00写道：",
    "在 2026-03-02 10:00:00，Tom Ray <tom@sender.example> 写道：",
    "Tom Ray <tom@sender.example> 於 2026年3月2日 週一 上午10:00寫道：",
    "2026년 3월 2일 (월) 오전 10:00, Tom Ray <tom@sender.example>님이 작성:",
    "Vào Th 2, 2 thg 3, 2026 lúc 10:00 Tom Ray <tom@sender.example> đã viết:",
    "2026-03-02 10:00 GMT+01:00 Tom Ray <tom@sender.example>:",
]
HEADERS = [
    "From: Tom Ray <tom@sender.example>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Anna\nSubject: Question",
    "*From:* Tom Ray\n*Sent:* Monday, March 2, 2026 10:00 AM\n*To:* Anna\n*Subject:* Question",
    "________________________________\nFrom: Tom Ray\nSent: Monday, March 2, 2026 10:00\nTo: "
    "Anna\nSubject: Question",
    "Von: Tom Ray\nGesendet: Montag, 2. März 2026 10:00\nAn: Anna\nBetreff: Frage",
    "De : Tom Ray\nEnvoyé : lundi 2 mars 2026 10:00\nÀ : Anna\nObjet : Question",
    "De: Tom Ray\nEnviado: lunes, 2 de marzo de 2026 10:00\nPara: Anna\nAsunto: Pregunta",
    "De: Tom Ray\nEnviada em: segunda-feira, 2 de março de 2026 10:00\nPara: Anna\nAssunto: Pergunta",
    "Da: Tom Ray\nInviato: lunedì 2 marzo 2026 10:00\nA: Anna\nOggetto: Domanda",
    "Van: Tom Ray\nVerzonden: maandag 2 maart 2026 10:00\nAan: Anna\nOnderwerp: Vraag",
    "Från: Tom Ray\nSkickat: den 2 mars 2026 10:00\nTill: Anna\nÄmne: Fråga",
    "Fra: Tom Ray\nSendt: 2. marts 2026 10:00\nTil: Anna\nEmne: Spørgsmål",
    "Lähettäjä: Tom Ray\nLähetetty: maanantai 2. maaliskuuta 2026 10.00\nVastaanottaja: Anna\nAihe: Kysymys",
    "Od: Tom Ray\nWysłano: poniedziałek, 2 marca 2026 10:00\nDo: Anna\nTemat: Pytanie",
    "Od: Tom Ray\nOdesláno: pondělí 2. března 2026 10:00\nKomu: Anna\nPředmět: Dotaz",
    "Kimden: Tom Ray\nGönderildi: 2 Mart 2026 Pazartesi 10:00\nKime: Anna\nKonu: Soru",
    "От: Tom Ray\nОтправлено: 2 марта 2026 г. 10:00\nКому: Anna\nТема: Вопрос",
    "差出人: Tom Ray\n送信日時: 2026年3月2日 10:00\n宛先: Anna\n件名: 質問",
    "发件人: Tom Ray\n发送时间: 2026年3月2日 10:00\n收件人: Anna\n主题: 问题",
    "보낸 사람: Tom Ray\n보낸 날짜: 2026년 3월 2일 10:00\n받는 사람: Anna\n제목: 질문",
    "-----Original Message-----\nFrom: Tom Ray <tom@sender.example>\nSent: 2 March 2026\nTo: "
    "Anna\nSubject: Question",
    "-------- Ursprüngliche Nachricht --------",
    "----- Mensaje original -----",
    "------------------ 原始邮件 ------------------",
    "---------- Forwarded message ---------\nFrom: Tom <tom@sender.example>\nDate: 2 Mar 2026\nSubject: "
    "x\nTo: Anna",
]
SIGNATURES = [
    "-- \nAnna Lee\nAcme",
    "--\nAnna Lee",
    "Best regards,\nAnna Lee\nHead of Sales, Acme\n+1 555 0100",
    "Best,\nAnna",
    "Thanks,\nAnna",
    "Kind regards\n\nAnna Lee\nwww.acme.example",
    "Mit freundlichen Grüßen\nAnna Lee",
    "Viele Grüße, Anna",
    "Cordialement,\nAnna Lee",
    "Un saludo,\nAnna",
    "Atenciosamente,\nAnna Lee",
    "Cordiali saluti\nAnna",
    "Met vriendelijke groet,\nAnna Lee",
    "Med vänlig hälsning\nAnna",
    "Med venlig hilsen\nAnna",
    "Ystävällisin terveisin\nAnna",
    "Pozdrawiam,\nAnna",
    "S pozdravem\nAnna",
    "Saygılarımla,\nAnna",
    "С уважением,\nАнна",
    "よろしくお願いいたします。",
    "-Anna Lee",
    "Sent from my iPhone",
    "Sent from my Verizon Wireless BlackBerry",
    "Get Outlook for iOS<https://aka.example/o>",
    "Von meinem iPhone gesendet",
    "Gesendet mit der GMX Mail App",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "iPhone'umdan gönderildi",
    "Отправлено с iPhone",
    "iPhoneから送信",
    "发自我的 iPhone",
    "나의 iPhone에서 보냄",
    "_______________________________________________\nusers mailing "
    "list\nusers@lists.example\nhttps://lists.example/users",
    "This e-mail and any attachments are confidential and intended solely for the addressee.\nPlease "
    "delete it.",
    "CONFIDENTIALITY NOTICE: whatever it says.",
    "Diese E-Mail enthält vertrauliche Informationen.",
    "Ce message et toutes les pièces jointes sont confidentiels.",
    "Este mensaje es confidencial y va dirigido exclusivamente a su destinatario.",
    "Questo messaggio è riservato e destinato esclusivamente al destinatario.",
]
WHOLE = [
    "Hi Tom,\n\nOn Monday 3 May at 10:00 I wrote to your colleague:\n\nno answer so far. What now?",
    "On 5 May 2025 we agreed the following:\n- price 100\n- delivery June",
    "Two things:\n\nDate: 12 May\nTo: everybody\n\nPlease confirm.",
    "Hello,\n\nmy details:\nName: Anna\nFrom: Acme\nSubject: pricing\n\nthanks",
    "See you on 12.05.2025 at 10:00:\nRoom 4, second floor.",
    'Here is what she wrote:\n\n"We are interested."\n\nWhat do you think?',
    "I sent it from my phone. Sent from my phone it looks odd.",
    "Please send:\n\n_____\n\n1. the price\n2. the contract. We need it until Friday because of our board.",
    "Best option would be Tuesday.\nAnna",
    "Yours is cheaper than theirs.\nSo yes.",
    "Cheers to that! Let us do it.",
    "Regards the price we need to talk.",
    "From: my point of view\nTo: yours\nit is a long way.",
    "This message is confidential between us two: we are interested, but do not tell anybody. Call me.",
    "This is to inform you that we will not go on.",
    "Best\n\nof luck with that, but no thanks",
    "Love your idea.\nAnna",
    "Thanks for this. \n\nPlease call Bob on 555 0100 555\nbob@acme.example",
    "Am 3. Mai um 10 Uhr habe ich Zeit:\nPasst das?",
    "Le 3 mai à 10:00, je suis disponible :\nca vous va ?",
    "El 3 de mayo a las 10:00 estoy libre:\n¿le va bien?",
    "Meeting notes - On 3 May 2025, at 10:00 Bob wrote down: all fine\nthe end",
    "Sure - the number is:\n+1 555 0100\n\nAnna",
    "Sounds good.",
    "On your side, what would you need?\nOn mine, two days: Monday and Tuesday.",
    "As I said:\n\n- one\n- two\n\nThat is all: thanks!",
    "Sent from my desk, which is easier than from my phone.",
    "Here is a fix -- this is no signature.\n\nkthxbai",
    "With regards to the price: is it 10 or 20?",
    "Thanks!",
    "Thanks, that helps. Anna will call you.",
    "Best regards to Tom, he did great work last week and I told him so.\n\nCall me.",
    "I can do:\nMonday 10:00\nTuesday 11:00\nWhich one?",
    "Regards,\nAnna\n\nP.S. Could you also send the price list, please?",
    "From: Berlin\nTo: Munich\nBoth on the same day, please.",
    "The ratio is 3 > 2 and that\nis fine.",
]

LETTERS = [
    ("Yes.\n\nThanks and regards,\nAnna Lee", "Yes."),
    ("Yes.\n\nThanks & Regards\nAnna", "Yes."),
    ("Yes.\n\nThank you,\n\nAnna Lee | Acme | 555 0100", "Yes."),
    (
        "Yes.\n\n*Anna Lee*\nHead of Sales\n\n*Acme Inc*\n\n-- \nx",
        "Yes.\n\n*Anna Lee*\nHead of Sales\n\n*Acme Inc*",
    ),
    (
        "Yes\n\n________________________________\nVon: Tom <tom@x.example>\nGesendet: Montag\nAn: "
        "Anna\nBetreff: x\n\nHallo",
        "Yes",
    ),
    (
        "Yes\n\nFrom: Tom <tom@x.example>\nDate: Mon, 2 Mar 2026\nTo: Anna <a@b.example>\nSubject: Re: "
        "x\n\n> quoted\n\n-- \nAnna",
        "Yes",
    ),
    ("Yes\n\n> On Mar 2, 2026, at 10:00 AM, Tom <tom@x.example> wrote:\n> \n> \n> Hi Anna", "Yes"),
    (
        "Yes\n\nSent from Yahoo Mail on Android\n\n  On Mon, Mar 2, 2026 at 10:00 AM, Tom<tom@x.example> "
        "wrote:   Hi Anna,\nbla",
        "Yes",
    ),
    (
        "Yes\n\nSent from Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: "
        "Tom <tom@x.example>\nSent: Monday\nTo: A\nSubject: x\n\nHi",
        "Yes",
    ),
    (
        "Yes\n\n-------- Original message --------\nFrom: Tom <tom@x.example> \nDate: 3/2/26  10:00 AM  "
        "(GMT+01:00) \nTo: anna@b.example \nSubject: x \n\nHi",
        "Yes",
    ),
    (
        "Yes\n\nSent with Proton Mail secure email.\n\n------- Original Message -------\nOn Monday, March "
        "2nd, 2026 at 10:00 AM, Tom <tom@x.example> wrote:\n\n> Hi",
        "Yes",
    ),
    (
        "Yes\n\nOn Mon, 2 Mar 2026 at 10:00, Tom <tom@x.example> wrote:\n\n> Hi\n>\n> --\n> To unsubscribe "
        "click here\n",
        "Yes",
    ),
    (
        "Yes\n\nEnviado do Gmail para celular\n\nEm seg, 2 de mar de 2026 10:00, Tom <tom@x.example> "
        "escreveu:\n> x",
        "Yes",
    ),
    (
        "Yes\n\nVon: Tom <tom@x.example> \nGesendet: Montag, 2. März 2026 10:00\nAn: 'Anna' "
        "<a@b.example>\nCc: x\nBetreff: AW: x\n\nHallo",
        "Yes",
    ),
    ("Yes\n\n-----Ursprüngliche Nachricht-----\nVon: Tom [mailto:tom@x.example] \nGesendet: Montag", "Yes"),
    (
        "Yes\n\n--\nMit freundlichen Grüßen\n\nAnna Lee\n\nAcme GmbH, Musterstraße 1, 12345 "
        "Berlin\nGeschäftsführer: Max Mustermann\nAmtsgericht Berlin HRB 1234",
        "Yes",
    ),
    ("Yes\n\nMit freundlichen Grüßen / Best regards\nAnna Lee", "Yes"),
    ("Yes\n\ni. A. Anna Lee\nMit freundlichen Grüßen\nAcme GmbH", "Yes\n\ni. A. Anna Lee"),
    (
        "Yes\n\nKind regards,\n\nAnna Lee\n\n[cid:image001.png@01D5]\n\nT +44 20 7946 0000\nE "
        "anna@acme.example\nW www.acme.example\n\nRegistered in England No 1234. Registered office: 1 "
        "High Street, London.\n\nPlease consider the environment before printing this email.",
        "Yes",
    ),
    (
        "Yes\n\nAnna\n\nTom Ray <tom@x.example> ezt írta (időpont: 2026. márc. 2., H, 10:00):\n> x",
        "Yes\n\nAnna",
    ),
    (
        'Yes\n\n------ Original Message ------\nFrom: "Tom" <tom@x.example>\nTo: anna@b.example\nSent: '
        "3/2/2026 10:00:00 AM\nSubject: x\n\nHi",
        "Yes",
    ),
    (
        'Yes\n\n\n\nFrom:\t"Tom" <tom@x.example>\nTo:\tanna@b.example\nDate:\t03/02/2026 10:00 '
        "AM\nSubject:\tx\n\nHi",
        "Yes",
    ),
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize(
    "quoted", ["\n> Hi\n> Anna", "\n\n> Hi\n>\n> Anna", "\n\nHi\n\nAnna"], ids=["close", "apart", "bare"]
)
def test_an_attribution_goes_with_its_quote(attribution: str, quoted: str) -> None:
    """In any language, over several lines, with or without marks before the quoted lines."""
    assert split_reply(f"Fine with me.\n\n{attribution}{quoted}").new == "Fine with me."
    assert split_reply(f"Fine with me.\n{attribution}{quoted}").quoted.endswith("Anna")


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_answers_below_and_between_quotes_are_kept(attribution: str) -> None:
    """Only lines that are marked are quoted where some are."""
    text = f"{attribution}\n\n> When?\n\nOn Monday.\n\n> Where?\n\nHere.\n"
    assert split_reply(text).new.split() == ["On", "Monday.", "Here."]


@pytest.mark.parametrize(
    "mark",
    [
        "anna@example.org wrote:",
        "Wiadomość napisana przez Anna anna@example.org w dniu 17.01.2023, o godz. 11:09:",
        "On Wed, Jan 4, 2023 12:34 AM, anna@example.org wrote:> Are you there?",
        '-------- Ursprüngliche Nachricht --------Von: "Anna"  Datum: 07.08.24  18:46',
    ],
)
def test_a_mark_of_a_phone_begins_the_quote(mark: str) -> None:
    """Addresses without brackets, and text on the mark's own line; the phone's signature comes off above."""
    assert split_reply(f"Fine with me.\nSent from my iPhone\n\n{mark}\n\nHi,\n\nbye").new == "Fine with me."


@pytest.mark.parametrize("header", HEADERS)
def test_a_copied_header_begins_the_quote(header: str) -> None:
    """With or without a title or a rule above, in the clients' languages."""
    assert split_reply(f"Fine with me.\n\n{header}\n\nHi Anna,\n\nbye").new == "Fine with me."


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_comes_off(signature: str) -> None:
    """Delimiters, closing words with a name, lines of clients, footers of lists, notices of lawyers."""
    assert split_reply(f"Fine with me.\n\n{signature}\n").new == "Fine with me."
    assert split_reply(f"Fine with me.\n\n{signature}\n\n{ATTRIBUTIONS[0]}\n> Hi").new == "Fine with me."


@pytest.mark.parametrize("text", WHOLE)
def test_what_only_looks_like_a_mark_stays(text: str) -> None:
    """A sentence lost is worse than a name kept."""
    assert split_reply(text) == split_reply(f"\n{text}\n")
    assert split_reply(text).new == text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("", ""),
        ("> all of it\n> is quoted", ""),
        ("yes On Mon, Mar 2, 2026 at 10:00 AM, Tom <tom@sender.example> wrote:\n> Hi", "yes"),
        ("Hi\n>>> Tom Ray <tom@sender.example> 3/2/2026 10:00 AM >>>\nHi Anna", "Hi"),
        ("See <https://a.example/\n> for more.", "See <https://a.example/\n> for more."),
        ("Yes\r\n\r\nOn 2 Mar 2026, at 10:00, Tom wrote:\r\n\r\n> Hi\r\n", "Yes"),
        ("Ja\u2028\u200b\n\nAm 2. März 2026 um 10:00 schrieb Tom:\u200e\n> x", "Ja"),
        ("CAUTION: This email originated from outside of the company.\n\nYes.", "Yes."),
        ("Yes.\n\n##- Please type your reply above this line -##\n\nHi", "Yes."),
        ("Thanks,\nAnna", "Thanks,\nAnna"),
        ("Ok\n\nOn 2 Mar 2026 at 10:00 Tom Ray <\n> tom@sender.example> wrote:\n> Hi", "Ok"),
    ],
)
def test_odd_forms(text: str, new: str) -> None:
    """Broken wraps, foreign line ends, one line for two things, answers without a word of their own."""
    assert split_reply(text).new == new


@pytest.mark.parametrize(("text", "new"), LETTERS)
def test_whole_letters(text: str, new: str) -> None:
    """Signature, client's line, rule and header, one upon the other."""
    assert split_reply(text).new == new


def test_public_samples_of_replies() -> None:
    """zapier's, as far as their values are stated."""
    for name, value in json.loads(_read("zapier/expected.json") or b"{}").items():
        text = _read(f"zapier/emails/{name}").decode().replace("\r\n", "\n")
        new = split_reply(text).new
        assert new == value.get("reply", new), name
        assert new == (text.strip() if value.get("whole") else new), name
        assert [word for word in value.get("contains", ()) if word not in new] == [], name
        assert [word for word in value.get("excludes", ()) if word in new] == [], name


def test_public_samples_of_clients() -> None:
    """talon's twelve letters: the new text is Hello, without the signature of a client."""
    for path in sorted((CORPUS / "talon" / "standard_replies").glob("*.eml")):
        part = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        assert part is not None
        assert split_reply(part.get_content()).new == "Hello", path.name


def _read(name: str) -> bytes:
    path = CORPUS / name
    return path.read_bytes() if path.exists() else b""


lines = st.lists(
    st.sampled_from(
        [*ATTRIBUTIONS, *HEADERS, *SIGNATURES, *WHOLE, "", "> quoted", ">> twice", "Yes.", "Is it?", "wrote:"]
    )
    | st.text(max_size=12),
    max_size=12,
).map("\n".join)


@given(lines)
@example("Yes\n\n>From there\n> x")
def test_nothing_is_made_up(text: str) -> None:
    """New and quoted text are lines of the letter, or what stands on a line before an attribution."""
    parts = split_reply(text)
    known = [line.strip() for line in lines_of(text)]
    for line in f"{parts.new}\n{parts.quoted}".split("\n"):
        assert not line.strip() or any(each.startswith(line.strip()) for each in known)


@given(lines)
def test_splitting_twice_changes_nothing(text: str) -> None:
    """What is new stays new."""
    new = split_reply(text).new
    assert split_reply(new).new == new


@pytest.mark.parametrize(
    "unit",
    [
        *(
            ">",
            ">\n",
            "On ",
            "On \n",
            "On 1 May 2026 at 10:00 x wrote:\n",
            ":\n",
            "From: a@b\n",
            "To: a\n",
            "\n",
        ),
        *(
            "-- \n",
            "_____\n",
            "Regards,\n",
            "Thanks\nJo\n",
            "<",
            "<\n",
            " ",
            " \n",
            "wrote wrote:\n",
            "> a\nb\n",
        ),
        *(
            "ab> x\n",
            "This message \n\n",
            "<a@",
            "a On 1 ",
            "2026-01-01 ",
            "Sent from my iPhone\n",
            "\u200b",
            "-n\n",
        ),
    ],
)
def test_a_megabyte_of_anything_is_split(unit: str) -> None:
    """It comes back at all; at quadratic cost each of these would take minutes."""
    assert len(split_reply(unit * (1_000_000 // len(unit))).new) <= 1_000_000
