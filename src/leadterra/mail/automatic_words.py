"""What machines write for people who are away, gone, or busy: tables, in many languages, all lower case."""

# Subjects of absences, at their beginning.
ABSENCE_SUBJECT = (
    *("out of office", "out-of-office", "out of the office", "ooo", "away from", "on vacation"),
    *("vacation", "on leave", "annual leave", "vacation reply", "vacation response", "absence notice"),
    *("away notice", "i am away", "i'm away", "out of the", "on holiday", "maternity leave"),
    *("parental leave", "i am out of", "i'm out of", "currently out of", "absent", "not in the office"),
    *("automatic out of office", "abwesenheitsnotiz", "abwesenheit", "abwesend"),
    *("abwesenheitsnachricht", "abwesenheitsmeldung", "ich bin im urlaub", "nicht im büro"),
    *("im urlaub", "außer haus", "urlaubsbedingt", "urlaub", "elternzeit", "absence du bureau"),
    *("absence", "absent du bureau", "message d'absence", "en congés", "en congé"),
    *("notification d'absence", "je suis absent", "congé maternité", "fuera de la oficina"),
    *("fuera de oficina", "ausencia", "ausente", "de vacaciones", "estoy fuera", "vacaciones"),
    *("fuori sede", "fuori ufficio", "assente", "assenza", "in ferie", "sono in ferie"),
    *("fora do escritório", "fora do escritorio", "ausência", "ausencia temporária"),
    *("ausente do escritório", "férias", "de férias", "afwezig", "afwezigheid", "afwezigheidsbericht"),
    *("afwezigheidsassistent", "niet aanwezig", "met vakantie", "op vakantie", "buiten kantoor"),
    *("frånvaro", "frånvarande", "på semester", "ej på kontoret", "frånvaromeddelande", "semester"),
    *("fravær", "fraværende", "fraværsmeddelelse", "fraværsbesked", "på ferie", "ikke på kontoret"),
    *("ute av kontoret", "fraværsmelding", "ikke til stede", "ferie", "poissa", "poissaolo"),
    *("poissaoloviesti", "lomalla", "olen lomalla", "poza biurem", "nieobecność", "nieobecnosc"),
    *("nieobecny", "urlop", "jestem na urlopie", "mimo kancelář", "nepřítomnost", "dovolená"),
    *("mimo kancelárie", "neprítomnosť", "házon kívül", "szabadság", "irodán kívül"),
    *("în afara biroului", "absență", "în concediu", "ofis dışında", "ofis dışı", "ofiste değil"),
    *("izinli", "yıllık izin", "вне офиса", "отсутствие", "нет на месте", "в отпуске", "отсутствую"),
    *("не в офісі", "відсутність", "εκτός γραφείου", "απουσία", "不在", "不在通知", "休暇", "外出"),
    *("不在のお知らせ", "外出中", "不在办公室", "休假", "出差", "度假", "外出自动回复", "부재중"),
    *("부재 중", "휴가", "خارج المكتب", "לא במשרד", "מחוץ למשרד", "di luar kantor", "vắng mặt"),
    *("ไม่อยู่ที่สำนักงาน",),
)
# Subjects of automatic answers of either kind.
AUTOMATIC_SUBJECT = (
    *("automatic reply", "auto reply", "auto-reply", "autoreply", "auto:", "auto response"),
    *("auto-response", "autoresponse", "automated reply", "automated response", "automatic response"),
    *("autoresponder", "auto-responder", "auto answer", "automatische antwort"),
    *("automatische rückantwort", "automatisierte antwort", "autoantwort", "auto-antwort"),
    *("automatische nachricht", "réponse automatique", "reponse automatique", "réponse automatisée"),
    *("respuesta automática", "respuesta automatica", "contestación automática", "autorespuesta"),
    *("risposta automatica", "risposta automatizzata", "resposta automática", "resposta automatica"),
    *("automatisch antwoord", "automatische reactie", "autosvar", "automatiskt svar"),
    *("automatisk svar", "automaattinen vastaus", "automaattivastaus", "odpowiedź automatyczna"),
    *("automatyczna odpowiedź", "autoodpowiedź", "odpowiedz automatyczna", "automatická odpověď"),
    *("automaticka odpoved", "automatická odpoveď", "automatikus válasz", "răspuns automat"),
    *("raspuns automat", "otomatik yanıt", "otomatik cevap", "автоответ", "автоматический ответ"),
    *("автоматична відповідь", "автовідповідь", "автоматичен отговор", "αυτόματη απάντηση"),
    *("automatski odgovor", "samodejni odgovor", "automaatvastus", "自動応答", "自動返信"),
    *("自動返信メール", "自动回复", "自动答复", "自動回覆", "自動回复", "자동 응답", "자동응답"),
    *("자동 회신", "자동회신", "رد تلقائي", "الرد التلقائي", "תשובה אוטומטית", "מענה אוטומטי"),
    *("balasan otomatis", "trả lời tự động", "ตอบกลับอัตโนมัติ", "resposta automàtica"),
    *("sjálfvirkt svar",),
)
# Texts of absences.
ABSENCE = (
    r"out[ -]of[ -](?:the )?office|\booo\b|(?:on|taking|enjoying) (?:\w+ ){0,3}(?:vacation|leave|"
    r"holidays?|pto|sabbatical|honeymoon)\b|(?:away|absent) (?:from|until|on|at|for)\b|(?:i am|i'm|i will "
    r"be|i'll be|we are|we will be|currently) (?:currently |now |presently )?(?:away|absent|travell?ing|"
    r"off work|off sick|unavailable|on "
    r"(?:a )?(?:business )?trip|offline|out (?:until|from|today|on|this|for|with))\b",
    r"(?:limited|no|intermittent|little|sporadic|restricted) (?:or no )?access to (?:my |e-?mail|the )|"
    r"(?:maternity|paternity|parental|annual|medical|sick|study|bereavement) leave|(?:return|be back|"
    r"am back|returning)(?: \w+){0,4} (?:on|in|to)\b[^.!?]{0,50}(?:office|work|monday|tuesday|"
    r"wednesday|thursday|friday|\d)|office (?:is|will be|are) closed|closed for (?:the )?(?:holiday|"
    r"christmas|summer|easter)",
    r"(?:bin|bin ich|befinde mich|sind|ist|werde ich)\b[^.!?]{0,60}(?:nicht im (?:büro|hause?)|im "
    r"urlaub|außer haus|abwesend|nicht erreichbar|nicht im dienst|in elternzeit|in mutterschutz|krank|"
    r"verreist|unterwegs|auf dienstreise|im home ?office nicht|nicht anwesend|nicht verfügbar|nicht am "
    r"arbeitsplatz)|(?:zurzeit|derzeit|momentan|aktuell) (?:nicht|leider nicht|abwesend)|elternzeit|"
    r"mutterschutz|(?:wieder|zurück) (?:im büro|für sie da|erreichbar|da\b)",
    r"(?:suis|serai|sommes|actuellement|est) (?:\w+ ){0,3}(?:absent|en congé|en vacances|en "
    r"déplacement|indisponible|en arrêt|hors du bureau|en formation)|absente? (?:du|jusqu|le|de|pour)|"
    r"de retour (?:le|au|à|lundi|mardi|mercredi|jeudi|vendredi)|congé (?:maternité|paternité|parental)|"
    r"(?:nos bureaux|notre bureau|l'entreprise) (?:seront|sera|sont|est) fermé",
    r"(?:estoy|estaré|estamos|me encuentro|encuentro|estaremos)\b[^.!?]{0,40}(?:fuera de|de vacaciones|"
    r"ausente|de viaje|de permiso|de baja)|fuera de (?:la )?oficina|de vuelta el|acceso limitado|"
    r"permiso de (?:maternidad|paternidad)|baja (?:maternal|paternal|médica)",
    r"(?:sono|sarò|siamo|saremo|sarà)\b[^.!?]{0,40}(?:fuori (?:sede|ufficio)|in ferie|assente|in "
    r"vacanza|in viaggio|non disponibile|in maternità|in trasferta)|(?:uffici|ufficio) (?:chius|"
    r"rester|rimarr|saranno)\w*|rientr(?:o|erò|eremo) ",
    r"(?:estou|estarei|encontro-me|estamos|me encontro|estaremos)\b[^.!?]{0,40}(?:fora d|de férias|"
    r"ausente|em viagem|de licença|em licença|indisponível)|fora do escritório|licença (?:maternidade|"
    r"paternidade|médica)|(?:regresso|retorno|retornarei|volto|voltarei) (?:a|no|em|dia|ao)\b|acesso "
    r"limitado",
    r"(?:ben|ben ik|wij zijn|is|zijn)\b[^.!?]{0,40}(?:afwezig|niet aanwezig|op vakantie|met vakantie|"
    r"niet op kantoor|met verlof|niet bereikbaar|vrij\b|zwangerschapsverlof)|afwezig (?:tot|van|op)|"
    r"(?:weer|terug) (?:aanwezig|bereikbaar|op kantoor|op \d)|beperkt (?:bereikbaar|toegang)",
    r"(?:är|befinner mig|kommer vara|är jag)\b[^.!?]{0,40}(?:på semester|inte på kontoret|frånvarande|"
    r"ledig|föräldraledig|på tjänsteresa|bortrest|tjänstledig|inte på plats|otillgänglig)|tillbaka "
    r"(?:på kontoret|den|måndag|igen)|åter på (?:kontoret|plats)|har semester|föräldraledig",
    r"(?:er|holder|har|befinder mig|er jeg)\b[^.!?]{0,40}(?:på ferie|ikke på kontoret|fraværende|ferie|"
    r"på barsel|bortreist|ute av kontoret|i permisjon|på orlov|fri\b|på forretningsrejse|ikke til "
    r"stede)|tilba[gk]e (?:på kontoret|den|mandag|igen|igjen)|barselsorlov|foreldrepermisjon",
    r"(?:olen|olemme|olen tällä hetkellä)\b[^.!?]{0,40}(?:lomalla|poissa|matkoilla|vanhempainvapaalla|"
    r"äitiyslomalla|vapaalla|virkamatkalla)|palaan (?:töihin|toimistolle|lomalta|\d)|poissa "
    r"(?:toimistolta|töistä)",
    r"(?:jestem|będę|przebywam|jesteśmy)\b[^.!?]{0,40}(?:na urlopie|poza biurem|nieobecn|niedostępn|na "
    r"zwolnieniu|w delegacji)\w*|przebywam na|wracam (?:do|w)\b|urlop (?:macierzyński|wypoczynkowy|"
    r"rodzicielski)",
    r"(?:jsem|budu|jsme|som|budem|sme)\b[^.!?]{0,40}(?:na dovolen|mimo kancelá|nepřítom|neprítom|"
    r"nezastižit|na mateřsk|služební cest)\w*|budu (?:zpět|opět|k zastižení)|čerpám dovolenou",
    r"(?:szabadságon|házon kívül|irodán kívül|nem vagyok|távol vagyok|szülési szabadságon)|(?:sunt|voi "
    r"fi|suntem)\b[^.!?]{0,30}(?:în concediu|in concediu|plecat|în afara biroului|indisponibil|în "
    r"vacanță)\w*|concediu (?:de odihnă|medical|maternitate)",
    r"(?:ofis(?:te)? (?:dışında|değil)|izinde|izinli|yıllık izin|tatilde|seyahatte|doğum izni|"
    r"raporluyum)\w*|(?:ofise|işe) (?:dön|geri)\w*",
    r"(?:в отпуск[еу]|отсутству[юе]|вне офиса|не в офисе|в командировке|на больничном|нет на "
    r"(?:рабочем )?месте|в декрете|вернусь|у відпустці|відсутн|не в офісі|у відрядженні|повернусь)\w*",
    r"εκτός γραφείου|(?:βρίσκομαι|είμαι|θα είμαι)[^.!?]{0,30}(?:άδεια|εκτός|διακοπές)|απουσιάζω|"
    r"επιστρέφω",
    r"(?:不在|休暇|休業|外出|出張|お休み|休み|育児休業|産休|夏季休業|年末年始)(?:に|で|と|を|を頂|し|"
    r"中|のため|とさせ|いた|です|期間)|(?:出社|復帰|戻り)(?:いた|予定|は|ます)",
    r"(?:休假|年假|度假|出差|放假|不在办公室|不在辦公室|外出|产假|病假|休年假|不在公司|无法及时|"
    r"無法及時)|(?:返回|回到|回)(?:办公室|辦公室|公司|上班)",
    r"(?:휴가|출장|부재|외근|육아휴직|출산휴가|병가)(?: ?중|로|입니다|에|를|이|인)|자리를 비우|(?:복귀|"
    r"출근) ?(?:예정|합니다|하)",
    r"(?:في إجازة|خارج المكتب|مسافر|סחופשה|בחופשה|לא (?:אהיה |נמצא )?במשרד|מחוץ למשרד)|(?:sedang cuti|"
    r"di luar kantor|cuti)|(?:nghỉ phép|vắng mặt|không có mặt)|ลาพักร้อน",
)
# Whoever was written to is no longer there.
GONE = (
    r"no longer (?:with|at|work(?:s|ing)?|employed|part of|be (?:with|at|working)|associated|"
    r"affiliated|active|here|monitored|in use|valid|an employee|a member)\b|(?:has|have) (?:since |now "
    r"|recently |already )?(?:left|departed|moved on|retired|resigned|parted ways)\b(?! (?:a|me|the "
    r"office|for the day|you|my desk))|(?:left|leaving) (?:the |our |this )?(?:company|organi[sz]ation|"
    r"firm|business|team|employment)|doesn't work (?:here|at)|does not work (?:here|at)|not (?:an? "
    r")?(?:longer )?(?:employee|employed) (?:of|at|by|with)|ceased (?:to work|employment|working)|last "
    r"(?:working )?day (?:at|with|was)|(?:mailbox|e-?mail address|account|address|inbox) (?:is|has "
    r"been|was) (?:no longer|not (?:being )?monitored|deactivated|discontinued|closed|retired|"
    r"inactive)|passed away|no longer exists?",
    r"(?:nicht mehr|nicht länger) (?:\w+ ){0,4}(?:unternehmen|firma|beschäftigt|tätig|bei uns|"
    r"mitarbeiter|für uns|im hause?|erreichbar unter|verwendet|aktiv|angestellt|gelesen|abgerufen|"
    r"gültig|arbeitet)|(?:hat|habe|haben) (?:\w+ ){0,4}(?:unternehmen|firma|gesellschaft|haus) [^!?\n]{0,40}"
    r"verlassen|(?:ausgeschieden|ausgetreten|im ruhestand|in rente|pensioniert)\b|(?:postfach|"
    r"e-?mail-?adresse|mailadresse|konto) (?:\w+ ){0,3}(?:nicht mehr|deaktiviert|stillgelegt|"
    r"geschlossen)|arbeitet (?:\w+ ){0,2}nicht mehr|mein letzter arbeitstag",
    r"(?:ne fai\w+|n'est|ne travaill\w+|n'appartien\w+|ne suis|ne sera|n'exerce|n'occup\w+|je ne|"
    r"n'êtes)\b[^.!?]{0,30}\bplus\b[^.!?]{0,40}(?:partie|société|entreprise|collaborat|chez|effectif|"
    r"employé|salarié|dans nos|au sein|ici|poste|active|utilisée|valide|travaill)\w*|a quitté (?:la|l'|"
    r"notre|le|ses|nos)\s?\w+|ai quitté (?:la|l'|mes|notre)|(?:adresse|boîte)\b[^.!?]{0,30}n'est plus|"
    r"parti à la retraite|retraité",
    r"ya no (?:trabaj|form|labor|est[áo]|pertenec|se encuentra|colabor|presta|es)\w*|(?:ha dejado|dejó|"
    r"dejado) (?:de trabajar|la empresa|la compañía|de pertenecer|nuestra)|(?:esta|este) (?:dirección|"
    r"correo|cuenta|buzón)[^.!?]{0,30}(?:ya no|no está|deshabilitad|desactivad)\w*|se ha jubilado|"
    r"causó baja",
    r"non (?:lavor|fa|è|sono|collabor|fac)\w* (?:più|piu)\b|(?:ha|ho) lasciato (?:l'azienda|la società|"
    r"il|la nostra|l')|non (?:è|sarà) più (?:attiv|presidiat|in uso|valid|un|dipendent)\w*|(?:in "
    r"pensione)",
    r"(?:já |ja )?não (?:\w+ ){0,2}(?:trabalh|faz|pertenc|colabor|integra|está|é)\w* (?:mais|na |n[ao] "
    r"empresa|parte|aqui|connosco|conosco)|(?:deixou|deixei) (?:a |de |o quadro|nossa)\w*|saiu da "
    r"(?:empresa|companhia)|(?:desligou-se|desligado|desligada) d|não faz mais parte|e-?mail (?:foi "
    r")?(?:desativad|descontinuad)\w*",
    r"(?:niet (?:meer|langer)) (?:\w+ ){0,3}(?:werkzaam|in dienst|werkt|actief|in gebruik|bij ons|"
    r"gelezen|verbonden|bereikbaar op)|werkt (?:\w+ ){0,2}niet meer|(?:heeft|heb) (?:\w+ "
    r"){0,4}(?:verlaten|ontslag)|uit dienst|met pensioen|niet meer (?:in gebruik|actief)",
    r"(?:inte|ej|icke) längre (?:kvar|anställd|arbetar|jobbar|på|hos|verksam|i bruk|aktiv)|(?:har|ha) "
    r"(?:slutat|lämnat|gått i pension)|arbetar (?:inte|ej) (?:längre|kvar)|jobbar (?:inte|ej) "
    r"(?:längre|kvar)",
    r"(?:ikke|ikkje) (?:længere|lenger|mere) (?:\w+ ){0,2}(?:ansat|ansatt|jobber|arbejder|arbeider|hos|"
    r"i bruk|aktiv|en del|i virksomheden|i firmaet)|(?:har|er) (?:forladt|fratrådt|fratrådt sin|"
    r"sluttet|stoppet|gått av|sluttet i|slutta|gået på pension|gått av med pensjon)|er stoppet",
    r"ei (?:ole )?(?:enää|työskentele enää)|(?:en|ei) (?:ole )?enää (?:töissä|palveluksessa|käytössä|"
    r"työskentele)|(?:on|olen) (?:lähtenyt|siirtynyt|jäänyt eläkkeelle)|työsuhde[^.!?]{0,20}päättynyt",
    r"(?:nie|już nie) (?:jest już |jestem już |już )?(?:pracuj|pracownik|zatrudnion|jest pracown|"
    r"współpracuj)\w*|(?:już )?nie pracuj\w*|odszedł|odeszła|zakończył\w* (?:współpracę|pracę)|"
    r"adres[^.!?]{0,20}(?:nieaktywn|nieużywan)\w*|na emerytur\w+",
    r"(?:již|už|uz) (?:ne|není|nie je|nepracuj|nejsem|nie som)\w*|(?:nepracuje|nepracuji|nepracujem) "
    r"(?:zde|v|ve|u|u nás|již|už)\b|(?:opustil|odešel|odešla|ukončil)\w* (?:společnost|firmu|pracovní|"
    r"do důchodu|spoločnosť)",
    r"már nem (?:dolgoz|munkatárs|a )\w*|(?:távozott|nyugdíjba)|nu mai (?:lucr|fac|este|sunt|face)\w*|"
    r"a (?:părăsit|plecat din) |artık (?:\w+ ){0,3}(?:çalışm|görev|bizimle|aktif)\w*|(?:ayrılmıştır|"
    r"ayrıldı|ayrıldım|emekli)|(?:görevinden|şirketimizden) ayrıl\w*",
    r"больше не (?:работа|явля|сотрудн|использу|обслуж)\w*|(?:уволил|покинул|ушел из|ушла из|ушёл)\w*|"
    r"уже не (?:работа|явля)\w*|не работает в|(?:більше|вже) не (?:працю|є)\w*|(?:звільни|залиши)\w* |"
    r"δεν (?:εργάζ|απασχολ)\w* πλέον|έχει αποχωρήσει",
    r"退職(?:し|いた|致|に|を)|退社(?:し|いた|致|に)|(?:離職|異動|転職)(?:し|いた|致|に)|"
    r"在籍しておりません|使用されておりません|已(?:经)?(?:离职|離職|离开|離開|不在|退休)|不再(?:任职|"
    r"在|使用|担任|任職|負責)|퇴사|퇴직|더 ?이상 (?:근무|사용|재직)\w*|이직",
    r"(?:لم يعد|لم أعد|غادر) (?:\w+ )?(?:يعمل|أعمل|الشركة|موظف)\w*|(?:כבר )?(?:לא|אינו|אינה) (?:עובד|"
    r"מועסק)\w*|(?:עזב|עזבה|סיים)\w* (?:את )?(?:ה?חברה|ה?תפקיד)|(?:sudah )?tidak (?:lagi )?(?:bekerja|"
    r"bertugas)|không còn (?:làm việc|công tác)|đã nghỉ việc",
)
# Receipts of systems: tickets, forms, applications.
RECEIPT_SUBJECT = (
    r"\[?(?:ticket|case|request|support|issue|incident|sr|ref|vorgang|anfrage|demande|dossier|caso|"
    r"richiesta|zgłoszenie|тикет|заявка|обращение)[\s:]*(?:id|no|nr|"
    r"number)?\.?[\s:]*#?\s?[\w-]*\d{2,}[\w-]*\]?",
    r"\[#?[a-z]{2,10}-\d+\]|\[#\d{3,}\]|\(case \d+\)|(?:we(?:'ve| have)?|we) (?:received|got) your|"
    r"thank(?:s| you) for (?:contacting|your (?:e-?mail|message|inquiry|enquiry|request|interest|"
    r"application)|reaching|getting in touch|writing|submitting)",
    r"(?:your|ihre|votre|su|la tua|sua|uw|din|twoj\w) (?:e-?mail|message|request|inquiry|enquiry|"
    r"support request|nachricht|anfrage|message|demande|solicitud|mensaje|richiesta|mensagem|bericht|"
    r"meddelande|henvendelse)\b[^.!?]{0,20}(?:received|been received|erhalten|eingegangen|bien reçu|"
    r"recibid|ricevut|recebid|ontvangen|mottag|modtag|is important|registered)",
    r"(?:eingangsbestätigung|empfangsbestätigung|accusé de réception|acuse de recibo|conferma di "
    r"ricezione|confirmação de recebimento|ontvangstbevestiging|mottagningsbekräftelse|kvittering|"
    r"potwierdzenie|potvrzení přijetí|подтверждение)|(?:request|message) received|delivery receipt|"
    r"confirmation of receipt|please (?:verify|confirm) your (?:e-?mail|message)|(?:verify|confirm) "
    r"(?:that )?you(?:'re| are) (?:not a|human)|boxbe|spamarrest|challenge",
)
RECEIPT = (
    r"(?:we|i) (?:have |'ve )?(?:received|got) your (?:e-?mail|message|request|inquiry|enquiry|ticket|"
    r"support|application)|your (?:e-?mail|message|request|ticket|inquiry|enquiry|case|support "
    r"request)\b[^.!?]{0,40}(?:has been|was|is) (?:received|created|assigned|opened|logged|important|"
    r"registered|submitted|being)|(?:a )?(?:support )?(?:ticket|case)\b[^.!?]{0,40}(?:created|opened|"
    r"assigned|number|logged|#)|(?:will|shall|'ll) (?:respond|reply|get back to you|be in touch|answer|"
    r"contact you|review)\b[^.!?]{0,60}(?:within|as soon as|shortly|soon|hours|business days|24|48)|"
    r"(?:this is an|this e-?mail is an|this message is an) auto(?:mated|matic|-generated|matically)|do "
    r"not reply to this|(?:this|the) (?:mailbox|inbox|e-?mail address|address) is (?:not|un)(?:-| "
    r")?monitored|thank(?:s| you) for (?:contacting|your (?:e-?mail|message|inquiry|enquiry|request|"
    r"interest|application)|reaching out|getting in touch|writing|submitting)|(?:click|follow) (?:the|"
    r"this|here)\b[^.!?]{0,40}(?:verify|confirm|deliver|approve)\w*|(?:reference|ticket|case|request) "
    r"(?:number|id|no)\b",
    r"(?:ihre|deine|eure) (?:nachricht|anfrage|e-?mail|mail)\b[^.!?]{0,50}(?:erhalten|eingegangen|"
    r"bearbeit|wichtig|weitergeleitet|entgegen)|(?:wir haben|haben) ihre (?:nachricht|anfrage|e-?mail)|"
    r"(?:werden|wir)\b[^.!?]{0,40}(?:schnellstmöglich|so schnell wie möglich|umgehend|zeitnah|in kürze|"
    r"innerhalb)|automatisch (?:generiert|erstellt|erzeugt|versendet)|automatische (?:eingangs|"
    r"empfangs|antwort|nachricht)\w*|(?:ticket|vorgang|fall)(?:nummer|s-?nr| #)",
    r"(?:avons bien reçu|bien reçu votre|accusons réception|avons pris en compte|a bien été (?:reçu|"
    r"prise|enregistr))|(?:dans les (?:plus brefs|meilleurs) délais|sous \d+ ?(?:h|heures|jours))|"
    r"(?:message|courriel|réponse|mail) automatique|ne pas répondre à ce",
    r"(?:hemos recibido|recibimos) (?:su|tu|correctamente)|(?:su|tu) (?:mensaje|solicitud|correo|"
    r"consulta)\b[^.!?]{0,30}(?:recibid|registrad)\w*|(?:a la (?:mayor )?brevedad|lo antes posible)|"
    r"(?:mensaje|respuesta|correo) (?:automátic|generad)\w*|no responda a este",
    r"(?:abbiamo ricevuto|ricevuto) (?:la|il|correttamente)|(?:nel più breve tempo|al più presto|"
    r"quanto prima)|(?:messaggio|risposta|e-?mail) automatic\w*|non rispondere a questa|(?:recebemos|"
    r"recebido) (?:o seu|a sua|sua|seu)|(?:o mais (?:breve|rápido|rapidamente) possível|em breve)|"
    r"(?:mensagem|resposta|e-?mail) automátic\w*",
    r"(?:hebben|heb) (?:uw|je|jouw) (?:bericht|e-?mail|aanvraag|vraag)\b[^.!?]{0,20}ontvangen|zo "
    r"(?:snel|spoedig) mogelijk|automatisch (?:gegenereerd|bericht|antwoord|verzonden)|(?:har|vi har) "
    r"(?:tagit emot|mottagit|fått|modtaget|mottatt)|(?:så snart (?:som möjligt|som mulig|vi kan)|"
    r"hurtigst muligt)|(?:automatisk|automatiskt|autogenerer)\w* (?:svar|besked|meddelande|melding)|"
    r"olemme vastaanottaneet|mahdollisimman pian",
    r"(?:otrzymaliśmy|dziękujemy za) (?:państwa|twoj|pana|pani|wiadomość|kontakt|zgłoszenie)\w*|(?:jak "
    r"najszybciej|możliwie szybko)|wiadomość (?:została )?(?:wygenerowana |wysłana )?automatyczn\w*|"
    r"(?:obdrželi jsme|děkujeme za|prijali sme) (?:vaš|váš|zpráv)\w*|co nejdříve|automaticky "
    r"(?:generovan|vygenerovan)\w*|(?:mesajınız|talebiniz|başvurunuz)[^.!?]{0,30}(?:alınmış|ulaş|"
    r"iletil)\w*|en kısa (?:sürede|zamanda)|otomatik (?:olarak|bir)",
    r"(?:мы получили|получили ваше|ваш[еа]? (?:сообщение|обращение|запрос|заявка|"
    r"письмо))\b[^.!?]{0,40}(?:получен|принят|зарегистр)?\w*|в ближайшее время|автоматическ(?:ое|ий|"
    r"и)\b|(?:отримали ваш|найближчим часом)|(?:受け付け|受付(?:いた|し|け)|受信(?:いた|し)|"
    r"お問い合わせ(?:いただ|を受)|自動(?:送信|返信|配信))|(?:已收到|收到您|您的(?:邮件|来信|请求|"
    r"工单))|(?:尽快|盡快)|(?:자동으로|자동 ?발송|접수되었|접수 ?되었|빠른 시일)",
)
