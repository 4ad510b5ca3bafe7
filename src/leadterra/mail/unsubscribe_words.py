"""How people say that nobody may write to them again: tables, in many languages.

All lower case, an apostrophe is always "'"; matched by `mail.intent`.
"""

UNSUBSCRIBE_WHOLE = """
stop | stopp | stop it | stop please | please stop | just stop | stop now | unsubscribe | unsubscribe me
unsubscribe please | please unsubscribe | please unsubscribe me | unsub | remove | remove me
please remove | please remove me | remove please | opt out | opt-out | optout | opt me out | take me off
take me off please | cancel | delete me | no more | no more emails | no more emails please | spam
this is spam | enough | quit | leave me alone | go away | end | list remove | remove from list
remove my email | stop emailing me | stop emailing | stop spamming | stop spam | stop mailing me
stop writing | do not contact | do not contact me | don't contact me | do not email | do not email me
abmelden | abbestellen | austragen | bitte abmelden | bitte austragen | bitte abbestellen | bitte löschen
löschen | keine werbung | keine weiteren mails | keine mails mehr | keine weiteren e-mails
bitte keine weiteren mails | abmeldung | austragen bitte | bitte aus dem verteiler nehmen
lassen sie mich in ruhe | keine werbung bitte | bitte keine werbung | bitte stoppen | désinscription
désabonnement | désabonner | désinscrire | désinscrivez-moi | désabonnez-moi | me désinscrire
se désinscrire | désinscription svp | désabonner svp | merci de me désinscrire | arrêtez | stop svp
stop merci | supprimez-moi | désabonnez moi | darse de baja | darme de baja | baja | dar de baja
dame de baja | deme de baja | cancelar suscripción | desuscribir | desuscribirme | basta | eliminar
borrar | no más correos | no escribir más | quiero darme de baja | baja por favor | por favor dar de baja
disiscrivi | disiscrivimi | cancellami | cancellatemi | disiscrizione | annulla iscrizione | rimuovimi
rimuovetemi | cancellazione | basta così | cancellatemi per favore | non scrivetemi più
toglietemi dalla lista | descadastrar | remover | cancelar inscrição | cancelar subscrição
descadastre-me | remova-me | me remova | parar | pare | sair da lista | me descadastre | por favor remover
remover por favor | me tire da lista | chega | anular subscrição | cancelar | afmelden | uitschrijven
graag uitschrijven | graag afmelden | afmelden aub | uitschrijven aub | verwijderen | meld me af
schrijf me uit | afmelding | afmelden a.u.b. | gelieve uit te schrijven | avregistrera | avregistrera mig
avsluta | ta bort mig | avprenumerera | avanmäl | avanmäl mig | sluta | avbeställ | sluta mejla
sluta maila | afmeld | afmeld mig | frameld | frameld mig | afmeld venligst | slet mig | fjern mig
stop tak | avmeld | avmeld meg | meld meg av | fjern meg | slett meg | stopp takk | avslutt | avmelding
peruuta | peruuta tilaus | poista | poista minut | lopeta | lopettakaa | poistakaa listalta
poista listalta | wypisz | wypisz mnie | proszę wypisać | rezygnuję | usuń | usuń mnie
proszę o wypisanie | rezygnacja | proszę o usunięcie | koniec | proszę mnie wypisać | proszę mnie usunąć
nie pisać | odhlásit | odhlaste mě | odhlásit se | odhlásit odběr | prosím odhlásit | vyřaďte mě
odhlášení | zrušit | dost | nepište | odhlaste me | odhlásiť | odhláste ma | leiratkozás | leiratkozom
töröljenek | törlés | dezabonare | dezabonați-mă | dezabonează-mă | dezabonati-ma | abonelikten çık
abonelikten çıkar | abonelikten çıkmak istiyorum | listeden çıkar | listeden çıkarın | çıkar | durdur
iptal | beni çıkarın | yazmayın | отписаться | отпишите | отпишите меня | отписка | стоп | хватит
удалите | удалите меня | прекратите | не пишите | не беспокоить | отписать | отпишите пожалуйста
не пишите мне | не пишите больше | больше не пишите | відписатися | відпишіть | відпишіть мене | не пишіть
διαγραφή | απεγγραφή | σταματήστε | 配信停止 | 配信停止希望 | 配信解除 | 停止 | 解除 | 退会 | 登録解除
購読解除 | 配信停止してください | 配信停止お願いします | 配信不要 | 不要です | メール不要 | 退订 | 退訂
取消订阅 | 取消訂閱 | td | 请退订 | 請退訂 | 停止发送 | 不要再发了 | 别再发了 | 别发了 | 请勿打扰 | 勿扰
刪除 | 删除 | 수신거부 | 수신 거부 | 구독취소 | 구독 취소 | 구독 해지 | 수신거부합니다 | 그만 | 중지
삭제 | إلغاء الاشتراك | توقف | الغاء الاشتراك | הסר | הסירו אותי | הסר אותי | להסיר
berhenti berlangganan | berhenti | hủy đăng ký | ยกเลิก
"""
"""All that a reply says, once greeting and punctuation are off."""

UNSUBSCRIBE = (
    r"(?:please|pls|plz|kindly) remove|remove (?:me|us|from)\b|хватит (?:слать|писать|присыл|спам)\w*",
    r"(?:can't|cannot|couldn't|unable to|tried to|trying to|no way to) unsubscribe|unsubscribe (?:link|"
    r"button|option)"
    r"|go to hell|(?:get|go) (?:lost|away)\b",
    r"nicht (?:mehr|weiter|wieder|länger) (?:zu )?(?:kontaktieren|kontaktiert|anschreiben|angeschrieben|"
    r"anmailen|schreiben|"
    r"belästigen|belästigt|zu kontaktieren|anzuschreiben)|slutt (?:med )?å (?:sende|skrive|kontakte|maile)",
    r"(?<!don't )(?<!do not )(?<!not )(?<!never )(?<!want to )unsubscribe (?:me|us|my|this|from|"
    r"immediately|now|please)",
    r"(?:please|pls|kindly|want to|like to|wish to|need to|how do i|how can i|can i|let me|must|could "
    r"you|can you|to) unsubscribe",
    r"(?:i|we) (?:hereby )?unsubscribe|(?:i|we) (?:have|already) (?:already )?(?:asked|tried|"
    r"clicked)[^.!?]{0,30} unsubscri",
    r"(?:remove|delete|drop|strike|erase|scrub|exclude|wipe) (?:me|us|my|our|this|"
    r"the)\b[^.!?]{0,50}(?:list|database|mailing|records|system|crm|e-?mails?|address|data|contacts?|"
    r"campaign|sequence|distribution|cadence|your files?)",
    r"(?:please|pls|kindly|just) (?:remove|delete) (?:me|us)\b|(?:remove|delete) (?:me|us)(?: please| "
    r"now| immediately|[.!]|$)",
    r"(?:take|get) (?:me|us|my (?:name|e-?mail|address)) off\b|opt(?:ing)?[- ]?(?:me |us )?out\b|off "
    r"(?:of )?your (?:mailing )?list",
    r"(?<!don't )(?<!do not )(?<!not )(?<!never )(?:stop|cease|quit|refrain from) (?:e-?mailing|"
    r"mailing|contacting|sending|writing|messaging|spamming|bothering|harassing|reaching|following|"
    r"and desist|pestering|soliciting|(?:with )?(?:these|this|those|all|the|your|any)(?: [\w-]+){0,3} "
    r"(?:e-?mail|mail|message|spam|letter|newsletter|contact|correspondence|communication|campaign|"
    r"sequence|solicitation|follow|outreach|harass|nonsense|crap|shit|bullshit)\w*|(?:this|that|it)(?: "
    r"now| immediately| at once| please)?(?:[.!]|$))",
    r"never (?:\w+ ){0,2}hear from you (?:again|any ?more)|not hear from you (?:again|any ?more)",
    r"(?:do not|don't|dont|never|please no|no longer) (?:ever )?(?:contact|e-?mail|mail|write|message|"
    r"bother|reach out|spam|solicit|send|approach|follow up|pitch)(?: to| with)? (?:me|us|again|"
    r"this|any|ever|anymore|unsolicited|more)",
    r"(?:do not|don't|no longer) (?:wish|want|like) (?:to (?:receive|get|hear|be contacted|be emailed|"
    r"be on)|you to (?:contact|e-?mail|write)|(?:any|your|these|further|more) (?:more |further "
    r")?(?:e-?mails|mails|messages|emails))",
    r"no (?:more|further) (?:e-?mails?|mails?|messages?|contact|correspondence|follow[- ]?ups?|"
    r"communications?|outreach|spam|solicitation)",
    r"(?:cease and desist|report(?:ing|ed)? (?:you|this|it|your)[^.!?]{0,30} (?:as )?spam|mark(?:ed|"
    r"ing)? (?:this |you |it )?as (?:spam|junk))|nie(?: wieder| mehr) (?:etwas )?von (?:ihnen|euch|dir) "
    r"(?:zu )?(?:hören|lesen)|(?:que )?no me (?:molest|escrib)\w+",
    r"(?:right to (?:erasure|be forgotten|object)|under (?:the )?gdpr|gdpr (?:request|violation|"
    r"complaint)|can-?spam)",
    r"leave me alone|lose my (?:e-?mail|address|number)|f(?:uc|\*+)k off|piss off|get lost|you (?:are|"
    r"'re) spamming",
    r"(?:nehmen|nimm|streichen|streiche|löschen|lösche|entfernen|entferne|tragen|trage|werfen) (?:sie "
    r")?(?:bitte )?(?:mich|uns|meine|unsere|diese|meinen|alle)\b[^.!?]{0,80}(?:verteiler|liste|adresse|"
    r"daten|aus\b|mail|kontakt|datenbank)",
    r"(?:mich|uns|meine (?:e-?mail-?)?adresse|meine daten)[^.!?]{0,40}(?:aus (?:dem|ihrem|der|ihrer|"
    r"eurem|eurer)[^.!?]{0,20}(?:verteiler|liste|datenbank)[^.!?]{0,30}(?:nehmen|löschen|streichen|"
    r"entfernen|austragen)|abmelden|austragen|abzumelden|auszutragen|zu löschen)",
    r"(?:bitte|bitte um|bitte sofort) (?:abmelden|austragen|abmeldung|austragung|löschung|löschen|"
    r"entfernen)",
    r"(?:keine|keinerlei) (?:weiteren?|weitere|mehr)? ?(?:e-?mails?|mails?|nachrichten|werbung|"
    r"werbemails|kontaktaufnahme|zuschriften|anfragen)[^.!?]{0,20}(?:mehr|zusenden|senden|schicken|zu "
    r"senden|erhalten|bekommen|von ihnen|wünsche|an mich|zukommen)",
    r"(?:schreiben|kontaktieren|mailen|belästigen|schicken|senden|kontaktiert|schreib) (?:sie "
    r")?(?:mich|mir|uns) (?:bitte )?(?:nicht mehr|nie wieder|nie mehr|keine|nicht wieder|nicht weiter)",
    r"(?:hören sie auf|unterlassen sie|verschonen sie|lassen sie mich in ruhe|widerspreche (?:hiermit "
    r")?(?:der|jeder)|dsgvo)",
    r"(?:newsletter|mailing|kontakt|e-?mails?) (?:bitte )?(?:abbestellen|abmelden|einstellen|"
    r"unterlassen)",
    r"(?:me|nous) (?:retirer|supprimer|désinscrire|désabonner|rayer|enlever|radier|sortir|effacer)|"
    r"(?:retirez|supprimez|désinscrivez|désabonnez|rayez|enlevez|effacez|sortez|radiez)[- ](?:moi|nous|"
    r"mon|mes|mon adresse)",
    r"(?:supprimer|retirer|effacer) (?:mon|mes|notre|nos) (?:adresse|e-?mail|mail|coordonnées|données|"
    r"contact)",
    r"(?:ne (?:plus|pas)|n'être plus|cesser de|cessez de|arrêter de|arrêtez de|veuillez ne plus|merci "
    r"de ne (?:plus|pas)) (?:me |m'|nous |être )?(?:contacter|écrire|envoyer|recevoir|solliciter|"
    r"contacté|spammer|relancer|démarcher|importuner)",
    r"ne (?:me|nous) (?:contactez|écrivez|envoyez|sollicitez|relancez) (?:plus|pas)|ne m'(?:écrivez|"
    r"envoyez) (?:plus|pas)",
    r"ne (?:souhaite|veux|désire|souhaitons|voulons) plus (?:être|recevoir|de|vos|que vous)|rgpd",
    r"(?:darme|dar|denme|deme|dame|dadme|dé?nme|dé?me|darnos) de baja|(?:elimin|borr|quit|saqu|sác|sac|"
    r"retir)\w{1,5}(?:me|nos|enme)\b[^.!?]{0,40}(?:lista|base|datos|correo|envío)|(?:elimin|borr|"
    r"retir)\w{1,4} (?:mi|mis|este) (?:correo|e-?mail|direcci|datos|contacto)",
    r"(?:eliminarme|bórreme|bórrame|elimíneme|elimínenme|elimíname|quítenme|sáquenme|quíteme|sáqueme|"
    r"bórrenme)",
    r"no (?:me |nos )?(?:contact\w{1,4}|escrib\w{1,4}|env[ií]\w{1,5}|mand\w{1,4}|molest\w{1,4}|vuelva\w? "
    r"a)(?: [^.!?]{0,25})?(?:más|nunca|correos|contactar|escribir|enviar|nuevamente|mensajes|emails)",
    r"no (?:quiero|deseo|queremos|deseamos) (?:recibir|que me|más (?:correos|mensajes|emails)|seguir)|"
    r"dej\w{1,3}n? de (?:escribir|enviar|contactar|mandar|molestar)",
    r"(?:cancell|rimuov|elimin|togli|disiscriv)\w{1,5}(?:mi|temi|ci)\b|(?:cancellare|rimuovere|"
    r"eliminare|togliere) (?:il mio|la mia|i miei|questo|il nostro)",
    r"(?:cancellarmi|rimuovermi|toglietemi|disiscrivermi|eliminarmi)|non (?:mi |ci )?(?:contatt|scriv|"
    r"invi|mand|disturb)\w{1,6}(?:mi|ci)? (?:più|altre|mai)",
    r"non (?:desidero|voglio|vogliamo|desideriamo|intendo) (?:più )?(?:ricevere|essere contatt)|"
    r"smett\w{2,5} di (?:scriver|inviar|mandar|contattar)",
    r"(?:me )?(?:remova|remover|retire|retirar|tire|tirar|exclua|excluir|descadastr\w{1,5}|elimine|"
    r"apague)(?:-me)? (?:me |meu|minha|o meu|a minha|da |desta |este |os meus|por favor|meus)",
    r"(?:por favor,? |favor |podem? )(?:me )?(?:remov|retir|exclu|descadastr|tir)\w{1,4}|não (?:me |"
    r"nos )?(?:envi|contat|contact|escrev|mand|incomod)\w{1,5}(?:-me)? ?(?:mais|e-?mails|nunca|"
    r"novamente)",
    r"não (?:quero|desejo|pretendo|queremos) (?:mais )?(?:receber|ser contat|ser contact)|(?:parem?|"
    r"deixem?) de (?:me )?(?:enviar|escrever|mandar|contactar|contatar)|cancelar (?:a )?(?:minha "
    r")?(?:inscrição|subscrição)",
    r"(?:verwijder|haal|schrijf|meld|schrap|wis) (?:mij|me|ons|mijn|dit)\b[^.!?]{0,40}(?:lijst|bestand|"
    r"uit\b|af\b|adres|gegevens|systeem|database)",
    r"(?:graag|gelieve|wil|wilt u|kunt u|kun je|s\.?v\.?p\.?) [^.!?]{0,30}(?:uitschrijven|afmelden|"
    r"verwijderen|uit te schrijven|af te melden)",
    r"(?:geen|geen verdere) (?:e-?mails?|mails?|berichten|reclame)[^.!?]{0,20}(?:meer|ontvangen|"
    r"sturen)|(?:niet meer|stop met) (?:mailen|benaderen|contacteren|te mailen|sturen|e-?mailen)|mail "
    r"mij niet (?:meer)?|(?:mij|me) niet meer (?:te )?(?:mailen|benaderen|contact)",
    r"ta bort (?:mig|oss|min|mina|vår|denna)|avregistrera (?:mig|oss|min)|avanmäl (?:mig|oss)|(?:vill|"
    r"önskar) (?:inte|ej) (?:längre )?(?:ha|få|ta emot|bli kontaktad)",
    r"(?:sluta|upphör) (?:att )?(?:maila|mejla|skicka|kontakta|skriva|spamma)|(?:kontakta|maila|mejla|"
    r"skriv(?: till)?) (?:mig|oss|inte mig) (?:inte|aldrig|ej)|(?:inga|inte) fler (?:mail|mejl|utskick|"
    r"meddelanden)",
    r"(?:fjern|slet|slett|frameld|afmeld|avmeld|meld|stryk) (?:mig|meg|os|oss|min|mine|vores|denne)|"
    r"(?:ønsker|vil) (?:ikke|ikkje) (?:længere |lenger |flere |mere |å |at |mer )*(?:modtage|motta|få|"
    r"ha|have|høre|kontaktes|blive kontaktet|bli kontaktet|mail|e-?post)",
    r"(?:stop|stopp|slut) (?:med )?(?:at |å )?(?:sende|skrive|kontakte|maile|spamme)|(?:ikke|aldri|"
    r"aldrig) (?:kontakt|skriv|send|mail)\w* (?:mig|meg|mere|flere)|(?:kontakt|skriv til|send) (?:mig|"
    r"meg) ikke|(?:ingen|ikke) flere (?:mails?|e-?post|henvendelser|beskeder)",
    r"poista(?:kaa|isitteko)? (?:minut|meidät|osoitteeni|sähköposti|yhteystie)|(?:älä|älkää) (?:enää "
    r")?(?:lähet|ota|otta|kirjoit|laita)\w*|en halua (?:enää )?(?:saada|vastaanottaa|viestejä|"
    r"sähköpost|mainoks)|lopettakaa",
    r"(?:proszę|prosze|prosimy) [^.!?]{0,30}(?:wypis|usun|usuń|wykreśl|nie pis|nie wysył|nie kontakt|o "
    r"usuni|nie przesył|zaprzesta)\w*|(?:wypis|usuń|wykreśl)\w{0,6} (?:mnie|nas|mój|moj)\w*",
    r"nie (?:życzę|życzymy|zycze) sobie|nie chc[ęe] (?:otrzymywać|dostawać|więcej|już)|(?:proszę|"
    r"prosze) (?:więcej |już )?nie (?:pisać|wysyłać|kontaktować)|nie pisz(?:cie)? (?:do mnie|więcej|"
    r"już)|rodo\b",
    r"(?:odhlaste|odhlašte|odhlásit|vyřaďte|vymažte|vyškrtněte|smažte|odstraňte|odhláste|vyraďte|"
    r"odstráňte) (?:mě|mne|nás|ma|si|prosím|můj|moji|naši|z )|(?:prosím|žádám) o (?:odhlášení|vyřazení|"
    r"výmaz|odstránenie)",
    r"(?:nepište|neposílejte|nekontaktujte|neposielajte|neobtěžujte|neotravujte)|nechci (?:už |již "
    r")?(?:dostávat|více|další|žádné|od vás)|nepřeji si|neželám si|už (?:mi )?nepište",
    r"(?:töröl|távolít|vegy)\w{2,12} (?:a |az )?(?:címem|adata|listá|email|e-mail|ki\b)|ne (?:írj|"
    r"küldj|keress)\w*|nem (?:szeretnék|kérek|kívánok) (?:több|további|ilyen)|leiratkoz|iratkoztass",
    r"(?:șterge|elimina|scoate|dezabona|sterge)\w{0,5}-mă|nu (?:mai )?doresc (?:să )?(?:primesc|mai)|"
    r"nu (?:îmi|imi|mai|ne) mai (?:scrie|trimite|contacta)\w*|nu mă mai contacta\w*",
    r"(?:listenizden|listeden|veritabanınızdan|mail listenizden|aboneli\w+)[^.!?]{0,30}(?:çıkar|sil|"
    r"kaldır|iptal|çık)\w*|(?:bir daha|artık|lütfen)[^.!?]{0,40}(?:yazmayın|göndermeyin|atmayın|"
    r"rahatsız etmeyin|mail atma|iletişime geçmeyin|yazma)|e-?posta (?:almak )?istemiyorum|mail "
    r"(?:almak )?istemiyorum",
    r"(?:удалите|исключите|уберите|отпишите|вычеркните|отписать|удалить|вычеркнуть) (?:меня|нас|мой|"
    r"мою|наш|этот|из)|(?:больше )?не (?:пишите|присылайте|беспокойте|отправляйте|шлите|пиши|звоните) "
    r"(?:мне|нам|больше|сюда|сюды)?",
    r"(?:хочу|прошу|как) (?:меня )?(?:отписаться|отписать|удалить|исключить|отпишитесь)|не (?:хочу|"
    r"желаю) (?:больше )?(?:получать|писем)|прекратите (?:рассылк|писать|слать|спам|присыл|отправ)\w*|"
    r"больше не (?:пишите|присылайте|беспокойте)|(?:прошу|просьба) (?:вас )?(?:нам |"
    r"мне )?(?:больше )?не (?:писать|"
    r"присылать|отправлять|беспокоить|звонить)",
    r"(?:видаліть|виключіть|приберіть|відпишіть) (?:мене|нас|мою|з)|не (?:пишіть|надсилайте|турбуйте|"
    r"присилайте) (?:мені|більше|нам)?|не (?:хочу|бажаю) (?:більше )?отримувати",
    r"διαγρά\w{2,6} με|μη(?:ν)? (?:μου )?(?:ξανα)?(?:στέλν|γράφ|επικοινων)\w*",
    r"配信(?:を)?(?:停止|解除|中止)|(?:メール|ご連絡|連絡)(?:の配信)?(?:を|は)?(?:停止|お止め|やめて|"
    r"止めて|不要|ご遠慮|お控え)|登録(?:を)?(?:解除|削除)|リストから(?:削除|外|除)|"
    r"今後(?:の)?(?:ご連絡|連絡|メール|配信|ご案内|営業)(?:は|を)?[^。]{0,12}(?:不要|結構|ご遠慮|"
    r"お控え|停止|やめ|しないで|お断り)|送らないで|送信しないで|連絡しないで",
    r"(?:退订|退訂|取消订阅|取消訂閱)|(?:不要|别|請勿|请勿|勿|不用|停止|请不要|請不要)再?(?:给我|給我|"
    r"向我|跟我)?(?:发|發|寄|联系|聯繫|联络|骚扰|騷擾|打扰|發送|发送|写信)|(?:移除|删除|刪除|"
    r"剔除)(?:我|我们|我的|邮箱|名单)|从[^。]{0,12}(?:名单|列表)[^。]{0,6}(?:移除|删除)",
    r"수신 ?거부|(?:더 ?이상|그만|다시는)[^.!?]{0,20}(?:보내|연락)\w*|구독[^.!?]{0,6}(?:취소|해지)|"
    r"(?:명단|목록|리스트)에서[^.!?]{0,10}(?:삭제|제외|빼)\w*|메일[^.!?]{0,6}보내지",
    r"(?:احذف|أزل|ازل|إزالة|حذف)[^.!?]{0,20}(?:من القائمة|من قائمت|بريدي|اسمي)|(?:لا|عدم) (?:ت?ر?اسل|"
    r"ترسل|تتواصل)\w*|הסירו? (?:אותי|את|מ)|אל ת(?:שלחו|פנו|כתבו)|(?:jangan|tolong hapus|berhenti) "
    r"(?:kirim|mengirim|hubungi|email|saya)|(?:đừng|ngừng|không) (?:gửi|liên hệ) \w+",
)
"""Patterns, each found at the beginning of a word."""
