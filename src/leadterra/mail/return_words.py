"""How absences say until when, or from when again: tables, in many languages, all lower case."""

# Before the last day away.
UNTIL = (
    *("until", "untill", "till", "til", "through", "thru", "up to and including", "up to", "up until"),
    *("to", "and", "ending", "bis zum", "bis einschließlich", "bis einschl.", "bis inkl."),
    *("bis inklusive", "bis", "bis und mit", "inkl.", "jusqu'au", "jusqu'à", "jusque", "jusqu'en"),
    *("au", "hasta el", "hasta", "al", "fino al", "fino a", "sino al", "até", "até o dia"),
    *("até ao dia", "até dia", "a", "ate", "tot en met", "t/m", "tot", "t.e.m.", "till och med"),
    *("t.o.m.", "t.o.m", "tom", "tom.", "til og med", "frem til", "indtil", "do", "do dnia", "aż do"),
    *("až do", "do konce", "pana la", "până la", "până în", "по", "до", "включно до", "έως", "μέχρι"),
    *("ως", "'den", "hingga", "sampai", "đến", "đến hết", "tới", "حتى", "الى", "إلى", "עד", "至", "到"),
    *("直到", "直至", "〜", "～", "から", "asti", "die", "fins"),
)
# After it.
UNTIL_AFTER = (
    *("inclusive", "included", "einschließlich", "inklusive", "inclus", "incluido", "incluso"),
    *("compreso", "asti", "saakka", "'e kadar", "'a kadar", "'ye kadar", "'ya kadar", "kadar"),
    *("tarihine kadar", "tarihleri arasında", "まで", "迄", "까지", "為止", "为止", "之前", "-ig"),
    *("ig", "vrijdag", "включительно", "включно"),
)
# Before the first day back.
BACK = (
    *(
        "reopen on",
        "reopens on",
        "reopening on",
        "reopen",
        "wieder geöffnet ab",
        "rouvrons le",
        "reabrimos el",
        "riapriamo il",
    ),
    *("back on", "back in the office on", "back at work on", "back in office on", "back at my desk on"),
    *("back", "return on", "return to the office on", "return", "returning on"),
    *("returning to the office on", "returning", "resume work on", "resume", "in the office again on"),
    *("available again on", "available from", "available again from", "available on", "reachable from"),
    *("be back", "in office again", "next in the office on", "office on", "work on", "before"),
    *("not before", "after my return on", "wieder am", "wieder ab", "wieder ab dem", "wieder da"),
    *("zurück am", "zurück", "wieder", "ab dem", "ab", "erst am", "erst wieder am", "erreichbar ab"),
    *("vor dem", "rückkehr am", "rückkehr", "retour le", "de retour le", "de retour"),
    *("de retour au bureau le", "à partir du", "dès le", "retour", "reviendrai le", "reprise le"),
    *("à compter du", "serai de retour", "avant le", "rentrerai le", "de vuelta el", "de vuelta"),
    *("regreso el", "regresaré el", "regreso", "vuelvo el", "volveré el", "a partir del"),
    *("reincorporaré el", "incorporaré el", "reincorporo el", "estaré de vuelta", "de regreso el"),
    *("retornaré el", "regresando el", "desde el", "rientro il", "rientrerò il", "rientro"),
    *("tornerò il", "torno il", "di ritorno il", "a partire dal", "dal", "in ufficio il"),
    *("sarò di ritorno", "retorno em", "retorno no dia", "retornarei em", "retornarei no dia"),
    *("retorno dia", "retornarei dia", "volto no dia", "volto em", "voltarei no dia", "voltarei em"),
    *("volto dia", "regresso no dia", "regresso a", "regresso em", "regressarei a"),
    *("regressarei no dia", "de volta em", "de volta no dia", "a partir de", "a partir do dia"),
    *("estarei de volta", "terug op", "terug", "weer aanwezig op", "weer bereikbaar op", "vanaf"),
    *("weer vanaf", "weer op", "aanwezig vanaf", "ben ik er weer op", "tillbaka den", "tillbaka"),
    *("åter den", "åter", "åter på plats", "från och med", "fr.o.m.", "fr.o.m", "from", "tilbage den"),
    *("tilbage", "tilbake den", "tilbake", "igen den", "igjen den", "fra og med", "fra den", "f.o.m."),
    *("palaan", "palaan töihin", "takaisin", "tavoitettavissa", "takaisin töissä", "töissä taas"),
    *("alkaen", "wracam", "wrócę", "powrót", "wracam do biura", "z powrotem", "będę dostępny od"),
    *("będę dostępna od", "dostępny od", "dostępna od", "od dnia", "od", "zpět", "vrátím se"),
    *("budu zpět", "zpátky", "opět", "vrátim sa", "späť", "vissza", "visszatérek", "újra", "revin"),
    *("revin la birou", "înapoi", "mă întorc", "ma intorc", "dönüş", "döneceğim", "itibaren"),
    *("вернусь", "выйду", "буду на связи", "буду доступен", "буду доступна", "буду", "возвращаюсь"),
    *("с", "повернусь", "з", "выхожу", "επιστρέφω", "επιστροφή", "θα επιστρέψω", "kembali"),
    *("kembali pada", "trở lại", "quay lại", "سأعود", "أعود", "ואחזור", "ואשוב", "אחזור", "אשוב", "חוזר"),
)
# After it.
BACK_AFTER = (
    *("wieder", "zurück", "erreichbar", "wieder erreichbar", "wieder im büro", "back", "weer", "terug"),
    *(
        "weer bereikbaar",
        "ben ik er weer",
        "ben ik weer",
        "tillbaka",
        "tilbage",
        "tilbake",
        "igen",
        "igjen",
        "takaisin",
        "alkaen",
    ),
    *("tarihinde", "'de", "'da", "'te", "'ta", "tarihinden itibaren", "itibaren", "günü", "döneceğim"),
    *("-án", "-én", "-tól", "-től", "に戻り", "より", "から", "に出社", "に復帰", "以降", "に帰"),
    *("回来", "返回", "回到", "回办公室", "起", "恢复", "回來", "上班", "回", "에 복귀", "부터", "에 돌아"),
    *("에 출근", "вернусь", "выйду", "повернусь", "zpět", "wracam", "de volta", "estarei de volta"),
    *("sarò di ritorno", "de retour"),
)
# Before the first day away, unless words of coming back are beside.
START = (
    *("from", "vom", "von", "ab", "ab dem", "starting", "as of", "between", "du", "depuis le"),
    *("à partir du", "del", "desde el", "desde", "dal", "de", "van", "vanaf", "från", "från och med"),
    *("fra", "fra og med", "fr.o.m.", "od", "od dnia", "с", "з", "από", "entre", "tra il"),
    *("zwischen dem", "since", "seit", "seit dem", "a partir del", "a partir de", "从", "自"),
)
# A day without a date, by its distance: see `return_dates`.
TOMORROW = (
    *("tomorrow", "morgen", "demain", "mañana", "domani", "amanhã", "imorgon", "i morgon", "i morgen"),
    *("huomenna", "jutro", "zítra", "zajtra", "holnap", "mâine", "maine", "yarın", "завтра", "αύριο"),
    *("明日", "明天", "내일", "غدا", "מחר", "besok", "ngày mai"),
)
NEXT_WEEK = (
    *("next week", "the following week", "after the weekend", "nächste woche", "nächster woche"),
    *("kommende woche", "kommender woche", "nach dem wochenende", "la semaine prochaine"),
    *("semaine prochaine", "après le week-end", "la próxima semana", "próxima semana"),
    *("la semana que viene", "después del fin de semana", "la prossima settimana"),
    *("settimana prossima", "prossima settimana", "dopo il weekend", "dopo il fine settimana"),
    *("na próxima semana", "semana que vem", "depois do fim de semana", "volgende week"),
    *("na het weekend", "nästa vecka", "efter helgen", "næste uge", "efter weekenden", "neste uke"),
    *("etter helgen", "ensi viikolla", "viikonlopun jälkeen", "w przyszłym tygodniu"),
    *("przyszłym tygodniu", "po weekendzie", "příští týden", "po víkendu", "budúci týždeň"),
    *("jövő héten", "săptămâna viitoare", "haftaya", "gelecek hafta", "önümüzdeki hafta"),
    *("hafta sonundan sonra", "на следующей неделе", "на той неделе", "после выходных"),
    *("наступного тижня", "来週", "下周", "下週", "다음 주", "다음주", "minggu depan", "tuần sau"),
    *("tuần tới",),
)
ENGLISH = (
    *("the", "will", "office", "return", "until", "back", "out", "and", "leave", "away", "vacation"),
    *("holiday", "i am", "i'm"),
)
