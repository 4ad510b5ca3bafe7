"""Turns of phrase that hold words of interest or refusal and mean neither: a table, in many languages.

They are taken out of a text before the tables of meanings see it. All lower case, an apostrophe is always
"'"; matched by `mail.intent`.
"""

NEUTRAL = (
    # Where somebody's address comes from, which the curious do not ask.
    r"(?:(?:i'd|we'd|i would|we would) (?:really )?(?:like|love|be interested|be curious)|interested|"
    r"curious|want|would like|tell me|let me know)?(?: (?:in|to))? ?(?:know|knowing|learn|learning|"
    r"understand|find out|hear|see)? ?(?:where|how|who) (?:exactly )?(?:did |do |have |has )?(?:you |u |"
    r"they )?(?:guys |people )?(?:got|get|gave|given|give|obtain|obtained|found|find|had|took|come by|"
    r"came by|came across|acquired|bought|sold) (?:you |u |hold of )?(?:my|our) (?:\w+ )?(?:e-?mail|mail|"
    r"address|contact|data|details|name|number|information)\w*",
    # Ways that are not wanted, where letters are.
    r"(?:don't|do not|never|not) (?:contact|call|ring|phone|reach) (?:me|us) (?:by|via|on|over|at) (?:the |"
    r"my )?(?:phone|telephone|mobile|cell|whatsapp|linkedin|sms|fax|home|work|weekends?)",
    r"(?:please )?(?:do not|don't) (?:call|phone|ring)(?: me| us)?(?! again)\b|no (?:phone )?calls",
    r"(?:please )?(?:do not|don't) send (?:\w+ )?attachments?",
    r"(?:i'd|we'd|i would|we would) (?:\w+ )?(?:like|love|prefer|appreciate)(?: it)?(?: to \w+)? (?:fewer|"
    r"less)",
    r"no need to (?:apologi[sz]e|worry|hurry|rush|thank|shout|answer|reply|respond)",
    r"how much (?:longer|do you (?:earn|make|get))",
    r"(?:send|mail|address) (?:us |me )?(?:your|the|an?|all) (?:invoice|bill)s?",
    r"please send (?:me |us )?(?:nothing|no )",
    # Of a time that may come, and of oneself.
    r"(?:if|when|once|should|in case) (?:we|i)(?:'re|'m| are| am| were| get| become| be)? (?:ever |still "
    r"|more )?interested|(?:wenn|falls|sofern|sobald|sollten?) (?:wir|ich)[^.!?\n]{0,20}interess\w+|bei "
    r"interesse|si (?:nous sommes|je suis|cela nous|ça nous|cela m'|ça m') ?intéress\w+",
    r"(?<!no )soy la persona (?:adecuada|indicada|correcta)|suis la bonne personne|(?<!non )sono la "
    r"persona giusta",
    r"(?:envie|ne pas|n'est pas|souhaite pas|veux pas) (?:de |d')?(?:\w+ )?(?:discuter|échanger|parler|"
    r"rencontrer)",
    r"(?:wäre|ist) (?:\w+ )?(?:gut|schön|nett|toll|super),? (?:wenn (?:sie|du|ihr)|gemeint)|graag (?:dat "
    r"(?:u|jullie|je) (?:stopt|stoppen|ophoudt)|geen|niet)",
    # Of the product, of the law, of filters: nobody asks to be left alone.
    r"(?:is|are|be|legal|lawful|compliant|allowed|ok|okay)[^.!?\n]{0,20} under (?:the )?gdpr",
    r"(?:an|and|or|offers?|supports?|provides?|handle|for) opt[- ]?outs?|(?:handle|process|answer|about|"
    r"for) (?:\w+ )?(?:gdpr requests?|right to (?:erasure|be forgotten))",
    r"(?:it|gmail|outlook|google|filter|provider|system|server|client|was|were|got|been) (?:has |had |"
    r"have |was |been |got |just |wrongly )*marked (?:\w+ ){0,3}as (?:spam|junk)",
    r"(?:do|does|can|will) (?:you|it|the \w+) (?:delete|remove|store|keep|sell) (?:our|my) (?:data|files|"
    r"records) (?:after|when|if|once)",
    # Words that people forgot or lost.
    r"(?:haben|habe|hatte|hatten) (?:\w+ )?(?:schon|bereits) (?:\w+ ){0,3}(?:geantwortet|geschrieben|"
    r"gesprochen|telefoniert|gemailt)",
    r"(?:interessieren|wissen|erfahren)[^.!?\n]{0,3} (?:woher|wie|von wem|wo) [^.!?\n]{0,20}(?:meine|unsere)"
    r"[nr]? (?:\w+ )?(?:e-?mail|mail|adresse|daten|kontakt|nummer|namen)\w*",
    r"(?:montag|dienstag|mittwoch|donnerstag|freitag|morgen|heute|woche)[^.!?\n]{0,20} (?:geht|passt|ginge|"
    r"klappt|kann) (?:es |das |ich |wir |mir |uns |bei mir |bei uns |leider |da )*nicht",
    r"(?:rufen|ruf) (?:sie )?(?:mich|uns) (?:bitte )?nicht an",
    r"(?:ist|sind|seid|wie)[^.!?\n]{0,20}(?<!nicht )dsgvo[- ]?konform",
    r"(?:ai|avons|avait|avions) déjà (?:répondu|écrit|parlé|échangé|discuté)",
    r"savoir (?:comment|où|qui|d'où|par qui) [^.!?\n]{0,24}(?:mon|mes|notre|nos) (?:adresse|e-?mail|mail|"
    r"coordonnées|données|contact|numéro)\w*",
    r"(?:ne pas (?:m'|nous )?|ne (?:m'|nous ))appele[rz](?: pas)?|en (?:rendez-vous|rdv|visio)",
    r"en parler(?:ai|ons|a)? (?:à|avec|en) (?:mon|ma|mes|notre|nos|réunion|interne)",
    r"(?:me interesa(?:ría)?|quiero|quisiera|queremos|me gustaría|nos gustaría) saber (?:de dónde|dónde|"
    r"cómo|quién) [^.!?\n]{0,24}(?:mis?|nuestr[oa]s?) (?:correo|datos|dirección|e-?mail|contacto|número)\w*",
    r"en (?:una )?reunión|(?:cuánto|cuanto) tiempo",
    r"(?:vorrei|vorremmo|mi piacerebbe|volevo) (?:sapere|capire) (?:da dove|dove|come|chi) [^.!?\n]{0,24}"
    r"(?:mi[oae]|miei|nostr\w) (?:e-?mail|mail|indirizzo|dati|contatt\w|numero)",
    r"(?:gostaria de |quero |queremos )?saber (?:como|onde|quem|de onde) [^.!?\n]{0,24}(?:meus?|minhas?|"
    r"noss[oa]s?) (?:e-?mail|dados|endereço|contato|número)",
    r"graag weten (?:hoe|waar|wie|van wie) [^.!?\n]{0,24}(?:mijn|ons|onze) (?:e-?mail\w*|mail\w*|adres|"
    r"gegevens|nummer)",
)
"""Patterns, each found at the beginning of a word."""
