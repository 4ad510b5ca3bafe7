"""The first day back: last days away and days back, in the forms that people write."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.return_dates import find_return

# A Wednesday.
RECEIVED = date(2026, 3, 4)
TOLD = {
    "I am out of the office until 14 March.": date(2026, 3, 15),
    "I will be back on 17 March.": date(2026, 3, 17),
    "I'm out until Monday, March 16.": date(2026, 3, 17),
    "I will be returning on Monday.": date(2026, 3, 9),
    "I am out of the office until Monday, will look then": date(2026, 3, 10),
    "I'm on leave from 1 to 14 March 2026": date(2026, 3, 15),
    "I am away 1-14 March": date(2026, 3, 15),
    "I am away March 1 - 14, 2026": date(2026, 3, 15),
    "Ich bin vom 01.03.–14.03.2026 nicht im Büro": date(2026, 3, 15),
    "Ich bin bis zum 14.03. nicht erreichbar und ab dem 16.03. wieder im Büro": date(2026, 3, 16),
    "Ich bin bis einschließlich 13. März im Urlaub": date(2026, 3, 14),
    "Ab Montag, 16. März, bin ich wieder da": date(2026, 3, 16),
    "Ich bin am 16. März wieder für Sie da.": date(2026, 3, 16),
    "Je suis absent jusqu'au 14 mars inclus.": date(2026, 3, 15),
    "Je serai de retour le lundi 16 mars": date(2026, 3, 16),
    "Absent du 2 au 13 mars": date(2026, 3, 14),
    "Estaré fuera de la oficina hasta el 14 de marzo": date(2026, 3, 15),
    "Estaré de vuelta el 16 de marzo de 2026": date(2026, 3, 16),
    "Estou de férias até 14 de março. Volto no dia 16 de março.": date(2026, 3, 16),
    "Sarò assente fino al 13 marzo e rientrerò il 16 marzo": date(2026, 3, 16),
    "Ik ben afwezig tot en met 13 maart": date(2026, 3, 14),
    "Ik ben vanaf 16 maart weer aanwezig": date(2026, 3, 16),
    "Jag är tillbaka den 16 mars": date(2026, 3, 16),
    "Jag är på semester t.o.m. 13 mars": date(2026, 3, 14),
    "Jeg er tilbage mandag den 16. marts": date(2026, 3, 16),
    "Jeg er på ferie til og med 13. mars": date(2026, 3, 14),
    "Palaan töihin 16.3.2026": date(2026, 3, 16),
    "Olen lomalla 13.3. asti": date(2026, 3, 14),
    "Jestem na urlopie do 13 marca": date(2026, 3, 14),
    "Wracam 16 marca 2026": date(2026, 3, 16),
    "Budu zpět 16. března": date(2026, 3, 16),
    "Jsem na dovolené do 13. 3. 2026": date(2026, 3, 14),
    "13 Mart'a kadar ofis dışındayım": date(2026, 3, 14),
    "16 Mart 2026 tarihinde döneceğim": date(2026, 3, 16),
    "Я в отпуске до 13 марта": date(2026, 3, 14),
    "Вернусь 16 марта": date(2026, 3, 16),
    "Я в отпуске с 2 по 13 марта": date(2026, 3, 14),
    "3月13日まで不在にしております": date(2026, 3, 14),
    "3月16日に出社いたします": date(2026, 3, 16),
    "2026年3月2日から3月13日まで休暇": date(2026, 3, 14),
    "我将于3月16日返回": date(2026, 3, 16),
    "3月2日至3月13日休假": date(2026, 3, 14),
    "3월 13일까지 휴가입니다": date(2026, 3, 14),
    "Away until 3/14": date(2026, 3, 15),
    "I am out of the office and will be back on 03/16/2026": date(2026, 3, 16),
    "I will be back 2026-03-16": date(2026, 3, 16),
    "Back tomorrow": date(2026, 3, 5),
    "I will be back next week": date(2026, 3, 9),
    "Back after the weekend": date(2026, 3, 9),
    "I'll be back on the 16th.": date(2026, 3, 16),
    "I was out until 1 February": None,
    "I am out of the office. Call 555-1234 or 030/12345.": None,
    "I will be out of the office starting 03/02/2026 and will not return until 03/16/2026.": date(
        2026, 3, 16
    ),
    "I will be out of the office from 03/02/2026 to 03/13/2026": date(2026, 3, 14),
    "I will be on vacation through Friday, March 13th": date(2026, 3, 14),
    "Out of office today, back in the office Thursday.": date(2026, 3, 5),
    "I'm currently on annual leave and will return to work on Tuesday 17th March.": date(2026, 3, 17),
    "I will have limited access to email until 16/03/2026.": date(2026, 3, 17),
    "Estarei ausente de 02/03 a 13/03": date(2026, 3, 14),
    "Eu estarei fora do escritório e retornarei dia 16/03/2026": date(2026, 3, 16),
    "Ich bin zurzeit nicht im Büro. Ich bin wieder ab dem 16.03.2026 zu erreichen.": date(2026, 3, 16),
    "Vielen Dank für Ihre Nachricht. Ich bin am Montag, den 16.03.2026 zurück.": date(2026, 3, 16),
    "Ich bin ab 02.03.2026 bis 13.03.2026 abwesend": date(2026, 3, 14),
    "I am attending a conference and will respond when I return on Monday the 16th of March": date(
        2026, 3, 16
    ),
    "Je suis en congés du 2 mars au 13 mars inclus, retour le 16 mars.": date(2026, 3, 16),
    "I'm OOO until EOD Friday": date(2026, 3, 7),
    "I will reply to your message when I'm back in the office on Monday 9 March at 9:00": date(2026, 3, 9),
    "Szabadságon vagyok március 13-ig": date(2026, 3, 14),
    "Sunt în concediu până la 13 martie": date(2026, 3, 14),
    "Я буду відсутній до 13 березня": date(2026, 3, 14),
    "I am out of the office from Monday 2 March and will be back in the office on Monday 16 March. For "
    "urgent matters call 020 7946 0000.": date(2026, 3, 16),
    "W dniach 12-18.03.2026 przebywam na urlopie.": date(2026, 3, 19),
    "Encontro-me ausente entre 11 e 18 de março.": date(2026, 3, 19),
    "我正在休假,3月16日回公司上班。": date(2026, 3, 16),
    "أنا في إجازة حتى 15 مارس.": date(2026, 3, 16),
    "אני בחופשה עד 12 במרץ ואחזור ב-15 במרץ.": date(2026, 3, 15),
}


@pytest.mark.parametrize(("text", "day"), TOLD.items())
def test_the_first_day_back_is_read(text: str, day: date | None) -> None:
    """The day after the last day away, or the day back itself if it is named."""
    assert find_return(text, RECEIVED) == day


@pytest.mark.parametrize(
    ("text", "received_on", "day"),
    [
        ("Back on 7 January", date(2026, 12, 22), date(2027, 1, 7)),
        ("Away until 2 January", date(2026, 12, 22), date(2027, 1, 3)),
        ("Out until 14 August", date(2026, 8, 20), None),
        ("Back on Monday", date(2026, 3, 9), date(2026, 3, 16)),
        ("I am out of the office until 8/14", date(2026, 8, 3), date(2026, 8, 15)),
        ("Ich bin bis 03/04/2026 abwesend", date(2026, 3, 30), date(2026, 4, 4)),
        ("I will return to the office on 03/04/2026", date(2026, 3, 1), date(2026, 3, 4)),
    ],
)
def test_the_day_of_receipt_settles_what_is_left_open(text: str, received_on: date, day: date | None) -> None:
    """The year, the weekday's week, and which number is the month."""
    assert find_return(text, received_on) == day


@given(st.text(max_size=200), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_back_is_in_the_near_future(text: str, received_on: date) -> None:
    """Whatever the text: later than the day of receipt, and not much more than a year."""
    day = find_return(text, received_on)
    assert day is None or 0 < (day - received_on).days <= 400


@given(
    st.lists(
        st.sampled_from(
            ["until", "bis", "31", "2", ".", "/", "-", " ", "märz", "to", "monday", "20", "2026", "年", "月"]
        )
    )
)
def test_any_pieces_of_dates_can_be_read(pieces: list[str]) -> None:
    """No date that does not exist, no exception."""
    day = find_return(" ".join(pieces), RECEIVED)
    assert day is None or day > RECEIVED


@pytest.mark.parametrize("unit", ["1.", "until ", "1 march ", "monday ", "1-", "2026-", "- ", "bis zum am "])
def test_endless_text_is_read_in_its_beginning(unit: str) -> None:
    """It comes back at all; at quadratic cost each of these would take minutes."""
    day = find_return(unit * 200_000, RECEIVED)
    assert day is None or day > RECEIVED
