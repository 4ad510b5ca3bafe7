"""How letters end, in many languages: clients' lines, closing words, notices. All lower case."""

SENT_FROM = (
    r"(?:\(|<+|\[)?(?:sent|posted|written|composed|typed|submitted) (?:from|via|with|using|by|on|"
    r"through) .*",
    r"from my (?:iphone|ipad|android|mobile|phone|blackberry|samsung|galaxy|cell)\b.*",
    r"(?:get|download|try) \W?outlook\b.*",
    r"(?:get|download) \W?(?:bluemail|yahoo mail|aol|spark|proton ?mail)\b.*",
    r"(?:diese (?:nachricht|e-?mail|mail) wurde )?von (?:meinem|meiner|unterwegs|iphone|ipad) "
    r"?.*\bgesendet\b.*",
    r"diese (?:nachricht|e-?mail|mail) wurde (?:von|mit) .*(?:gesendet|verschickt|geschrieben)\b.*",
    r"(?:gesendet|versendet|verschickt|geschrieben) (?:von|mit|über|aus|via|per) .*",
    r"(?:holen sie sich|laden sie|hol dir|beziehen sie) outlook\b.*|outlook für (?:ios|android) "
    r"beziehen.*",
    r"outlook für (?:ios|android) .*",
    r"(?:envoyé|envoye|expédié) (?:de|depuis|à partir|avec|par|via|d['’]).*",
    r"(?:télécharge[rz]|obtenez|obtenir|installe[rz]) outlook\b.*",
    r"(?:enviado|mandado) (?:desde|con|por|mediante|usando|via|vía|através|do|de|a partir|pelo|com)\b.*",
    r"enviada do meu .*",
    r"(?:obtener|obtenga|obtén|descargar?|consigue|obter o?|baixar o?|obtenha o?|transferir o?) "
    r"outlook\b.*",
    r"(?:inviat[oa]|spedit[oa]|scritt[oa]) (?:da|dal|dall['’]|con|tramite|mediante|via)\b.*",
    r"inviato dall['’].*|(?:scarica|ottieni|ottenere) outlook\b.*",
    r"(?:verstuurd|verzonden|gestuurd) (?:vanaf|vanuit|met|via|door|van)\b.*|mail met .{3,30} verzonden",
    r"(?:download|haal|outlook voor) outlook.*|outlook voor (?:ios|android) .*",
    r"(?:skickat|skickades|skickat via|sänt) (?:från|med|via)\b.*|(?:hämta|skaffa) outlook\b.*",
    r"(?:sendt|afsendt|skrevet) (?:fra|med|via|med min)\b.*|(?:hent|få|skaff(?: deg)?|last ned) "
    r"outlook\b.*",
    r"lähetetty .*|hanki outlook\b.*|lataa outlook\b.*",
    r"(?:wysłan[eoay]|wysłano) (?:z|za|przez|przy)\b.*|(?:pobierz|uzyskaj) (?:aplikację )?outlook\b.*",
    r"(?:odesláno|odeslané|odeslano|odoslan[éo]|posláno) (?:z|ze|zo|pomocí|přes|cez)\b.*",
    r"(?:získejte|stáhnout|získajte|získať) outlook\b.*",
    r"(?:elküldve|küldve|elküldve az?) .*|.{1,30}(?:ról|ről|mról|mről) küldve",
    r"trimis (?:de pe|din|cu|prin)\b.*|(?:descărcați|obțineți) outlook\b.*",
    r".{1,40}(?:dan|den|tan|ten|ımdan|imden|umdan|ümden) gönderildi.*|.{0,30}için outlook.*",
    r"(?:отправлено|послано|відправлено|надіслано|изпратено|отправил) (?:с|из|от|з|із|через|при|"
    r"мобильн|від)\b.*",
    r"отправлено из .*|(?:скачайте|получите|загрузить|завантажте) outlook\b.*",
    r"στάλθηκε (?:από|με)\b.*|εστάλη από .*",
    r"poslano (?:s|z|iz|sa)\b.*|saadetud minu .*|nosūtīts no .*|išsiųsta iš .*",
    r".{0,20}(?:iphone|ipad|android|スマートフォン|携帯).{0,12}(?:から|より)送信.*|"
    r".{0,12}outlook.{0,20}を入手.*",
    r"outlook for (?:ios|android).*|.{0,20}から送信(?:しました)?",
    r"(?:发自|發自|从|從|由)我?的? ?.{1,30}(?:傳送|传送|发送|發送|寄出)?|(?:获取|取得|下载|下載) "
    r"?outlook.*",
    r".{0,20}(?:iphone|ipad|갤럭시|galaxy|android|휴대폰).{0,8}에서 보냄.*|.{0,10}용 outlook.*",
    r"أُ?رسلت? من .*|تم الإرسال من .*|נשלח מ.*|(?:đã )?gửi từ .*|dikirim dari .*|ส่งจาก.*",
    r"virus-?free\W.*avast.*|.*\b(?:avast|avg)\b.*(?:virus|vír|вирус).*|.*(?:virus|вирус).*\b(?:avast|"
    r"avg)\b.*",
)
"""Whole lines of clients and of what they advertise. A line with a sentence of a person is kept: see its
user.
"""

DEVICES = (
    *("iphone", "ipad", "ipod", "iphon", "android", "andriod", "blackberry", "samsung", "galaxy"),
    *("huawei", "honor", "xiaomi", "redmi", "mi phone", "oneplus", "pixel", "nokia", "lumia"),
    *("windows", "htc", "motorola", "moto", "sony", "xperia", "lg", "zte", "alcatel", "oppo", "vivo"),
    *("realme", "smartphone", "smartfon", "mobile", "mobil", "móvil", "movil", "celular", "cellulare"),
    *("cell", "phone", "telefon", "téléphone", "telefoon", "handy", "tablet", "tablette", "tableta"),
    *("device", "gerät", "outlook", "mail", "gmail", "yahoo", "aol", "proton", "protonmail", "spark"),
    *("airmail", "mailbox", "thunderbird", "hey", "superhuman", "mailspring", "zoho", "yandex"),
    *("mail.ru", "gmx", "web.de", "t-online", "posteo", "tutanota", "tuta", "bluemail", "boxer"),
    *("acompli", "nine", "k-9", "fairemail", "edison", "newton", "polymail", "canary", "front"),
    *("hubspot", "verizon", "at&t", "t-mobile", "sprint", "vodafone", "orange", "mac", "macbook"),
    *("apple", "watch", "fold", "ios", "app", "телефон", "смартфон", "айфон", "почты", "почта"),
    *("мобильн", "携帯", "手机", "手機", "郵件", "邮件", "邮箱", "휴대폰", "هاتف", "puhelin"),
    *("puhelime", "sparrow", "laptop", "pc"),
)

CLOSINGS = (
    *("best regards", "kind regards", "kindest regards", "warm regards", "warmest regards", "regards"),
    *("with kind regards", "with best regards", "with regards", "my best regards", "many regards"),
    *("rgds", "best wishes", "with best wishes", "warm wishes", "kind wishes", "all the best"),
    *("all my best", "sincerely", "yours sincerely", "sincerely yours", "yours truly"),
    *("yours faithfully", "respectfully", "cordially", "warmly", "br", "kr", "thanks and regards"),
    *("thanks & regards", "thank you and regards", "thanks and best regards", "thanks & best regards"),
    *("many thanks and kind regards", "yours", "thanks and kind regards", "thank you and best regards"),
    *("thank you & regards", "best rgds", "mit freundlichen grüßen", "mit freundlichem gruß"),
    *("mit freundlichen grüssen", "mit freundlichem gruss", "mit freundlichen gruessen"),
    *("freundliche grüße", "freundliche grüsse", "freundlichen gruß", "mfg", "viele grüße"),
    *("viele grüsse", "viele gruesse", "vielen gruß", "beste grüße", "beste grüsse", "vg", "lg"),
    *("liebe grüße", "liebe grüsse", "lieben gruß", "herzliche grüße", "herzliche grüsse"),
    *("schöne grüße", "sonnige grüße", "mit besten grüßen", "mit besten grüssen", "mit vielen grüßen"),
    *("gruß", "gruss", "grüße", "mit lieben grüßen", "hochachtungsvoll", "freundlicher gruß"),
    *("es grüßt", "besten gruß", "bg", "cordialement", "bien cordialement", "très cordialement"),
    *("bien à vous", "sincèrement", "cdlt", "cdt", "salutations", "meilleures salutations"),
    *("sincères salutations", "salutations distinguées", "cordiales salutations", "amicalement"),
    *("respectueusement", "bien sincèrement", "bonne réception", "saludos", "un saludo"),
    *("saludos cordiales", "un cordial saludo", "cordialmente", "atentamente"),
    *("reciba un cordial saludo", "muchos saludos", "un abrazo", "atte", "atenciosamente"),
    *("cumprimentos", "com os melhores cumprimentos", "melhores cumprimentos", "att", "abraços"),
    *("cordiais saudações", "saudações", "um abraço", "abraço", "abs", "com os meus cumprimentos"),
    *("cordiali saluti", "distinti saluti", "saluti", "un saluto", "un cordiale saluto", "cordialità"),
    *("i migliori saluti", "buona giornata", "a presto", "tanti saluti", "met vriendelijke groet"),
    *("met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "groet", "groeten"),
    *("groetjes", "met hartelijke groet", "hartelijke groet", "mvg", "hoogachtend"),
    *("met vriendelijke groetjes", "med vänlig hälsning", "med vänliga hälsningar"),
    *("vänliga hälsningar", "vänlig hälsning", "mvh", "hälsningar", "bästa hälsningar", "allt gott"),
    *("med venlig hilsen", "venlig hilsen", "bedste hilsner", "hilsen", "mange hilsner"),
    *("med venlige hilsner", "de bedste hilsner", "vh", "kh", "kærlig hilsen", "med vennlig hilsen"),
    *("vennlig hilsen", "med vennlige hilsener", "beste hilsen", "hilsen fra"),
    *("ystävällisin terveisin", "terveisin", "parhain terveisin", "terveiset", "yst. terv", "yt"),
    *("z poważaniem", "z powazaniem", "pozdrawiam", "serdecznie pozdrawiam", "pozdrawiam serdecznie"),
    *("z wyrazami szacunku", "pozdrowienia", "łączę pozdrowienia", "s pozdravem", "s úctou"),
    *("s pozdravom", "zdravím", "pěkný den", "hezký den", "s přáním hezkého dne"),
    *("s přátelským pozdravem", "pozdravy", "üdvözlettel", "üdv", "tisztelettel"),
    *("szívélyes üdvözlettel", "cu stimă", "cu respect", "toate cele bune", "saygılarımla"),
    *("saygılarımızla", "iyi çalışmalar", "selamlar", "sevgiler", "kolay gelsin", "iyi günler"),
    *("с уважением", "с наилучшими пожеланиями", "всего доброго", "всего хорошего", "с почтением"),
    *("з повагою", "з найкращими побажаннями", "с уважение", "поздрави", "με εκτίμηση", "φιλικά"),
    *("s poštovanjem", "lijep pozdrav", "srdačan pozdrav", "lep pozdrav", "pozdrav", "lugupidamisega"),
    *("ar cieņu", "pagarbiai", "よろしくお願いいたします", "宜しくお願いいたします"),
    *("よろしくお願い致します", "よろしくお願いします", "以上", "宜しくお願い致します"),
    *("以上、よろしくお願いいたします", "以上、宜しくお願いいたします", "敬具", "草々", "此致", "敬礼"),
    *("敬禮", "祝好", "顺祝商祺", "順頌商祺", "此致敬礼", "谨上", "敬上", "祝商祺", "best"),
    *("감사합니다", "드림", "올림", "مع التحية", "تحياتي", "مع خالص التحية", "أطيب التحيات", "بإخلاص"),
    *("בברכה", "בכבוד רב", "trân trọng", "thân ái", "trân trọng kính chào", "salam", "hormat saya"),
    *("ขอแสดงความนับถือ", "salutacions", "cordialment", "atentament", "agur", "ส่งท้าย"),
)
"""A line of its own that ends a letter, with or without a name below."""

THANKS = (
    *("thanks", "thank you", "many thanks", "thanks again", "thanks a lot", "thanks so much"),
    *("thank you so much", "thx", "ty", "cheers", "best", "thanks in advance", "thank you in advance"),
    *("with thanks", "take care", "talk soon", "speak soon", "ciao", "love", "danke", "vielen dank"),
    *("besten dank", "danke schön", "merci", "danke und gruß", "danke und viele grüße"),
    *("vielen dank und viele grüße", "merci beaucoup", "merci d'avance", "bonne journée"),
    *("bonne soirée", "à bientôt", "bon week-end", "gracias", "muchas gracias", "obrigado", "obrigada"),
    *("muito obrigado", "muito obrigada", "grazie", "grazie mille", "molte grazie", "bedankt"),
    *("dank je wel", "alvast bedankt", "met dank", "tack", "tack på förhand", "tack så mycket", "tak"),
    *("mange tak", "på forhånd tak", "takk", "mange takk", "på forhånd takk", "kiitos"),
    *("kiitos etukäteen", "dziękuję", "dzięki", "z góry dziękuję", "děkuji", "díky", "děkuji předem"),
    *("předem děkuji", "ďakujem", "köszönöm", "köszönettel", "mulțumesc", "teşekkürler"),
    *("teşekkür ederim", "спасибо", "заранее спасибо", "благодарю", "дякую", "ευχαριστώ", "hvala"),
    *("ありがとうございます", "谢谢", "謝謝", "多谢", "شكرا", "תודה", "cảm ơn", "terima kasih"),
    *("ขอบคุณ",),
)
"""Closing words that say something themselves: a signature only with a name below."""

NOTICES = (
    r"(?:this|the) (?:e-?mail|message|communication|electronic|transmission|information|content|"
    r"contents)\b.{0,120}\b(?:confidential|privileged|intended (?:only|solely|for|exclusively)|"
    r"proprietary)",
    r"(?:\W{0,3})(?:confidentiality|legal|privacy|privileged|disclaimer|important)(?: (?:notice|note|"
    r"disclaimer|statement|information|warning|and confidential)){1,2}\b",
    r"(?:\W{0,3})(?:disclaimer|haftungsausschluss|avis de confidentialité|aviso legal|aviso de "
    r"privacidad)\W{0,3}",
    r"(?:if you (?:are not|have received|received)|should you (?:not be|have received)|unless you are) "
    r".{0,60}(?:intended recipient|in error|addressee|by mistake)",
    r"please consider (?:the environment|the impact).{0,80}print|think before you print|save a tree",
    r"\W{0,4}(?:before printing|bevor sie diese|pensez à l['’]environnement|avant "
    r"d['’]imprimer).{0,120}",
    r"(?:click here to unsubscribe|unsubscribe from this list|to unsubscribe from this (?:group|list))",
    r"you (?:are receiving|received) this (?:message|e-?mail) because",
    r"reply to this e-?mail directly or",
    r"(?:diese|dieses|die in dieser|der inhalt dieser|die information(?:en)?)\b.{0,40}(?:e-?mail|"
    r"nachricht|mail).{0,160}(?:vertraulich|bestimmt|geschützt)",
    r"(?:ce|cet|le présent|ce présent) (?:message|courriel|courrier|e-?mail|"
    r"mail)\b.{0,140}(?:confidentiel|exclusi|destiné|établi)",
    r"(?:este|esta|el presente|la presente|el contenido de este|la información)\b.{0,40}(?:mensaje|"
    r"correo|e-?mail|comunicación|mensagem|transmisión).{0,160}(?:confidencia|exclusiv|dirigid|destin)",
    r"(?:questo|questa|il presente|la presente|le informazioni|il contenuto)\b.{0,40}(?:messaggio|"
    r"e-?mail|comunicazione|mail|posta).{0,160}(?:confidenzial|riservat|destinat|esclusiv)",
    r"(?:dit|deze|de informatie in dit|de inhoud van)\b.{0,40}(?:bericht|e-?mail|"
    r"mail).{0,160}(?:vertrouwelijk|bestemd|uitsluitend)",
    r"(?:detta|det här|denna|denne|dette)\b.{0,30}(?:meddelande|e-?post|mail|e-?mail|besked|"
    r"melding)\b.{0,140}(?:konfidentiel|fortrolig|sekretess|avsed|tiltænkt|konfidens)",
    r"(?:niniejsz|ta wiadomość|treść tej|informacje zawarte).{0,120}(?:poufn|przeznaczon|wyłącznie)",
    r"(?:tento|tato|informace obsažené|obsah)\b.{0,40}(?:e-?mail|zpráva|správa|"
    r"zprávy).{0,140}(?:důvěrn|určen|dôvern)",
    r"(?:данное|это|настоящее|информация)\b.{0,60}(?:сообщени|письм).{0,140}(?:конфиденциал|предназнач)",
    r"(?:bu|işbu)\b.{0,20}(?:e-?posta|mesaj|ileti|elektronik).{0,160}(?:gizli|kişiye özel|yalnızca|"
    r"sadece)",
    r"(?:本|この|此)(?:邮件|郵件|メール|電子メール|电子邮件|电邮).{0,80}(?:机密|保密|機密|秘密|意図)",
)
"""How notices begin that lawyers add."""

BANNER = (
    r"\W{0,6}(?:caution|warning|external|attention|achtung|vorsicht|attention|alerte|atención|atenção|"
    r"let op)\b.{0,40}(?:e-?mail|message|mail|nachricht|courriel|correo|mensagem|"
    r"bericht)?.{0,60}(?:originated|outside|external sender|extern|extérieur|externo|buiten)",
    r"you don['’]t often get e-?mail from .{3,120}",
    r"(?:sie erhalten nicht häufig|sie erhalten nicht oft) e-?mails? von .{3,120}",
    r"(?:vous n['’]obtenez pas souvent|vous ne recevez pas souvent) .{3,120}",
)
"""What a gateway writes above a letter."""
