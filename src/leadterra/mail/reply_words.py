"""The words by which mail clients mark what is quoted, in the languages that they speak: tables, all lower
case.

They are the clients' own phrases, as their users' letters show them. A language is added by adding its words.
"""

WROTE = (
    *("wrote", "writes", "sent", "schrieb", "geschrieben", "schreibt", "a écrit", "a ecrit"),
    *("ha escrit", "escribió", "escribio", "ha escrito", "escreveu", "ha scritto", "schreef"),
    *("geschreven", "skrev", "skreiv", "kirjoitti", "napisał", "napisała", "napisał(a)", "napisał/a"),
    *("pisze", "napsal", "napsala", "napsal(a)", "napísal", "napísala", "napísal(a)", "je napisao"),
    *("je napisala", "je napisao/la", "napisao", "napisal", "napisala", "írta", "a scris", "yazdı"),
    *("yazmış", "şunları yazdı", "şunu yazdı", "написал", "написала", "написал(а)", "пишет", "писал"),
    *("писала", "писал(а)", "пише", "написав", "написала(а)", "написав(ла)", "написа", "έγραψε"),
    *("kirjutas", "rakstīja", "rašė", "parašė", "va escriure", "escrigué", "menulis", "đã viết"),
    *("viết", "เขียนว่า", "เขียน", "كتب", "كتبت", "כתב", "כתבה", "כתב/ה", "נכתב", "写道", "寫道"),
    *("写到", "书写", "のメール", "さんは書きました", "さんが書きました", "書きました", "のメッセージ"),
    *(
        "작성",
        "님이 작성",
        "썼습니다",
        "님의 말",
        "wiadomość napisana przez",
        "skrifaði",
        "shkroi",
        "idatzi zuen",
    ),
)

# How attributions begin that name the day first. Each must be followed by a digit before long.
ON = (
    *("on", "at", "am", "um", "le", "el", "em", "no dia", "na", "il giorno", "il", "op", "den", "d."),
    *("på", "w dniu", "dnia", "dne", "dňa", "pe", "în data de", "la data de", "στις", "την", "на"),
    *("dana", "vào", "pada", "tanggal", "เมื่อ", "在", "於", "于", "a", "el dia", "al", "hi", "בתאריך"),
    *("ב-", "في", "بتاريخ", "kl.", "kohteessa", "el día", "data"),
)

FROM = (
    *("from", "von", "absender", "de", "expéditeur", "remitente", "da", "mittente", "van", "afzender"),
    *("från", "fra", "afsender", "avsender", "lähettäjä", "od", "odesílatel", "odesilatel"),
    *("odosielateľ", "feladó", "de la", "expeditor", "kimden", "gönderen", "от", "от кого"),
    *("отправитель", "від", "від кого", "από", "差出人", "送信者", "发件人", "寄件者", "寄件人"),
    *("發件人", "보낸 사람", "보낸사람", "발신", "من", "מאת", "từ", "người gửi", "dari", "จาก"),
    *("šalje", "pošiljatelj", "saatja", "no", "nuo", "sent by"),
)
DATE = (
    *("sent", "date", "sent at", "date sent", "message du", "gesendet", "gesendet am", "datum"),
    *("envoyé", "envoyé le", "date d'envoi", "enviado", "enviado el", "enviado em", "enviada em"),
    *("enviada", "fecha", "data", "inviato", "data invio", "verzonden", "verstuurd", "skickat"),
    *("sendt", "dato", "lähetetty", "päiväys", "päivämäärä", "wysłano", "wysłane", "data wysłania"),
    *("odesláno", "odoslané", "dátum", "elküldve", "küldve", "trimis", "gönderildi", "gönderilme"),
    *("gönderilme tarihi", "tarih", "отправлено", "дата", "дата отправки", "надіслано", "відправлено"),
    *("στάλθηκε", "ημερομηνία", "送信日時", "日付", "日時", "发送时间", "发送日期", "日期", "時間"),
    *("时间", "寄件日期", "傳送時間", "傳送日期", "보낸 날짜", "보낸날짜", "날짜", "التاريخ", "تاريخ"),
    *("تم الإرسال", "נשלח", "תאריך", "đã gửi", "ngày", "terkirim", "dikirim", "tanggal", "ส่ง"),
    *("วันที่", "poslano", "saadetud", "nosūtīts", "išsiųsta", "изпратено", "послато"),
)
TO = (
    *("to", "an", "à", "a", "para", "destinataire", "destinatario", "destinatário", "aan", "till"),
    *("til", "vastaanottaja", "do", "komu", "címzett", "către", "catre", "kime", "alıcı", "кому", "до"),
    *("προς", "宛先", "收件人", "收件者", "받는 사람", "받는사람", "수신", "إلى", "אל", "đến"),
    *("người nhận", "kepada", "untuk", "ถึง", "za", "prima", "primatelj", "empfänger", "saaja", "kam"),
    *("kas", "até"),
)
SUBJECT = (
    *("subject", "betreff", "objet", "sujet", "asunto", "assunto", "oggetto", "onderwerp", "ämne"),
    *("emne", "aihe", "temat", "předmět", "predmet", "tárgy", "subiect", "konu", "тема", "тема письма"),
    *("θέμα", "件名", "主题", "主旨", "主題", "标题", "제목", "الموضوع", "נושא", "tiêu đề", "chủ đề"),
    *("subjek", "perihal", "เรื่อง", "assumpte", "naslov", "teema", "относно"),
)
OTHER_FIELD = (
    *("cc", "bcc", "c.c.", "kopie", "kopia", "kopi", "kopio", "copia", "cópia", "copie", "copie à"),
    *("cci", "копия", "копія", "másolatot kap", "bilgi", "参照", "抄送", "副本", "參照", "참조"),
    *("עותק", "نسخة", "reply-to", "reply to", "antwort an", "répondre à", "responder a", "risposta"),
    *("rispondi a", "importance", "priority", "wichtigkeit", "priorität", "priorité", "importancia"),
    *("prioridade", "urgentie", "attachments", "anlagen", "anhänge", "anhang", "pièces jointes"),
    *("datos adjuntos", "anexos", "allegati", "bijlagen", "bilagor", "vedhæftede filer", "załączniki"),
    *("prioriteit", "vigtighed", "organization"),
)

# Titles of a copied letter, between dashes or above its header.
ORIGINAL = (
    *("original message", "original mail", "original email", "original e-mail", "reply message"),
    *("forwarded message", "forwarded by", "forwarded mail", "forwarded email"),
    *("begin forwarded message", "originalnachricht", "original-nachricht", "original nachricht"),
    *("ursprüngliche nachricht", "ursprungliche nachricht", "ursprüngliche e-mail"),
    *("ursprüngliche mail", "original-e-mail", "weitergeleitete nachricht"),
    *("anfang der weitergeleiteten nachricht", "antwort nachricht", "message d'origine"),
    *("message d’origine", "message original", "message originel", "message transféré"),
    *("message transmis", "courriel original", "début du message réexpédié"),
    *("début du message transféré", "mensaje original", "mensaje reenviado"),
    *("inicio del mensaje reenviado", "correo original", "mensagem original", "mensagem encaminhada"),
    *("mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reencaminhada"),
    *("e-mail original", "messaggio originale", "messaggio inoltrato", "inizio messaggio inoltrato"),
    *("messaggio originario", "oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht"),
    *("doorgestuurd bericht", "begin doorgestuurd bericht", "originele bericht"),
    *("ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande"),
    *("vidarebefordrat brev", "oprindelig meddelelse", "original meddelelse", "oprindelig besked"),
    *("videresendt meddelelse", "start på videresendt besked", "opprinnelig melding"),
    *("original melding", "videresendt melding", "alkuperäinen viesti", "alkuperäinen sanoma"),
    *("välitetty viesti", "edelleenlähetetty viesti", "wiadomość oryginalna", "oryginalna wiadomość"),
    *("pierwotna wiadomość", "treść oryginalnej wiadomości", "wiadomość przekazana"),
    *("przekazana wiadomość", "původní zpráva", "původní e-mail", "puvodni zprava"),
    *("přeposlaná zpráva", "pôvodná správa", "preposlaná správa", "eredeti üzenet"),
    *("továbbított üzenet", "mesaj original", "mesajul original", "mesaj redirecționat"),
    *("orijinal mesaj", "orijinal ileti", "özgün ileti", "iletilen mesaj", "iletilmiş mesaj"),
    *("исходное сообщение", "оригинальное сообщение", "исходное письмо", "пересылаемое сообщение"),
    *("пересланное сообщение", "пересылаемое письмо", "вихідне повідомлення"),
    *("оригінальне повідомлення", "переслане повідомлення", "препратено съобщение"),
    *("оригинално съобщение", "αρχικό μήνυμα", "προωθημένο μήνυμα", "original poruka"),
    *("izvorna poruka", "originalna poruka", "izvirno sporočilo", "元のメッセージ"),
    *("オリジナルメッセージ", "元のメール", "転送メッセージ", "転送されたメッセージ", "原始邮件"),
    *("原始郵件", "原始信件", "原邮件", "转发邮件", "转发的邮件", "转发邮件信息", "轉寄郵件"),
    *("回复的原邮件", "원본 메시지", "원본 메일", "원본메일", "원래 메시지", "전달된 메시지"),
    *("الرسالة الأصلية", "رسالة أصلية", "הודעה מקורית", "הודעה שהועברה", "tin nhắn gốc", "thư gốc"),
    *("pesan asli", "pesan asal", "ข้อความต้นฉบับ", "missatge original", "jatorrizko mezua"),
    *("upprunaleg skilaboð",),
)

# Machines' lines above which the answer stands.
ABOVE_THIS = (
    *("reply above this line", "type your reply above this line", "write above this line"),
    *("please do not write below this line", "do not reply below this line", "reply above this text"),
    *("bitte antworten sie über dieser linie", "bitte oberhalb dieser zeile antworten"),
    *("répondez au-dessus de cette ligne", "veuillez répondre au-dessus de cette ligne"),
    *("responda por encima de esta línea", "responda acima desta linha", "rispondi sopra questa riga"),
    *("antwoord boven deze regel", "svara ovanför denna rad", "skriv over denne linje"),
)

# Lines that stand for a quote that a client folded away.
FOLDED = (
    *("[quoted text hidden]", "[zitierter text ausgeblendet]"),
    *("[texte des messages précédents masqué]",),
)
