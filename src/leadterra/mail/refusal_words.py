"""How people say that they do not want what is offered: tables, in many languages.

All lower case, an apostrophe is always "'"; matched by `mail.intent`.
"""

NOT_INTERESTED_WHOLE = """
no | nope | nah | no thanks | no thank you | no thx | no ty | not interested | not interested thanks
not interested thank you | not for us | not for me | no interest | pass | hard pass | i'll pass
we'll pass | i will pass | we will pass | thanks but no thanks | thanks but no | no need | not needed
not now | not at this time | not at the moment | not right now | no not interested | thank you no
sorry no | sorry not interested | no sorry | not a fit | not a good fit | not relevant | never | negative
nein | nein danke | nö | kein interesse | kein bedarf | danke nein | nicht interessiert
kein interesse danke | derzeit kein bedarf | aktuell kein bedarf | danke kein interesse
danke kein bedarf | nein kein interesse | derzeit nicht | leider nein | non | non merci | pas intéressé
pas intéressée | pas intéressés | merci mais non | pas besoin | non merci pas intéressé | aucun intérêt
pas pour nous | non désolé | no gracias | no me interesa | no nos interesa | no estoy interesado
no interesado | no estamos interesados | gracias pero no | no interesa | no necesito | por ahora no
no grazie | non interessato | non mi interessa | non ci interessa | non siamo interessati
non sono interessato | grazie no | grazie ma no | não | não obrigado | não obrigada | nao | nao obrigado
sem interesse | não tenho interesse | não temos interesse | não me interessa | obrigado mas não
não interessa | nee | nee dank je | nee bedankt | nee dank u | geen interesse | niet geïnteresseerd
bedankt maar nee | geen behoefte | nee dankjewel | nee geen interesse | nej | nej tack | inte intresserad
ej intresserad | ointresserad | inget intresse | tack men nej tack | nej tack inte intresserad
inte aktuellt | ej aktuellt | nej tak | ikke interesseret | ingen interesse | ikke interesseret tak | nei
nei takk | ikke interessert | takk men nei takk | ikke aktuelt | uinteressant | ei | ei kiitos
ei kiinnosta | emme ole kiinnostuneita | en ole kiinnostunut | ei tarvetta | ei kiinnostusta | nie
nie dziękuję | nie dzięki | nie jestem zainteresowany | nie jestem zainteresowana
nie jesteśmy zainteresowani | brak zainteresowania | dziękuję nie | nie interesuje mnie to
niezainteresowany | ne | ne děkuji | ne díky | nemám zájem | nemáme zájem | nezájem | děkuji nemám zájem
bez zájmu | ne ďakujem | nemám záujem | nemáme záujem | nem | nem köszönöm | nem érdekel | köszönöm nem
nu | nu mulțumesc | nu sunt interesat | nu ne interesează | nu multumesc | hayır | hayır teşekkürler
ilgilenmiyorum | ilgilenmiyoruz | istemiyorum | gerek yok | teşekkürler ilgilenmiyorum
hayır ilgilenmiyorum | нет | нет спасибо | не интересно | не интересует | неинтересно | не нужно | не надо
спасибо не интересно | спасибо не нужно | спасибо нет | не актуально | неактуально | ні | ні дякую
не цікаво | не цікавить | не потрібно | όχι | όχι ευχαριστώ | いいえ | 結構です | 興味ありません
興味がありません | 興味はありません | 必要ありません | 不要 | 遠慮します | お断りします | 間に合っています
今回は見送ります | 見送ります | 不 | 不用 | 不用了 | 不需要 | 没兴趣 | 沒興趣 | 不感兴趣 | 不感興趣 | 不了
谢谢不需要 | 不用了谢谢 | 不用謝謝 | 不必了 | 不考虑 | 暂不需要 | 아니요 | 아니오 | 관심 없습니다
관심없습니다 | 필요 없습니다 | 필요없습니다 | 괜찮습니다 | 관심없어요 | لا | لا شكرا | غير مهتم | לא
לא תודה | לא מעוניין | לא מעוניינת | לא מעוניינים | לא רלוונטי | tidak | tidak tertarik
tidak terima kasih | không | không quan tâm | 👎 | 🙅 | 🙅‍♂️ | 🙅‍♀️ | ❌
"""
"""All that a reply says, once greeting and punctuation are off."""

NOT_INTERESTED = (
    r"(?:not|n't) (?:at this (?:time|point|stage|moment)|right now|for now|at the moment|at present)|"
    r"(?:absolutely|definitely|certainly|"
    r"probably) not\b|(?:do|handle|build|built|manage|run|develop)\w* (?:\w+ ){0,4}in[- ]?house|have "
    r"(?:someone|somebody|a \w+|an \w+)"
    r"(?: \w+){0,5} already|(?:sind|bin) (?:\w+ )?zufrieden mit|(?:sind|bin) (?:\w+ ){0,4}(?:zufrieden|"
    r"versorgt)",
    r"(?:don't|do not|doesn't|does not|didn't) (?:really )?(?:think|believe|see|feel) (?:[\w']+ ){0,5}"
    r"(?:need|fit|interested|relevant|useful|benefit|value|makes sense|for us|for me)",
    r"(?:not|isn't|aren't|am not|n't|never|no longer|un|hardly) (?:really |currently |at all |very |"
    r"particularly |actually |personally |be |that |so |terribly |overly )*interested",
    r"uninterested|no interest\b|(?:have|has|of) (?:no|zero|little) interest|(?:don't|do not) have "
    r"(?:any |an )?interest|lack of interest|decided not to|not (?:of|something (?:of|we|i)) interest",
    r"(?:no|nope|nah),? (?:thanks|thank you|thx|ty)\b|thanks,? but no\b|thank you,? but no\b|(?:we|"
    r"i)(?:'ll| will| are going to| am going to|'m going to|'re going to|'d| would|'d like to| have "
    r"to)? (?:have to )?(?:pass|decline|respectfully decline|politely decline)\b|going to pass|hard "
    r"pass|must decline|pass on (?:this|it)",
    r"(?:not|isn't|wasn't|never) (?:really |quite )?(?:a |the )?(?:good |right |great |strong |best "
    r")?(?:fit|match)\b|(?:not|isn't|doesn't seem) (?:really |currently |very |particularly )?relevant|"
    r"not (?:really )?(?:what|something) (?:we|i)(?:'re| are|'m| am)? (?:looking|need|want|require)|"
    r"not (?:for|applicable to|suitable for) (?:us|me)\b",
    r"(?:we|i)(?:'re| are| am|'m)? (?:already |currently |happily )+(?:have|use|using|work|working|"
    r"covered|set|with|got|partner|doing|happy|in a contract|under contract|engaged|locked)|(?:happy|"
    r"satisfied|pleased|fine|content|good|all set) with (?:our|my|what|the|who|current)|already "
    r"(?:have|got|use|using|work with|working with|covered|a customer of|signed|under contract|in "
    r"place|taken care|chose|chosen|handled|went with|engaged)",
    r"(?:no|not in the|don't have (?:a|any|the)|do not have (?:a|any|the)|lack the|without|zero|isn't "
    r"in the|not in our|out of) budget|budget (?:is|has been|was) (?:frozen|cut|spent|exhausted|gone)|"
    r"can(?:'t|not) afford|too expensive (?:for us|for me)|hiring freeze",
    r"(?:no|not|don't|do not|doesn't|does not) (?:currently |really |have (?:a |any )?|see (?:a |any "
    r")?|feel (?:a |any )?|actually )*(?:need|needed|require|use for|necessary|required)\b|(?:have|"
    r"see) no (?:need|use|requirement)",
    r"(?:not|isn't|n't) (?:something |anything )?(?:we're |we are |i'm |i am |currently |actively "
    r")*(?:looking|in the market|considering|pursuing|exploring|seeking|planning|evaluating|interested|"
    r"on our roadmap|on the roadmap|hiring|buying)",
    r"(?:not|isn't) (?:a |an |currently a |our |the |a current |a top )*(?:priority|focus)\b|(?:wrong|"
    r"bad) (?:fit|person and|company)|all set,? (?:thanks|thank)|we(?:'re| are) (?:all set|good|"
    r"covered|fine)\b|i'?m (?:all set|good),? (?:thanks|thank)|went with (?:another|a different|"
    r"someone)|gone with another|chose (?:another|a different)|(?:have|has) (?:decided|chosen|opted) "
    r"(?:against|not)|won't be (?:moving|proceeding|pursuing|taking)|(?:not|n't) (?:be )?(?:moving|"
    r"proceed\w*|going|pursue|pursuing|take you up|move) (?:forward|ahead|with|this|further|on this)",
    r"interessiert (?:mich|uns)(?: \w+){0,2} (?:nicht|null|kein bisschen)",
    r"(?:kein|keinen|keinerlei|null|nicht das) (?:weiteres |grundsätzliches |wirkliches |großes |"
    r"akutes |akuten |aktuellen |konkreten )?(?:interesse|bedarf|budget|verwendung)|(?:nicht|nicht "
    r"weiter|nicht wirklich) (?:interessiert|interessant|relevant|in frage|infrage|von interesse|"
    r"benötigt|erforderlich|geplant|passend)|(?:kommt|käme) (?:für uns |für mich |leider |derzeit |"
    r"aktuell )*(?:nicht|leider nicht)",
    r"nein,? (?:danke|vielen dank)|(?:danke|vielen dank),? (?:aber )?nein|(?:sind|bin) (?:bereits |"
    r"schon |damit |hier |dort |derzeit |aktuell |gut |bestens )+(?:versorgt|aufgestellt|bedient|"
    r"zufrieden|ausgestattet|vergeben|abgedeckt)|(?:nutzen|haben|verwenden|arbeiten|setzen) (?:bereits|"
    r"schon|derzeit|wir bereits|hierfür bereits|dafür bereits|dafür schon)\b|(?:brauchen|benötigen|"
    r"brauche|benötige) (?:wir |ich |das |so etwas |sowas |es |dies )*(?:derzeit |aktuell |momentan |"
    r"leider )*nicht|kein(?:e)? (?:lösung|dienstleister|anbieter|agentur)|müssen (?:wir )?(?:leider "
    r")?absagen|passt (?:leider |für uns |derzeit |aktuell |momentan )*nicht|haben uns (?:für einen "
    r"anderen|anders|dagegen) ",
    r"(?:pas|plus|aucunement|nullement) (?:du tout |vraiment |forcément |actuellement |directement |"
    r"trop )*(?:intéress|concern|besoin|de besoin|d'intérêt|le budget|de budget|preneu|à l'ordre du "
    r"jour|d'actualité|pertinent)|(?:aucun|aucune|sans) (?:intérêt|besoin|suite)|non,? merci|merci,? "
    r"(?:mais )?non\b|(?:avons|ai|utilisons|travaillons|disposons) déjà|ne (?:nous |m'|me |"
    r"n')?(?:intéresse|correspond|convient|donnerons|concerne)\w* pas|ne (?:donnerons|souhaitons|"
    r"souhaite) pas (?:donner suite|poursuivre|aller)|pas (?:donner|suite|pour nous|pour moi)|n'avons "
    r"pas besoin|n'ai pas besoin|n'est pas (?:pour nous|une priorité|notre priorité)",
    r"no (?:me|nos|le|les) interesa|no (?:estoy|estamos|estaría|estaríamos|tengo|tenemos|hay|es de|"
    r"está|están) (?:\w+ ){0,2}(?:interesad|interés|necesidad|presupuesto|buscando)|no,? (?:muchas "
    r")?gracias|gracias,? pero no|no (?:lo )?(?:necesit|requer|requier)\w+|ya (?:tenemos|contamos|"
    r"trabajamos|usamos|utilizamos|tengo|disponemos|cuento|uso)|(?:sin|falta de) (?:interés|"
    r"presupuesto)|no (?:encaja|es para nosotros|aplica|nos encaja|es una prioridad|es lo que)|por "
    r"(?:el momento|ahora|lo pronto) no",
    r"non (?:sono|siamo|sarei|saremmo|mi|ci|è|abbiamo|ho|c'è) (?:\w+ ){0,2}(?:interess|bisogno|budget|"
    r"necessità|una priorità|adatto)|non (?:ne )?(?:abbiamo|ho) (?:bisogno|necessità|budget)|no,? "
    r"grazie|grazie,? ma (?:no|non)|(?:abbiamo|ho|usiamo|utilizziamo|lavoriamo|collaboriamo) già|"
    r"nessun interesse|non (?:ci |mi )?(?:serve|interessa|occorre|fa per noi|fa per me|rientra)|"
    r"(?:siamo|sono) (?:già )(?:a posto|coperti|soddisfatti|serviti)",
    r"não,? (?:muito )?obrigad|obrigad[oa],? mas não|(?:não|nao) (?:\w+ ){0,3}(?:interess|necessi|"
    r"precis|orçamento|verba|faz sentido|é (?:uma )?prioridade|se aplica|é para nós)|sem (?:interesse|"
    r"orçamento|verba|necessidade)|já (?:temos|tenho|usamos|utilizamos|trabalhamos|contamos|possuímos|"
    r"uso)|por (?:enquanto|agora|ora) não|não é o (?:momento|nosso)",
    r"(?:geen|niet) (?:\w+ ){0,2}(?:interesse|geïnteresseerd|behoefte|nodig|budget|belangstelling|"
    r"relevant|interessant|van toepassing|aan de orde|passend)|nee,? (?:dank|bedankt)|bedankt,? maar "
    r"(?:nee|geen|niet)|(?:hebben|gebruiken|werken|heb|zijn|gebruik|werk) (?:wij |we |hier |hiervoor |"
    r"daar |daarvoor )*(?:al|reeds) |past (?:niet|helaas)|(?:zijn|ben) (?:al )?(?:voorzien|tevreden)|"
    r"zien (?:hier|er)? ?(?:van af|ervan af)",
    r"(?:inte|ej|icke|inget|ingen|inga|inte alls|ointresse) (?:\w+ ){0,2}(?:intress|behov|budget|"
    r"aktuell|relevant|behöver)|nej,? tack|tack,? men (?:nej|inte|vi|jag)|(?:har|använder|jobbar|"
    r"arbetar) (?:vi |jag )?redan|behöver (?:vi |jag |det )?(?:inte|ej)|vi tackar nej|jag tackar nej|"
    r"avstår|(?:är|känner oss) (?:redan )?nöjda",
    r"(?:ikke|ikkje|ingen|intet|ej) (?:\w+ ){0,2}(?:interess|behov|brug for|budget|aktuel|relevan|bruk "
    r"for|nødvendig|noget for|noe for)|nej,? (?:tak|ellers tak)|nei,? takk|(?:tak|takk),? men (?:nej|"
    r"nei|ikke)|(?:har|bruger|bruker|benytter|samarbejder|jobber) (?:vi |jeg |alle)?(?:allerede)|(?:er|"
    r"vi er) (?:allerede )?(?:dækket|dekket|fornøjede?|fornøyde?|tilfreds)|takker (?:nej|nei)",
    r"(?:ei|en|emme) (?:\w+ ){0,2}(?:kiinnost|tarvet|tarvitse|budjet|ajankohtai|kiitos)|ei kiitos|"
    r"kiitos,? mutta (?:ei|emme|en)|(?:meillä on|käytämme|käytössämme on|meillä) jo\b",
    r"nie (?:\w+ ){0,2}(?:zainteresowan|interesuj|potrzebuj|korzystam|skorzysta|planujemy|szukamy|"
    r"budżet|jest to dla nas)|nie,? dzięk|nie,? dziękuj|dzięk\w+,? ale nie|brak (?:zainteresowania|"
    r"potrzeb|budżetu)|(?:mamy|korzystamy|używamy|współpracujemy|posiadamy) już|już (?:mamy|korzystamy|"
    r"używamy|współpracujemy|posiadamy)|nie (?:mamy|mam) (?:takiej )?(?:potrzeby|budżetu|"
    r"zapotrzebowania)|na razie nie|podziękuję|nie skorzystam",
    r"(?:nemám|nemáme|bez|nemam|nemame|nejevím|nejevíme) (?:\w+ ){0,2}(?:zájem|záujem|zajem|potřeb|"
    r"rozpočet|využití)|(?:nezajímá|nezaujíma|nepotřebuj|nepotrebuj|nevyužij|nehledáme|nehodí se)\w*|"
    r"ne,? (?:děkuj|díky|ďakuj)\w*|(?:děkuj\w+|díky|ďakuj\w+),? ale (?:ne|nem|bohužel)\w*|už (?:máme|"
    r"používáme|využíváme|spolupracujeme|mám|používame)|(?:máme|používáme|spolupracujeme) (?:již|už|"
    r"svého|svou|své|vlastní)",
    r"nem (?:\w+ ){0,2}(?:érdekel|érdekes|szükség|kérjük|kérek|aktuális|tervez|vagyunk érdek)|"
    r"köszön\w+,? (?:de )?nem\b|már (?:van|használunk|dolgozunk)|nu (?:\w+ ){0,2}(?:interes|nevoie|"
    r"buget)|nu,? mul[țt]umesc|mul[țt]umesc,? dar nu|avem deja|folosim deja",
    r"ilgilenm(?:iyor|emekte|eyece)\w*|ilgimi(?:zi)? çekm\w*|ihtiyac\w* (?:yok|bulunmuyor|duymuyor)\w*|"
    r"(?:hayır|yok),? (?:teşekkür|sağ)\w*|teşekkür\w*,? (?:ama |ancak |fakat )?(?:hayır|ilgilenm|"
    r"ihtiyac|düşünm|istem)\w*|(?:zaten|halihazırda|şu an(?:da)?) [^.!?]{0,40}(?:kullanıyor|çalışıyor|"
    r"mevcut|var)\w*|(?:bütçe|planımız)\w* (?:yok|bulunmuyor)|düşünmüyor\w*|gerek yok",
    r"не (?:\w+ ){0,2}(?:интерес|нужн|нужда|актуальн|заинтересован|требу|рассматрива|планиру|подходит|"
    r"надо)\w*|неинтересно|неактуально|нет,? спасибо|спасибо,? (?:но )?(?:нет|не)\b|нет (?:\w+ "
    r"){0,2}(?:интереса|потребности|необходимости|бюджета|нужды)|уже (?:есть|использу|работа|польз|"
    r"сотруднича|имеем|решен|выбра)\w*|вынужден\w* отказать\w*|не (?:\w+ ){0,2}цікав\w*|не (?:\w+ "
    r"){0,2}(?:потріб|зацікавлен|потребу)\w*|ні,? дякую|вже (?:маємо|використову|працю)\w*",
    r"δεν (?:\w+ ){0,2}(?:ενδιαφέρ|χρειάζ)\w*|όχι,? ευχαριστ\w*|(?:έχουμε|χρησιμοποιούμε) ήδη",
    r"興味(?:は|が|も)?(?:ござい|あり)ません|興味(?:は|が)?ない|必要(?:は|が)?(?:ござい|あり)ません|"
    r"必要(?:は|が)?ない|(?:結構です|間に合って|遠慮(?:させて|いたし|します)|見送ら|見送り|お断り|辞退|"
    r"ご縁がなかった|検討して(?:おりません|いません)|予定(?:は|が)?(?:ござい|あり)ません|導入済|"
    r"他社(?:様)?(?:に|を|と|の)[^。]{0,12}(?:利用|契約|お願い|決め|使))",
    r"(?:没有?|沒有?|无|無|不感|不太感|毫无)(?:兴趣|興趣|意向|需求|需要|预算|預算)|(?:暂时|目前|現在|"
    r"现在|我们|我們|暫時|暂|并|並)?(?:不需要|不考虑|不考慮|用不上|不合适|不合適|不打算)|(?:已经|已經|"
    r"已)(?:有|在用|在使用|使用|合作|选择|選擇)|谢谢[,，]?不用|不用了|不必了|敬谢不敏",
    r"관심(?:이|은)? ?(?:없|있지 않)\w*|필요(?:가|는|하지)? ?(?:없|않)\w*|(?:이미|"
    r"현재)[^.!?]{0,20}(?:사용|이용|거래|계약)\w*|(?:사양|거절|정중히)\w*|예산(?:이)? ?없\w*|"
    r"생각(?:이)? ?없\w*",
    r"(?:غير|لسنا|لست|ليس لدينا|لا يوجد) (?:\w+ )?(?:مهتم|مهتمين|اهتمام|بحاجة)\w*|لا,? شكرا|לא (?:\w+ "
    r")?(?:מעוניי|רלוונטי|מתאים|צריכ|נדרש)\w*|tidak (?:\w+ )?(?:tertarik|berminat|butuh|membutuhkan|"
    r"perlu)|không (?:\w+ )?(?:quan tâm|có nhu cầu|cần)|ไม่สนใจ|ไม่ต้องการ",
)
"""Patterns, each found at the beginning of a word."""
