"""How people say that somebody else is the one to ask: a table, in many languages.

All lower case, an apostrophe is always "'"; matched by `mail.intent`.
"""

REFERRAL = (
    r"(?:they|he|she) (?:handle|deal|manage|look|take care|decide)s? |try \S+@|(?:cc'?ing|looping in|"
    r"adding|tagging) @?\w+",
    r"(?:fale|falar|contate|contacte) (?:com|a|o) |předal\w* (?:jsem )?\w+|předáv\w+",
    r"(?:dafür|hierfür|dazu|hierbei) (?:ist|wäre) (?:bei uns )?(?:frau|herr|mein|unser)\w*|"
    r"zuständig\w*(?: ist| wäre)?\W{1,3}\S*@",
    r"(?:please |pls |kindly |should |can |could |try |you'd better |better |best to |suggest you |"
    r"feel free to |i'd |recommend )(?:\w+ ){0,2}(?:contact|reach out to|write to|email|e-mail|speak "
    r"(?:to|with)|talk (?:to|with)|get in touch with|direct (?:this|your|it|all|any)|forward (?:this|"
    r"your|it)|connect with|ask|address|ping|message|reach|touch base with|liaise with|loop in)(?: "
    r"(?:out|to|with))* (?!me\b|us\b|our team to unsub|you\b|your\b)(?:\w|<)",
    r"^(?:contact|write to|talk to|speak to|speak with|reach out to|ask|try|email|see) (?:my |our |the "
    r"|mr|ms|mrs|dr)?\w+",
    r"(?:cc'?(?:ed|ing|'d)|copied|copying|looping|looped|adding|added|loop|introducing|connecting you|"
    r"putting you in touch|i'?ve included|(?<='m )including|(?<=am )including|tagging) (?:in |"
    r"here )?(?!me\b|everyone unsub)\w+|"
    r"(?:forward(?:ed|ing)?|pass(?:ed|ing)?|sen(?:t|ding)|hand(?:ed|ing)|shar(?:ed|ing)|relay(?:ed|"
    r"ing)?|rout(?:ed|ing))(?: \w+){0,4} (?:on |along |over )?to (?:my|our|the|mr|ms|mrs|dr|her|him|a "
    r"colleague|someone|\w+@|[a-z]+ (?:who|in|from|at)\b)",
    r"(?:not|isn't|am not|'m not|wrong|no longer) (?:\w+ ){0,3}(?:the )?(?:right|correct|best|"
    r"appropriate|person|contact)\b[^.!?]{0,80}[.!,;:]? ?[^.!?]{0,30}(?:contact|speak|talk|reach|try|"
    r"write|ask|email|should be|would be|is the|handles|it's|its)\b|(?:right|best|correct|appropriate|"
    r"better) (?:person|contact|one|people|team|point of contact)(?: \w+){0,8} (?:is|would be|will be|"
    r"are|for this would)\b",
    r"(?:my |our )(?:colleague|coworker|co-worker|boss|manager|cto|ceo|cfo|cmo|coo|assistant|partner|"
    r"team ?mate|head of|director|successor|replacement|vp|it department|"
    r"purchasing)\b[^.!?]{0,60}(?:handles|is responsible|is in charge|takes care|will (?:get|be|reach|"
    r"contact)|can help|may be|might be|deals with|would be|is the|looks after|manages|is better|takes "
    r"over|owns|oversees|at \w+@|\w+@)",
    r"(?:handled|managed|led|run|decided|overseen) by (?:my|our|mr|ms|\w+@|[a-z]+ \(|[a-z]+ [a-z]+ \()|"
    r"now (?:looks after|handles|manages|oversees|deals with|is in charge)\b|moved (?:on )?(?:to|"
    r"into) (?:another|a "
    r"different|a new) (?:team|department|role|position)|(?:is|are) responsible for (?:this|that|these|"
    r"such)|has taken over (?:my|this|the|for)|took over "
    r"(?:my|this|from)|(?:i've|i have|i) (?:since )?(?:left|moved on from|retired from|changed (?:jobs|"
    r"roles|companies))\b|no longer (?:work|working|with|at|employed|handle|responsible|in (?:this|"
    r"that|charge))",
    r"(?:wenden|kontaktieren|schreiben|melden|richten|sprechen|wende|kontaktiere|schreib|fragen|"
    r"kontaktier) (?:sie |dich |du |euch )?(?:sich |dich |bitte |gerne |doch |am besten |hierzu |"
    r"hierfür |dazu |dafür |ihre anfrage |diese anfrage |ihr anliegen |direkt |mit |mal )*(?:an|mit|"
    r"meine[nrm]?|unsere[nrm]?|herrn|frau|den|die|kolleg\w+|bei)\b|(?:zuständig|verantwortlich|"
    r"ansprechpartner\w*|richtige ansprech\w+|kontaktperson)\b[^.!?]{0,20}(?:ist|dafür|hierfür|wäre|"
    r"bei uns|sind)|(?:mein|unser|meine|unsere|meinen|meiner|unserem|unserer)\w* (?:kolleg|"
    r"geschäftsführ|chef|vorgesetzt|nachfolg|it-leiter|einkauf|assisten|"
    r"team)\w*[^.!?]{0,60}(?:zuständig|weiter|kümmert|melde|ansprech|cc|kopie|verantwort|@)|(?:leite|"
    r"habe|geleitet|weitergeleitet|weiterleiten|in kopie|in cc|setze)\b[^.!?]{0,40}(?:weiter|"
    r"weitergeleitet|kolleg\w+|kopie|cc)|nicht (?:mehr )?(?:der |die |ihr )?(?:richtige|zuständige?|"
    r"zuständig|ansprechpartner)\w*[^.!?]{0,60}[.,;]? ?[^.!?]{0,40}(?:wenden|@|kolleg|ist herr|ist "
    r"frau)",
    r"(?:contacte[rz]|adresse[rz]|écri(?:re|vez)|voir|rapproche[rz]|joindre|solliciter|tourne[rz]|"
    r"orienter)[- ]?(?:vous |plutôt |directement |moi )*(?:à |avec |de |vers |auprès )*(?:mon|ma|notre|"
    r"mes|nos|le|la|monsieur|madame|m\.|mme|\w+@)|(?:mon|ma|notre) (?:collègue|responsable|directeur|"
    r"directrice|associé|associée|patron|assistante?|confrère|service)\b[^.!?]{0,60}(?:s'occupe|en "
    r"charge|copie|gère|pourra|responsable|@|charg)|(?:je transfère|j'ai transmis|je transmets|je vous "
    r"mets en|en copie|je mets|je fais suivre|j'ai fait suivre)|(?:bon|bonne|meilleur) (?:interlocut|"
    r"contact|personne)\w*",
    r"(?:contact[ae]r?|contacte|escrib[ae]r?|escrib\w+le|dirí[gj]\w+|habl[ea]r?|comuní\w+|"
    r"consult[ea]r?|pón\w+)(?:se|le)? (?:\w+ ){0,3}(?:con|a|al) (?:mi|nuestr|el|la|los|\w+@|"
    r"compañer)\w*|(?:mi|nuestr[oa]) (?:compañer|coleg|jef|director|responsable|soci|"
    r"gerente)\w*[^.!?]{0,60}(?:lleva|encarg|copia|responsable|gestiona|@|contact)\w*|(?:persona "
    r"(?:adecuada|indicada|correcta|encargada|responsable))|(?:reenvi|reenví|pongo en copia|pongo en "
    r"contacto|copio a|paso tu|he pasado|le paso)\w*",
    r"(?:contatt|scriv|rivolg|parl|sent)\w{1,6}(?:si|rsi)? (?:\w+ ){0,3}(?:a|al|alla|con|il|la) (?:mi|"
    r"nostr|colleg|dott|sig|\w+@|responsab)\w*|(?:il mio|la mia|il nostro|la nostra) (?:colleg|"
    r"responsabil|capo|direttor|soci|titolar)\w*[^.!?]{0,60}(?:occup|copia|gestisc|responsab|@|"
    r"segu)\w*|(?:metto in (?:copia|contatto)|inoltro|ho inoltrato|giro la|ho girato)|persona "
    r"(?:giusta|corretta|di riferimento)",
    r"(?:contact|contat|fal|escrev|procur|entr|envi|direcion)\w{1,6}(?:-se)? (?:\w+ ){0,3}(?:com|para|"
    r"o|a|ao|à) (?:meu|minha|nosso|nossa|o meu|a minha|colega|sr|\w+@|\w+ \()|(?:meu|minha|nosso|"
    r"nossa) (?:colega|chefe|sóci|diretor|responsável|gerente)\w*[^.!?]{0,60}(?:cuida|cópia|"
    r"responsável|trata|@|contat|pode)\w*|(?:em cópia|encaminh(?:ei|o|ando|arei)|copiei|copiando|"
    r"reencaminh\w+)|pessoa (?:certa|indicada|responsável)|responsável (?:é|por isso|pela área)",
    r"(?:contact opnemen met|neem contact op met|mail (?:naar|mijn|even)|schrijf naar|wend u tot|"
    r"benader|richt u tot|spreek met|bel met) (?!mij\b|me\b|ons\b)\w+|(?:mijn|onze) (?:collega|manager|"
    r"leidinggevende|directeur|baas|opvolger)\w*[^.!?]{0,60}(?:gaat hierover|verantwoord|cc|@|over|"
    r"oppak|kan|helpt)\w*|(?:doorgestuurd|stuur ik door|in cc|in kopie|stuur het door|juiste "
    r"(?:persoon|contact))",
    r"(?:kontakta|hör av (?:dig|er) till|prata med|mejla|maila|vänd (?:dig|er) till|skriv till|ta det "
    r"med) (?!mig\b|oss\b|inte\b)\w+|(?:min|vår) (?:kollega|chef|vd|"
    r"efterträdare)\w*[^.!?]{0,60}(?:ansvar|kopia|hanter|@|sköter|cc)\w*|(?:vidarebefordra|skickar "
    r"vidare|kopierar in|rätt person|i kopia)",
    r"(?:kontakt|tag fat i|ta kontakt med|skriv til|tal med|snakk med|henvend (?:dig|deg|dere) til|"
    r"snak med) (?!mig\b|meg\b|os\b|oss\b|ikke\b)\w+|(?:min|vores|vår) (?:kollega|chef|sjef|leder|"
    r"direktør)\w*[^.!?]{0,60}(?:ansvar|cc|kopi|tager|tar|@|håndter)\w*|(?:sender (?:den |det |dette "
    r")?videre|videresend\w+|rette (?:person|vedkommende)|riktig person|i kopi)",
    r"(?:ottakaa|ota) yhteyttä (?!minuun\b|meihin\b)\w+|kollega(?:ni|lle|lleni)\w*|(?:välitin|välitän|"
    r"oikea (?:henkilö|yhteyshenkilö))",
    r"(?:proszę|prosze|prosimy) (?:\w+ ){0,3}(?:kontakt z|skontaktować się z|pisać do|kierować|zwrócić "
    r"się do|o kontakt z) (?!nami|mną)\w+|(?:mój|moja|nasz|nasza|moją|moim|naszym) (?:koleg|koleż|szef|"
    r"współpracowni|przełożon|dyrektor)\w*|(?:przekazał|przekazuję|przesyłam dalej|w kopii|do "
    r"wiadomości dodaję|właściwą osobą|osobą odpowiedzialną|odpowiada za to)\w*",
    r"(?:kontaktujte|obraťte se|napište|spojte se|obráťte sa) (?:\w+ ){0,3}(?:na|s|se|kolegu|kolegyni|"
    r"mého|mou|pana|paní)\b|(?:můj|moje|náš|naše|mého|mou|kolega|kolegyně|kolegovi|"
    r"kolegyni)\b[^.!?]{0,50}(?:na starosti|v kopii|řeší|@|zodpov)\w*|(?:přeposílám|přeposlal|předal|"
    r"předávám|v kopii|preposielam)\w*",
    r"(?:lütfen |konuyla ilgili )?(?:\w+ ){0,4}(?:ile iletişime geç|ile görüş|e yaz|a yaz|ne yaz|na "
    r"yaz|iş arkadaşım|meslektaşım|yöneticim)\w*|(?:yönlendirdim|ilettim|cc'ye|bilgiye ekledim|ilgili "
    r"kişi|sorumlu kişi|bu konuyla \w+ ilgileniyor)",
    r"(?:обратитесь|обращайтесь|свяжитесь|напишите|пишите|поговорите|зверніться|напишіть) (?:\w+ "
    r"){0,3}(?:к|с|со|на|моему|моей|коллеге|нашему|нашей|до|моєму)\b|(?:мой|моя|наш|наша|моего|моему|"
    r"моей) (?:коллег|руководител|директор|начальни|колег)\w*|(?:переслал|перенаправил|передал|в копии|"
    r"ставлю в копию|пересылаю|этим занимается|за это отвечает|этим вопросом занимается)\w*",
    r"(?:担当|担当者)(?:は|の|に|が)[^。]{0,20}(?:@|変わ|ご連絡|おります|です|申し)|(?:に|へ|"
    r"まで)(?:ご連絡|お問い合わせ|メール)(?:ください|下さい|をお願い|いただ|お願い)|転送(?:し|いた|"
    r"させ)|(?:同僚|上司|後任|担当部署)の?|CCに",
    r"(?:请|請|可以|建议|建議)?(?:联系|聯繫|联络|聯絡|找|咨询)(?:我的|我们的|我們的|我)?(?:同事|老板|"
    r"经理|經理|领导|主管|同仁|负责|負責)|(?:转发|轉發|转给|轉給|转达|抄送)(?:了|给|給)|(?:负责人|"
    r"負責人|对接人)是?|由[^。]{1,12}(?:负责|負責)",
    r"(?:동료|담당자|상사|팀장|대표님)[^.!?]{0,20}(?:에게|께|연락|문의|전달)\w*|(?:전달|포워딩|"
    r"참조)(?:했|하|드렸)\w*",
    r"(?:تواصل|راسل|اتصل) (?:مع|ب)\w*|זמיל|(?:זמיל|עמית|הקולג)\w*|(?:פנ[הו]|תפנה|צרו קשר) (?:אל|ל|"
    r"עם)\w*|(?:hubungi|silakan menghubungi) (?!saya|kami)\w+|(?:liên hệ|vui lòng liên hệ) (?!tôi)\w+",
)
"""Patterns, each found at the beginning of a word."""
