"""How people say that they want to know more: tables, in many languages.

All lower case, an apostrophe is always "'"; matched by `mail.intent`.
"""

INTERESTED_WHOLE = """
yes | yes please | yep | yeah | yup | sure | sure thing | of course | absolutely | definitely | interested
i'm interested | i am interested | we're interested | very interested | yes interested | yes i am
yes i'm interested | sounds good | sounds great | sounds interesting | please do | go ahead | let's talk
lets talk | let's do it | let's chat | call me | please call | please call me | tell me more | send info
send me info | more info | more info please | more information | more information please | more details
more details please | details please | send details | info please | price | pricing | price please
how much | how much is it | cost | demo | demo please | perfect | great | awesome | great let's do it
works for me | that works | happy to chat | i'm in | count me in | yes thanks | yes sure | yes let's talk
ja | ja bitte | ja gerne | gerne | sehr gerne | klar | klingt gut | klingt interessant | interessiert
bin interessiert | bitte um rückruf | natürlich | auf jeden fall | ja natürlich | preis | mehr infos
mehr infos bitte | mehr informationen | mehr informationen bitte | ja ich bin interessiert | passt
einverstanden | bitte anrufen | oui | oui merci | oui svp | oui s'il vous plaît | avec plaisir
volontiers | intéressé | intéressée | bien sûr | d'accord | ça m'intéresse | je suis intéressé
je suis intéressée | plus d'infos | oui avec plaisir | tarif | tarifs | pourquoi pas | parfait | sí | si
sí por favor | si por favor | claro | claro que sí | por supuesto | me interesa | nos interesa
interesado | interesada | estoy interesado | estoy interesada | precio | más información | mas información
más info | mas info | suena bien | de acuerdo | perfecto | sí gracias | sí me interesa | si me interesa
sì | sì grazie | sì per favore | certo | certamente | volentieri | interessato | interessata
mi interessa | sono interessato | sono interessata | siamo interessati | va bene | d'accordo | perfetto
prezzo | maggiori informazioni | più informazioni | con piacere | sim | sim por favor | claro que sim
com certeza | tenho interesse | temos interesse | interessado | preço | mais informações | mais info
pode ser | pode mandar | vamos conversar | perfeito | combinado | sim claro | quero saber mais | ja graag
graag | zeker | klinkt goed | klinkt interessant | geïnteresseerd | ik ben geïnteresseerd | prima | prijs
meer info | meer informatie | meer informatie graag | natuurlijk | leuk | ja tack | gärna | ja gärna
låter bra | låter intressant | intresserad | jag är intresserad | absolut | självklart | pris | mer info
mer information | det låter bra | vi är intresserade | ja tak | ja takk | meget gerne | lyder godt
det lyder godt | interesseret | jeg er interesseret | vi er interesserede | høres bra ut
høres interessant ut | det høres bra ut | interessert | jeg er interessert | gjerne | ja gjerne | ring mig
ring meg | mere info | mer info takk | kyllä | kyllä kiitos | joo | kiinnostaa | kiinnostunut
olen kiinnostunut | olemme kiinnostuneita | kuulostaa hyvältä | totta kai | mielellään | hinta
lisätietoja | sopii | tak | tak proszę | tak poproszę | poproszę | proszę o ofertę | jestem zainteresowany
jestem zainteresowana | jesteśmy zainteresowani | zainteresowany | brzmi dobrze | brzmi ciekawie | chętnie
cena | oczywiście | proszę o kontakt | proszę o więcej informacji | tak jestem zainteresowany | ano
ano prosím | mám zájem | máme zájem | zní dobře | to zní dobře | rád | ráda | určitě | samozřejmě
více informací | ano mám zájem | áno | áno prosím | mám záujem | máme záujem | igen | igen kérem | érdekel
érdekes | rendben | da | da vă rog | sunt interesat | sunt interesată | sună bine | suna bine | evet
evet lütfen | tabii | tabii ki | olur | ilgileniyorum | ilgileniyoruz | ilgimi çekti | fiyat | fiyat nedir
kulağa hoş geliyor | kulağa iyi geliyor | arayın | daha fazla bilgi | evet ilgileniyorum | memnuniyetle
да | да пожалуйста | да интересно | интересно | да конечно | конечно | заинтересован | цена
сколько стоит | подробнее | давайте | давайте обсудим | хорошо давайте | расскажите подробнее | так
цікаво | так цікаво | звичайно | ναι | ναι παρακαλώ | βεβαίως | με ενδιαφέρει | はい | はいお願いします
お願いします | 興味があります | 興味あります | 是非 | ぜひ | ぜひお願いします | 是非お願いします
もちろん | 詳しく教えてください | 詳細を教えてください | よろしくお願いします | 面白そうですね
料金を教えてください | 資料をください | 是 | 是的 | 好 | 好的 | 可以 | 行 | 感兴趣 | 感興趣 | 有兴趣
有興趣 | 我感兴趣 | 我有兴趣 | 没问题 | 沒問題 | 多少钱 | 多少錢 | 价格 | 可以聊聊 | 好啊 | 当然 | 當然
怎么收费 | 发我资料 | 请发资料 | 네 | 예 | 네 좋습니다 | 좋습니다 | 좋아요 | 관심 있습니다 | 관심있습니다
관심 있어요 | 물론입니다 | 네 관심 있습니다 | 가격이 얼마인가요 | 얼마인가요 | نعم | مهتم | أنا مهتم
بالتأكيد | נשמע טוב | כן | מעוניין | מעוניינת | אשמח | ya | tertarik | saya tertarik | boleh | vâng | có
tôi quan tâm | สนใจ | 👍 | 👍🏻 | 👍🏼 | 👍🏽 | 👍🏾 | 👍🏿 | 👌 | 💯 | ✅ | 🙌 | yes 👍 | 👍👍 | 👍👍👍
thumbs up
"""
"""All that a reply says, once greeting and punctuation are off."""

INTERESTED = (
    r"can (?:talk|speak|chat|meet|discuss|catch up)\b",
    r"send (?:it|them|that|over)\b|let's do (?:it|this)\b|do it\b|(?:bitte um|bitten um|erbitte) (?:ein |"
    r"ihr |weitere |nähere |mehr )*"
    r"(?:angebot|info|unterlagen|rückruf|termin|kontaktaufnahme)\w*|(?:mir|"
    r"uns)\b[^.!?]{0,30}(?:unterlagen|info|angebot|preis|details)"
    r"[^.!?]{0,20}(?:schicken|senden|zukommen|geben|zusenden)|(?:me|nous) (?:rappeler|appeler|contacter|"
    r"recontacter)\b",
    r"(?:i'm|i am|we're|we are|i'd be|i would be|we'd be|we would be|might be|may be|could be|also|"
    r"very|quite|definitely|really|certainly|am|are|be|yes,?|genuinely|extremely|super|still|"
    r"potentially) interested(?! (?:in )?(?:why|how you (?:got|found)))|interested in (?!\w+ how "
    r"you)(?:learning|"
    r"hearing|seeing|knowing|discussing|talking|finding|trying|a (?:demo|call|chat|meeting)|more|"
    r"getting|your (?:product|service|offer|proposal|solution))",
    r"(?:sounds|looks|seems|this is|that's|that is|it's|pretty) (?:really |very |pretty |quite |super |"
    r"like a )*(?:good|great|interesting|promising|intriguing|perfect|awesome|fantastic|wonderful|fun|"
    r"amazing|excellent|like something|like a plan|exciting|cool|relevant)|(?:like|love|liked) (?:the|"
    r"this|your) (?:idea|concept|approach|proposal)|(?:perfect|great|good) timing|caught my "
    r"(?:attention|eye|interest)|piqued my interest|(?:i'm|i am|color me|we're) (?:intrigued|curious|"
    r"keen|open to|up for|game\b|down\b)",
    r"(?:let's|lets|let us|can we|could we|shall we|happy to|glad to|love to|like to|keen to|open to|"
    r"want to|would be good to|good to|be great to|up for|willing to|we should|we can|i can|free to|"
    r"great to|able to) (?:\w+ ){0,2}(?:talk|chat|connect|meet|discuss|schedule|speak|jump on|hop on|"
    r"hear more|learn more|know more|see more|see a demo|set up|arrange|catch up|explore|book|find a "
    r"time|find time|try|hear about|learn about|a call|touch base|do a call|get on|have a call|have a "
    r"chat|see how|set something up|get a demo|get more)",
    r"(?:send|share|forward|shoot|email|drop|give|tell|provide)(?: it| them)? (?:me|us|over|through|"
    r"along)? ?(?:with )?(?:a |an |some |the |your |more |further |additional |any |over |through |me |"
    r"us )*(?:information|info|details|more\b|deck|brochure|pricing|prices|proposal|quote|link|"
    r"calendar|invite|materials?|one[- ]?pager|case stud|examples?|samples?|demo|presentation|times|"
    r"availability|slots?|catalog|contract|documentation|overview|offer|price list|calendly)",
    r"(?:could|can|would|will|please) (?:you )?(?:please )?(?:tell|send|share|give|show|explain|"
    r"elaborate|call|provide|walk|schedule|book|contact me|ring|reach me|let me know (?:more|when|your|"
    r"the (?:price|cost)|how much))\b(?! (?:me )?(?:how you (?:got|found)|where you got|why you|off\b))",
    r"(?:how much|what(?:'s| is| are| does| would| will|'re)? (?:it |this |that |the |your |you "
    r")?(?:cost|price|pricing|rates?|fees?|charge)|pricing|price list|cost (?:me|us)|what are your "
    r"(?:prices|rates|fees)|what do you charge|quote for|quotation|free trial|how (?:does|do) (?:it|"
    r"this|that|you|your \w+) work|how can (?:we|i) (?:start|begin|proceed|get started|try)|where "
    r"(?:can|do) (?:i|we) (?:sign|buy|book|start)|next steps?\b|sign (?:me|us) up|get started)",
    r"(?:book|schedule|set up|arrange|plan|organi[sz]e|grab|put|find|pick|have|do) (?:a |an |some |in |"
    r"the |us |you )*(?:quick |short |brief |15[- ]?min\w* |30[- ]?min\w* |zoom |teams |phone |"
    r"intro(?:ductory)? |discovery )*(?:call|meeting|demo|chat|time|slot|appointment|conversation|"
    r"coffee|zoom)\b|(?:call|ring|phone|text) me\b|(?:my|direct) (?:number|cell|phone|mobile|line) is|"
    r"here(?:'s| is) my (?:number|calendar|calendly|cell|availability|link)|calendly\.com|reach me "
    r"(?:at|on)|give me a (?:call|ring|shout)",
    r"(?:monday|tuesday|wednesday|thursday|friday|tomorrow|next week|this week|(?:at |around "
    r")?\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.|cet|est|pst|gmt|h\b))[^.!?\n]{0,40}(?:works|work for|"
    r"would work|is good|is fine|suits|is best|is great|would be (?:good|great|fine|best)|is perfect|"
    r"\?$)|(?:i'm|i am|we're|we are|i|we|am) (?:free|available|around|can do|could do|can make|have "
    r"time)\b|(?:does|(?<!'t )(?<!not )do|would|how about|what about|how is|how's|are you (?:free|"
    r"available)) (?:on |"
    r"next |this )?(?:monday|tuesday|wednesday|thursday|friday|tomorrow|\d{1,2}(?::\d\d)? ?(?:[ap]\.?m|h\b|"
    r"o'clock|\?)|\d{1,2}:\d\d)|works? (?:for|with) (?:me|"
    r"us)\b|that works",
    r"(?:yes|yep|yeah|(?<!not )(?<!be )(?<!make )(?<!am )(?<!'m )(?<!are )(?<!'re )(?<!quite )"
    r"(?<!really )sure|absolutely|definitely|of course|certainly)(?:[,!. ]+(?:please|i|we|let|that|"
    r"this|sounds|happy|send|call|tell|go|do|can|thanks|would|why not|sure|absolutely|definitely|"
    r"interested|it|feel)|!|$)|please (?:do(?! not|n't)\b|go ahead|proceed|call|tell me|"
    r"send)|why not|go (?:ahead|for it)|(?:looking|look) forward to (?:talking|speaking|meeting|hearing|"
    r"learning|our|the|seeing|chat)|tell (?:me|us) more|more (?:info|information|details) (?:please|about|"
    r"on|would|regarding)|"
    r"(?:i'd|we'd|i would|we would) (?:love|like|be happy|be glad|appreciate)\b",
    r"(?:bin|sind|wäre|wären|sehr|grundsätzlich|durchaus|prinzipiell|ja,?|auch|generell) (?:\w+ "
    r"){0,3}(?:interessiert|interessant)|(?:klingt|hört sich|das ist|ist|wäre) (?:\w+ ){0,3}(?:gut|"
    r"interessant|spannend|super|toll|vielversprechend|klasse|perfekt)\b|(?:habe|haben|hätte|hätten|"
    r"besteht|grundsätzlich|großes|wir) (?:\w+ ){0,3}(?<!kein )interesse\b|interesse (?:ist |wäre |"
    r"besteht|vorhanden)|mein interesse geweckt|neugierig",
    r"(?:schicken|senden|schick|sende|übersenden|lassen|mailen|geben|nennen|teilen|erzählen|zeigen) "
    r"(?:sie |du )?(?:mir|uns) (?:\w+ ){0,5}(?:info|unterlagen|angebot|detail|preis|mehr|termin|"
    r"broschüre|präsentation|material|link|zukommen|link|daten)\w*|(?:rufen|ruf) (?:sie |du )?(?:mich|"
    r"uns|doch|gerne|bitte)|(?:was|wie viel|wieviel|wie hoch)\b[^.!?]{0,25}(?:kostet|kosten|preis)\w*|"
    r"preisliste|(?:weitere|mehr|nähere|genauere) (?:infos?|informationen|details)|angebot (?:machen|"
    r"schicken|senden|zusenden|erstellen)",
    r"(?:gerne|gern|lassen sie uns|lass uns|können wir|wollen wir|würde|würden|freue|freuen|"
    r"freu)\b[^.!?]{0,60}(?:telefon|sprechen|austausch|unterhalt|treffen|termin|kennenlernen|reden|"
    r"gespräch|mehr erfahren|hören|demo|call|vereinbar|ansehen|anschauen|zukommen|besprechen)\w*|"
    r"termin (?:vereinbaren|ausmachen|machen|vorschlagen)|terminvorschl\w*|(?:passt|passen|ginge|geht|"
    r"würde passen|habe ich zeit|hätte ich zeit|wäre möglich) (?:\w+ ){0,3}(?:mir|uns|gut|es|bei mir|"
    r"am|um|ihnen|dienstag|montag|mittwoch|donnerstag|freitag)|ja,? (?:bitte|gerne|gern|sehr gerne|"
    r"klar|natürlich|das|ich|wir)|sehr gerne|(?:passt|ginge|geht)[^.!?\n]{0,12}(?:montag|dienstag|"
    r"mittwoch|donnerstag|freitag|morgen)|(?:montag|dienstag|mittwoch|donnerstag|freitag|"
    r"morgen)[^.!?\n]{0,30}(?:passt|ginge|geht|würde passen|wäre gut|zeit|um \d)|unter (?:\+|0)\d",
    r"(?:suis|sommes|serais|serions|serait|très|est|semble|paraît|également|effectivement|fortement|"
    r"vivement|potentiellement) (?:\w+ ){0,2}(?<!pas )(?:intéress)\w+|(?:m'|nous |peut nous |pourrait "
    r"(?:nous |m'))intéress\w+(?! pas)|(?:envoye[zr]|envoie|transmett\w+|communiqu\w+|faire parvenir|"
    r"partage[zr]|adresse[zr])[- ](?:moi|nous|me)?[^.!?]{0,40}(?:info|détail|document|tarif|plaquette|"
    r"présentation|brochure|devis|offre|dispo|lien|plus|créneau|proposition)\w*|(?:en savoir|savoir|"
    r"dites-m'en|m'en dire|nous en dire|plus d'information|plus d'info|davantage d'info|plus de "
    r"détails|plus de renseign)\w* ?(?:plus)?",
    r"(?:quel|quels|quelle|quelles|combien)\b[^.!?]{0,40}(?:coût|prix|tarif|coûte|coute)\w*|"
    r"(?:discuter|échanger|parler|rencontrer|appeler|rendez-vous|rdv|visio|créneau|démo)\w*|(?:avec "
    r"plaisir|volontiers|pourquoi pas|je suis (?:disponible|dispo|partante?|preneu)|nous sommes "
    r"disponibles|appelez[- ]moi|rappelez[- ]moi|contactez[- ]moi)|oui,? (?:merci|avec|je|volontiers|"
    r"bien|pourquoi|nous|c'est|ça|svp|s'il)|(?:ça|cela) (?:me|nous|m')? ?(?:semble|paraît|intéresse|"
    r"convient|a l'air)(?! pas)",
    r"(?:me|nos|sí,? me|podría|podría ser|muy|estoy|estamos|estaría|estaríamos|sería|parece|suena|es) "
    r"(?:\w+ ){0,2}interes(?:a|aría|ado|ada|ados|adas|ante)\b|(?:suena|parece|pinta) (?:muy )?(?:bien|"
    r"genial|interesante|perfecto)|(?:env[ií]|m[áa]nd|p[áa]s|comp[áa]rt|facil[íi]t)(?:a|e|an|en|ar|as|"
    r"es|ir)(?:me|nos|melo)?\b[^.!?]{0,40}(?:información|info|detalle|precio|presupuesto|propuesta|"
    r"presentación|catálogo|"
    r"tarifa|enlace|folleto|más)\w*|(?:más|mayor) (?:información|info|detalles)",
    r"(?:cuánto|cuanto|qué precio|que precio|cuál es el (?:precio|costo|coste)|precios?\b|"
    r"tarifas?\b)[^.!?]{0,30}(?:cuesta|vale|sale|costo|coste|\?|tienen|sería)\w*|(?:podemos|podríamos|"
    r"me gustaría|nos gustaría|quisiera|quiero|queremos|encantad\w|agend\w+|coordin\w+|llám\w+|"
    r"llam\w+me|hablemos|conversemos|reun\w+)[^.!?]{0,40}(?:hablar|reunir|llamada|reunión|demo|saber|"
    r"conocer|agendar|charlar|llamar|cita|conversar|más|hora|ver|probar|recibir|conocer|comprar|pedir|contratar)|(?:encantad\w|agend\w+|"
    r"coordin\w+|llám\w+|llam\w+me|hablemos|conversemos|reun\w+)\b|sí,? (?:por favor|claro|me|nos|"
    r"gracias|quiero|estoy|podemos)|(?:estoy|estamos) (?:disponible|libre)s?|(?:lunes|martes|miércoles|"
    r"jueves|viernes|mañana)[^.!?\n]{0,30}(?:me va|nos va|puedo|podría|me viene|está bien|perfecto|a "
    r"las \d)",
    r"(?:sono|siamo|sarei|saremmo|molto|mi|ci|potrebbe|sembra|è|pare|suona) (?:\w+ ){0,2}interess(?:a|"
    r"ato|ata|ati|ate|ante|arci|armi|erebbe)\b|(?:sembra|suona|mi sembra) (?:molto )?(?:bene|"
    r"interessante|ottimo|buono)|(?:(?:invi|mand|gir|pass)(?:a|i|ate|are|ar|ino)|fornir|fornit|spedir\w{0,4})(?:mi|ci|e|"
    r"temi|teci)?\b[^.!?]{0,40}(?:informazion|info|dettagli|preventivo|prezz|listino|brochure|presentazione|"
    r"proposta|link|materiale|offerta)\w*|(?:maggiori|ulteriori|più) (?:informazioni|info|dettagli)",
    r"(?:quanto costa|quali sono i (?:costi|prezzi)|qual è il (?:costo|prezzo)|prezzi\b|costi\b|"
    r"preventivo)|(?<!non )(?:possiamo|potremmo|vorrei|vorremmo|mi piacerebbe)[^.!?]{0,40} "
    r"(?:sapere|saperne|parlar|sentir|incontr|veder|provar|ricever|conoscer|capir|fissar|organizz|demo|"
    r"chiama|info|approfond|più|discut|valutar)\w*|(?:sentiamoci|parliamone|volentieri|"
    r"chiamatemi|mi chiami|chiamami|fissare|fissiamo|organizziamo|sono disponibile|siamo disponibili)|"
    r"sì,? (?:grazie|certo|volentieri|mi|ci|sono|per)|(?:lunedì|martedì|mercoledì|giovedì|venerdì|"
    r"domani)[^.!?\n]{0,30}(?:va bene|perfetto|alle|andrebbe|posso|sono libero)",
    r"(?:tenho|temos|teria|teríamos|há|muito|estou|estamos|fiquei|ficamos|parece|me|nos|é) (?:\w+ "
    r"){0,2}(?<!sem )interess(?:e|ado|ada|ados|ante|a|aria)\b|(?:parece|soa) (?:muito )?(?:bem|bom|"
    r"ótimo|interessante|ótima|boa)|(?:pod\w+ |poderia |favor )?(?:me )?(?:envi|mand|pass|encaminh|"
    r"compartilh)(?:a|e|ar|am|em|as|o)(?:-me|-nos)?\b[^.!?]{0,40}(?:informaç|info|detalhe|preço|proposta|"
    r"orçamento|"
    r"apresentação|material|link|tabela|valores|catálogo|mais)\w*|mais (?:informações|detalhes|info)|"
    r"saber mais",
    r"(?:quanto custa|qual (?:é )?o (?:preço|valor|custo)|quais (?:são )?os (?:preços|valores|custos)|"
    r"valores\b|orçamento\b)|(?:podemos|poderíamos|vamos|gostaria|gostaríamos|quero|queremos|adoraria|"
    r"me liga|me ligue|ligue-me|marcar|agendar|conversar|estou disponível|estou "
    r"livre)[^.!?]{0,40}(?:conversar|falar|reunião|marcar|agendar|conhecer|demonstração|demo|saber|"
    r"bater um papo|ligar|disponível|livre|call|mais|ver|testar|receber|experimentar|comprar|contratar)|"
    r"(?:adoraria|me liga|me ligue|ligue-me|marcar|agendar|conversar|estou disponível|estou livre)\b|"
    r"sim,? (?:por favor|claro|tenho|quero|pode|podemos|"
    r"vamos|com)|(?:segunda|terça|quarta|quinta|sexta|amanhã)[^.!?\n]{0,30}(?:às|pode ser|funciona|"
    r"está bom|consigo|posso)",
    r"(?:ben|zijn|zou|zeker|wel|erg|zeer|heel|klinkt|lijkt|is) (?:\w+ ){0,3}(?<!niet "
    r")(?:geïnteresseerd|interessant|goed|leuk)\b|(?:heb|hebben|hebt) (?:\w+ ){0,2}(?<!geen )interesse|"
    r"(?:stuur|stuurt|mail|geef|zend|kun|kunt|kan)\b[^.!?]{0,40}(?:info|informatie|prijs|prijzen|"
    r"offerte|voorstel|brochure|details|meer|presentatie|link|sturen|vertellen)\w*|(?:meer|verdere|"
    r"aanvullende) (?:informatie|info|details)|(?:wat|hoeveel)\b[^.!?]{0,20}(?:kost|kosten|prijs)\w*",
    r"(?:graag|laten we|kunnen we|zullen we|wil graag|bel me|bel mij|belt u mij|afspraak|inplannen|"
    r"afspreken|kennismaken|demo\b)|ja,? (?:graag|leuk|prima|hoor|dat|klinkt|stuur|ik|wij|we)|"
    r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|morgen)[^.!?\n]{0,30}(?:past|kan|schikt|komt uit|"
    r"is goed|om \d|prima)",
    r"(?:är|vore|låter|verkar|mycket|väldigt|absolut|blir|kan vara) (?:\w+ ){0,2}(?<!inte )(?:intress|"
    r"bra|spännande|kul)\w*|(?:skicka|skickar|sänd|maila|mejla|berätta|ge|kan du|kan "
    r"ni)\b[^.!?]{0,40}(?:info|pris|offert|mer|detalj|förslag|material|länk|presentation|broschyr|"
    r"skicka|berätta)\w*|mer (?:info|information|detaljer)|(?:vad|hur mycket)\b[^.!?]{0,20}(?:kosta|"
    r"pris)\w*|(?:gärna|boka|vi kan|kan vi|ring mig|låt oss|ta ett (?:möte|samtal)|höras|prata|träffas|"
    r"vi ses|ses (?:på|i|kl)|demo)\b|ja,? (?:tack|gärna|det|absolut|vi|jag|visst)|(?:måndag|tisdag|onsdag|"
    r"torsdag|fredag|"
    r"imorgon)[^.!?\n]{0,30}(?:passar|funkar|går bra|kl)",
    r"(?:er|lyder|høres|virker|meget|veldig|svært|vi er|kunne være) (?:\w+ ){0,2}(?<!ikke )(?:interess|"
    r"godt|spænd|spenn|bra|fint)\w*|(?:send|fortæl|fortell|kan du|kan I|kan dere|gi|"
    r"giv)\b[^.!?]{0,40}(?:info|pris|tilbud|mere|mer|detalj|forslag|materiale|link|lenke|sende|"
    r"fortælle|fortelle|præsentation)\w*|(?:mere|mer|yderligere) (?:info|information|informasjon|"
    r"detaljer)|(?:hvad|hva|hvor meget|hvor mye)\b[^.!?]{0,20}(?:kost|pris)\w*|(?:gerne|gjerne|ring "
    r"(?:til )?(?:mig|meg)|lad os|la oss|tage en snak|ta en prat|book|aftale et|avtale et|møde|møte)\b|"
    r"ja,? (?:tak|takk|gerne|gjerne|det|vi|jeg|absolut|send)|(?:mandag|tirsdag|onsdag|torsdag|fredag|i "
    r"morgen)[^.!?\n]{0,30}(?:passer|fungerer|kl|går)",
    r"(?:kiinnosta[avi]|olen kiinnostunut|olemme kiinnostuneita|kuulostaa (?:\w+ )?(?:hyvältä|"
    r"mielenkiintoiselta|kiinnostavalta))|(?:lähettä|lähetä|kerro|voitko|"
    r"voisitteko)\w*[^.!?]{0,30}(?:tieto|lisä|hinta|tarjous|esite|materiaal|kertoa|lähettää)\w*|"
    r"lisätieto\w*|mitä (?:\w+ )?maksaa|paljonko|soittakaa|soita minulle|sovitaan|varataan|mielellä\w+",
    r"(?<!nie )(?:jestem|jesteśmy|byłbym|bylibyśmy|bardzo|brzmi|wygląda) (?:\w+ ){0,2}(?:zainteresowan|"
    r"interesuj|ciekaw|dobrze|świetnie|obiecując)\w*|(?:proszę|prosimy|poproszę|poprosimy) (?:o |mi |"
    r"nam )(?:\w+ ){0,3}(?:przesłan|ofert|informac|kontakt|wycen|szczegół|cennik|telefon|więcej|"
    r"prezentacj|wysłać|przesłać|spotkan)\w*|(?:przesłać|wysłać|prześlij|wyślij|przesłanie)\w* (?:\w+ "
    r"){0,3}(?:ofert|informac|szczegół|cennik|więcej|prezentac)\w*|więcej (?:informacji|szczegółów)|"
    r"(?:ile|jaki|jaka|jakie) (?:\w+ ){0,2}(?:koszt|cen)\w*|(?:chętnie|umówmy|umówić|porozmawiajmy|"
    r"możemy porozmawiać|zadzwonić|proszę zadzwonić|proszę dzwonić)|tak,? (?:proszę|poproszę|chętnie|"
    r"jestem|jesteśmy|oczywiście)|(?:poniedziałek|wtorek|środę|czwartek|piątek|"
    r"jutro)[^.!?\n]{0,30}(?:pasuje|mi odpowiada|może być|o \d)",
    r"(?<!ne)(?:mám|máme|měl bych|měli bychom|mame) (?:\w+ ){0,2}(?:zájem|záujem)|(?:zní|to zní|vypadá|"
    r"znie|vyzerá) (?:\w+ ){0,2}(?:dobře|zajímavě|skvěle|dobre|zaujímavo)|zajímá (?:mě|nás)|zaujíma "
    r"(?:ma|nás)|(?:pošlete|poslat|zašlete|zaslat|pošlite|poslať)\w* [^.!?]{0,30}(?:info|nabídk|ceník|"
    r"cen|detail|víc|podrob|ponuk|prezentac)\w*|(?:více|víc|bližší|další|viac) (?:informac|inform|"
    r"detail|podrobnost)\w*|(?:kolik|jaká je|jaké jsou|koľko)\b[^.!?]{0,20}(?:sto|cen|ceny)\w*|(?:rád|"
    r"ráda|rádi)\b[^.!?]{0,30}(?:si|sejd|setk|promluv|poslech|domluv|dozv)\w*|zavolejte|sejdeme|"
    r"domluvme|domluvit (?:schůzku|hovor|termín)|schůzk\w+|ano,? (?:prosím|rád|ráda|mám|máme|můžeme|"
    r"určitě)|(?:pondělí|úterý|středu|čtvrtek|pátek|zítra)[^.!?\n]{0,30}(?:se mi hodí|mi vyhovuje|v \d|"
    r"můžu)",
    r"(?<!nem )(?:érdekel|érdekelne|érdekes|érdeklődn)\w*|(?:küld|kérn|kérek|"
    r"kérem)\w*[^.!?]{0,30}(?:információ|ajánlat|ár|részlet|tájékoztat|bővebb|bemutató|időpont)\w*|"
    r"mennyibe kerül|beszéljünk|hívjon|(?:sunt|suntem|m-ar|ne-ar|pare|sună) (?:\w+ ){0,2}(?:interes|"
    r"bine)\w*|(?:trimite|trimiteți|trimiteti)\w*[^.!?]{0,30}(?:informații|ofertă|detalii|preț|"
    r"informatii|oferta|pret)\w*|mai multe (?:informații|detalii|informatii)|cât costă|cat costa|"
    r"haideți să|putem (?:discuta|vorbi|stabili)|aș dori|da,? (?:vă rog|sunt|aș|mulțumesc|putem)",
    r"ilgilen(?:iyor|irim|iriz|mek ister)\w*|ilgimi(?:zi)? çekti|(?:ilginç|güzel|iyi|hoş|mantıklı) "
    r"(?:görünüyor|geliyor|duruyor)|(?:bilgi|detay|teklif|fiyat|sunum|katalog|doküman)\w* (?:\w+ "
    r"){0,3}(?:gönder|ilet|paylaş|ver|alabilir|rica|almak|istiyor)\w*|(?:fiyat|ücret|maliyet)\w* (?:ne|"
    r"nedir|nasıl|ne kadar)|ne kadar|daha fazla (?:bilgi|detay)|(?:görüş|konuş|toplantı|arayabilir|"
    r"randevu|demo)\w*[^.!?]{0,20}(?:elim|abilir|ebilir|ayarla|isterim|isteriz|ister|yapalım|planla|"
    r"uygun|memnun)\w*|(?:beni|bizi) arayın|evet,? (?:lütfen|ilgilen|olur|tabii|istiyor|memnun)\w*|"
    r"(?:pazartesi|salı|çarşamba|perşembe|cuma|yarın)[^.!?\n]{0,30}(?:uygun|müsait|olur|saat)",
    r"(?<!не )(?<!не очень )(?:интересно|заинтересован|заинтересова|интересует|заинтересовало|цікаво|"
    r"цікавить|зацікав)\w*(?! ли)|(?:пришлите|отправьте|вышлите|скиньте|пришли|направьте|можете "
    r"прислать|надішліть|расскажите|расскажи|подскажите)[^.!?]{0,40}(?:информаци|подробн|прайс|цен|"
    r"предложен|презентац|детал|материал|кп\b|подробнее|больше|стоимост|ссылк|інформац|пропозиц|"
    r"каталог)\w*|(?:сколько|какова|какая|какие|яка|скільки)\b[^.!?]{0,20}(?:сто|цен|цін|кошту|"
    r"тариф)\w*|(?:давайте|готов|готова|готовы|можем|могу|хотел бы|хотелось бы|хотим|хочу|буду "
    r"рад)\b[^.!?]{0,30}(?:обсуд|созвон|встрет|пообщ|поговор|попроб|узнать|услыш|подробн|демо|"
    r"рассмотр)\w*|позвоните|подробнее|звучит (?:хорошо|интересно|неплохо|отлично)|да,? (?:конечно|"
    r"интересно|давайте|пожалуйста|хочу|можно|присылайте)|(?:понедельник|вторник|среду|четверг|пятницу|"
    r"завтра)[^.!?\n]{0,30}(?:удобно|подходит|могу|в \d|подойдет)|присылайте|з задоволенням|із "
    r"задоволенням",
    r"με ενδιαφέρει|μας ενδιαφέρει|ενδιαφέρομαι|ακούγεται (?:καλό|ενδιαφέρον)|περισσότερες πληροφορίες|"
    r"πόσο κοστίζει|ναι,? (?:παρακαλώ|βεβαίως|με)",
    r"興味(?:が|は)?(?:ござい|あり)ます|興味(?:が|を)(?:ある|持ち|持って)|(?:詳しく|詳細|資料|料金|"
    r"価格|見積|お見積|デモ|カタログ)[^。]{0,20}(?:教えて|聞か|伺|送|いただ|下さい|ください|お願い|"
    r"知り|見せ|欲しい|希望|拝見)|(?:お話|話|打ち合わせ|打合せ|ミーティング|面談|お電話|商談|"
    r"オンライン会議)[^。]{0,16}(?:伺|聞か|お願い|しましょう|したい|可能|できれば|いただけ|設定|希望|"
    r"させて)|ぜひ|是非|前向きに|面白そう|いくら(?:です|に|で)|(?:日程|日時|候補日|"
    r"ご都合)[^。]{0,16}(?:調整|教えて|お願い|いかが|ご提案)|(?:月|火|水|木|"
    r"金)曜(?:日)?[^。]{0,16}(?:大丈夫|可能|空いて|いかが|お願い|都合)",
    r"(?<!不)(?<!没有)(?<!沒有)(?<!没)(?:感兴趣|感興趣|有兴趣|有興趣|有意向|有需求)|(?:发|發|给|給|寄|"
    r"提供|分享|介绍|介紹)[^。！？]{0,10}(?:资料|資料|报价|報價|详情|详细|詳細|方案|价格|價格|信息|"
    r"资讯|資訊|一下|更多)|(?:多少钱|多少錢|什么价格|價格|价格|费用|費用|怎么收费|如何收費|报价|報價)|"
    r"(?:可以|方便|想|约|約|安排)[^。！？]{0,10}(?:聊|谈|談|沟通|溝通|电话|電話|会议|會議|见面|見面|"
    r"演示|了解|时间|時間)|(?:更多|详细|進一步|进一步)(?:信息|资料|資料|了解|介绍)|听起来(?:不错|很好|"
    r"很有)|聽起來不錯|(?:周|週|星期|礼拜)[一二三四五][^。！？]{0,12}(?:可以|有空|方便|有时间)|"
    r"给我打电话|打给我|请联系我|加(?:我)?微信",
    r"관심(?:이|은)? ?(?:있|많|갑니다|가네요)\w*|(?:자료|견적|정보|가격|제안서|소개서|"
    r"상세)[^.!?]{0,16}(?:보내|부탁|주세요|알려|받|요청)\w*|(?:얼마|비용이|가격이)\w*|(?:통화|미팅|"
    r"회의|상담|데모|이야기)[^.!?]{0,14}(?:하고 싶|가능|하시죠|잡|원합|좋|할 수|부탁|희망)\w*|"
    r"(?:자세한|더 많은|추가) (?:내용|정보|설명)\w*|(?:월|화|수|목|금)요일[^.!?]{0,14}(?:괜찮|가능|좋|"
    r"어떠)\w*|좋은 제안|연락 ?주세요|전화 ?주세요",
    r"(?<!غير )(?:مهتم|مهتمون|مهتمين)|(?:أرسل|ارسل|أرسلوا)\w*[^.!?]{0,20}(?:معلومات|تفاصيل|عرض|أسعار)|"
    r"المزيد من (?:المعلومات|التفاصيل)|كم (?:السعر|التكلفة|يكلف)|(?<!לא )(?:מעוניין|מעוניינת|מעוניינים|"
    r"אשמח|נשמח)|(?:שלח|תשלח)\w*[^.!?]{0,20}(?:פרטים|מידע|הצעה|מחיר)|כמה (?:זה )?עולה|(?<!tidak "
    r")(?:tertarik|berminat)|berapa (?:harga|biaya)|(?<!không )quan tâm|bao nhiêu",
)
"""Patterns, each found at the beginning of a word."""
