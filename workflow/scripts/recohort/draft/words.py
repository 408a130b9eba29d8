"""The words of registries that a draft goes by, a table for each topic, a row for each language."""

import re
import unicodedata
from functools import lru_cache

# what a cell says when there is no value; without spaces after dots and without the last dot
MISSING = {
    "any": "na|n/a|n.a|#n/a|#value!|#ref!|#div/0!|#nv|nan|nat|null|none given|.|-|--|---|?|??|n/v|unk"
    "|unk/nd|nd|n.d",
    "en": "unknown|not available|not known|not done|not determined|not evaluated|not assessed|not applicable"
    "|not reported|not recorded|not specified|not stated|missing|missing data|no data|no information"
    "|undetermined"
    "|indeterminate data|discrepancy|pending|blank|unspecified|not tested|not collected",
    "de": "unbekannt|k.a|ka|k/a|keine angabe|keine angaben|n.b|nb|n/b|nicht bekannt|nicht bestimmt"
    "|nicht erhoben"
    "|nicht bestimmbar|nicht untersucht|nicht durchgeführt|nicht verfügbar|fehlt|fehlend"
    "|ohne angabe|o.a|o.ang|entfällt|nicht beurteilbar|nicht anwendbar",
    "nl": "onbekend|niet bekend|niet bepaald|niet gedaan|niet beschikbaar|n.v.t|nvt|geen gegevens|ontbreekt"
    "|ontbrekend|niet van toepassing|niet ingevuld",
    "fr": "inconnu|inconnue|non connu|non connue|non disponible|non renseigné|non renseignée|n.r|n.c|non fait"
    "|non réalisé|non déterminé|non évalué|manquant|manquante|non applicable|donnée manquante"
    "|ne sait pas|nsp",
    "it": "sconosciuto|sconosciuta|non noto|non nota|non disponibile|non eseguito|non determinato"
    "|non valutato|non valutabile|non applicabile|mancante|dato mancante|n.p",
    "es": "desconocido|desconocida|no disponible|no consta|no conocido|no determinado|no realizado"
    "|no evaluado"
    "|no aplica|n/c|s/d|sin dato|sin datos|sin información|faltante|ns/nc",
    "pt": "desconhecido|desconhecida|não disponível|não informado|não consta|não realizado|não avaliado"
    "|não se aplica|sem informação|sem dados|ignorado|n.i",
}
YES = {
    "any": "1|true|+1",
    "en": "yes|y|positive|pos|present",
    "de": "ja|j|wahr|positiv|vorhanden",
    "nl": "ja|waar|positief|aanwezig",
    "fr": "oui|o|vrai|positif|présent",
    "it": "si|sì|s|vero|positivo|presente",
    "es": "sí|si|verdadero|positivo|presente",
    "pt": "sim|verdadeiro|positivo|presente",
}
NO = {
    "any": "0|false",
    "en": "no|n|negative|neg|absent",
    "de": "nein|falsch|negativ|nicht vorhanden",
    "nl": "nee|onwaar|negatief|afwezig",
    "fr": "non|faux|négatif|absent",
    "it": "falso|negativo|assente",
    "es": "negativo|ausente",
    "pt": "não|negativo|ausente",
}
# levels of a status
DEAD = {
    "en": "dead|died|deceased|death|expired",
    "de": "verstorben|tot|gestorben|tod",
    "nl": "overleden|dood|gestorven",
    "fr": "décédé|décédée|mort|morte|décès",
    "it": "deceduto|deceduta|morto|morta|decesso",
    "es": "fallecido|fallecida|muerto|muerta|exitus|muerte|éxitus",
    "pt": "óbito|falecido|falecida|morto|morta|morte",
}
ALIVE = {
    "en": "alive|living|survived|survivor",
    "de": "lebend|lebt|am leben|lebendig",
    "nl": "levend|in leven|leeft",
    "fr": "vivant|vivante|en vie",
    "it": "vivo|viva|vivente|in vita",
    "es": "vivo|viva|con vida",
    "pt": "vivo|viva|com vida",
}
EVENT = {
    "en": "event|relapse|relapsed|recurrence|recurred|recurrent|progression|progressed|progressive"
    "|failure|failed",
    "de": "ereignis|rezidiv|rückfall|progress|progression|progredient",
    "nl": "gebeurtenis|recidief|progressie|terugval",
    "fr": "évènement|événement|rechute|récidive|progression|échec",
    "it": "evento|recidiva|ricaduta|progressione|fallimento",
    "es": "evento|recaída|recidiva|recurrencia|progresión|fracaso",
    "pt": "evento|recaída|recidiva|recorrência|progressão|falha",
}
CENSORED = {
    "en": "censored|censor|no event",
    "de": "zensiert",
    "nl": "gecensureerd",
    "fr": "censuré|censurée",
    "it": "censurato|censurata",
    "es": "censurado|censurada",
    "pt": "censurado|censurada",
}
NEGATION = {
    "en": "no|not|free|without|none|never",
    "de": "kein|keine|ohne|nicht|frei",
    "nl": "geen|zonder|niet|vrij",
    "fr": "sans|pas|non|aucun|aucune",
    "it": "senza|libero|libera|nessun|nessuna",
    "es": "sin|ningún|ninguna|libre",
    "pt": "sem|não|livre|nenhum",
}
ENDPOINT_NAMES = {
    "progression free survival": "pfs",
    "disease free survival": "dfs",
    "(relapse|recurrence) free survival": "rfs",
    "event free survival": "efs",
    "metastasis free survival": "mfs",
    "overall survival": "os",
}
# columns with a status; a word with * may go on
STATUS = {
    "en": "status|stat|*stat|state|vital*|censor*|cens|alive|outcome|surv|survived|survstat|indicator",
    "de": "vitalstatus|zensiert|zens*|lebt|lebend|überlebt|lebensstatus|überlebensstatus",
    "nl": "vitale*|levend|overlevingsstatus|gecensureerd",
    "fr": "statut*|état|etat|vivant|censure*|vital",
    "it": "stato|vivo|censura*|esito",
    "es": "estado|vivo|censura*|situación",
    "pt": "estado|vivo|censura*|situação|desfecho",
}
# columns whose 1 or yes is the event: a closed list
HAPPENED = {
    "en": "event|dead|death|died|deceased|relapse|relapsed|recur|recurrence|recurred|progression"
    "|progressed|fail"
    "|failure|deathevent",
    "de": "ereignis|tod|tot|verstorben|gestorben|rezidiv|rückfall|progress|progression|exitus",
    "nl": "overleden|dood|overlijden|recidief|progressie",
    "fr": "décès|décédé|mort|évènement|événement|rechute|récidive|progression",
    "it": "decesso|deceduto|morto|morte|evento|recidiva|progressione",
    "es": "muerte|fallecido|muerto|fallecimiento|exitus|evento|recaída|recidiva|progresión",
    "pt": "óbito|morte|falecido|evento|recaída|recidiva|progressão",
}
# words beside them that change nothing
FILLERS = {
    "en": "patient|patients|of|the|at|last|final|follow|up|fu|followup|contact|code|coded|recode|study"
    "|cutoff|used"
    "|is|was|has|observed|any|first|ind|yn|01|10|time|to|overall|survival|disease|event|or|and|flag"
    "|known|v|var",
    "de": "letzter|bei|patient|status|gesamt|datum",
    "fr": "dernier|aux|nouvelles|du|de|la|le",
    "es": "de|del|la|el|último|paciente|vital",
    "it": "di|del|della|paziente|vitale|ultimo",
    "nl": "van|bij|laatste|patiënt",
    "pt": "de|do|da|paciente|vital|último",
}
# columns with a time; the rest of the name says of what
TIME = {
    "en": "time|survival|overall survival|follow up|followup|fup|futime|fu|survtime|survival time"
    "|time to event"
    "|follow up time|followup time|observation time|tte|time to death|time to last follow up"
    "|last follow up|last followup|last contact|death|event|stime|duration|surv",
    "de": "zeit|überlebenszeit|überleben|gesamtüberleben|beobachtungszeit|nachbeobachtungszeit"
    "|nachbeobachtung"
    "|nachsorgezeit|überlebensdauer",
    "nl": "tijd|overlevingsduur|overleving|overlevingstijd|follow up duur|followupduur|observatietijd",
    "fr": "temps|survie|survie globale|suivi|durée|durée de suivi|délai|temps de suivi",
    "it": "tempo|sopravvivenza|sopravvivenza globale|tempo di sopravvivenza|tempo di follow up|durata",
    "es": "tiempo|supervivencia|supervivencia global|seguimiento|tiempo de seguimiento",
    "pt": "tempo|sobrevida|sobrevida global|seguimento|tempo de seguimento",
}
TIME_UNITS = {
    "days": {
        "en": "days",
        "de": "tage|tagen",
        "nl": "dagen",
        "fr": "jours",
        "it": "giorni",
        "es": "días",
        "pt": "dias",
    },
    "weeks": {
        "en": "weeks",
        "de": "wochen",
        "nl": "weken",
        "fr": "semaines",
        "it": "settimane",
        "es": "semanas",
    },
    "months": {
        "en": "months|mths",
        "de": "monate|monaten",
        "nl": "maanden",
        "fr": "mois",
        "it": "mesi",
        "es": "meses",
    },
    "years": {
        "en": "years",
        "de": "jahre|jahren",
        "nl": "jaren",
        "fr": "ans|années",
        "it": "anni",
        "es": "años",
    },
}
# of a column that is a time, these too: elsewhere a vitamin is called d
SHORT_UNITS = {
    "days": {"en": "d|day", "de": "tag|t", "fr": "jour|j"},
    "weeks": {"en": "w|wk|wks|week", "de": "woche"},
    "months": {"en": "m|mo|mos|mon|month", "de": "monat", "pt": "meses"},
    "years": {"en": "y|yr|yrs|year", "de": "jahr|j", "pt": "anos"},
}
AGE = {"en": "age", "de": "alter", "nl": "leeftijd", "fr": "âge", "it": "età", "es": "edad", "pt": "idade"}
PERCENT = {
    "en": "percent|pct|percentage|ki67|perc",
    "de": "prozent",
    "nl": "procent",
    "fr": "pourcent|pourcentage",
}
PERCENT |= {"it": "percento|percentuale", "es": "porcentaje", "pt": "porcentagem|percentagem"}
START_TIME = {"any": "entry|start|begin|tstart|enter|time1|starttime|start time|entry time|eintritt|tstart"}
STOP_TIME = {"any": "stop|end|exit|tstop|time2|stoptime|stop time|exit time|austritt"}
# columns with dates
DATE = {
    "en": "date*|*date|dt|dob|doa|dod",
    "de": "*datum|datum*|geb*",
    "nl": "*datum|datum*",
    "fr": "date*|ddn",
    "it": "data*",
    "es": "fecha*|fec",
    "pt": "data*|dt",
}
BIRTH = {
    "en": "birth*|dob|born|bday",
    "de": "geburt*|geb|gebdat*|geboren",
    "nl": "geboorte*|gebdat*",
    "fr": "naissance*|ddn|né",
    "it": "nascita*|nato",
    "es": "nacimiento*|nac|fnac",
    "pt": "nascimento*|nasc",
}
START_DATE = {
    "en": "diag*|dx|start|dstart|random*|enrol*|baseline|inclusion|surgery|index|first|operation",
    "de": "diagnose*|erstdiagnose*|ed|operation*|op|einschluss*|randomisation*|randomisierung*"
    "|therapiebeginn*|beginn",
    "nl": "diagnose*|operatie*|inclusie*|randomisatie*|incidentie*",
    "fr": "diagnostic*|inclusion*|chirurgie*|randomisation*|début",
    "it": "diagnosi*|intervento|arruolamento|randomizzazione|inizio",
    "es": "diagnóstico*|cirugía|inclusión|aleatorización|inicio|dx",
    "pt": "diagnóstico*|cirurgia|inclusão|randomização|início",
}
END_DATE = {
    "en": "last|contact|follow*|fu|end|exit|censor*|fup|lfu",
    "de": "letzter|letzte|letztes|kontakt*|nachsorge*|letztkontakt*|verlauf*|ende",
    "nl": "laatste|contact*|controle*|einde",
    "fr": "dernier|dernière|derniere|nouvelles|suivi|fin",
    "it": "ultimo|ultima|contatto|fine",
    "es": "último|última|contacto|seguimiento|fin",
    "pt": "último|última|contato|seguimento|fim",
}
DEATH_DATE = {
    "en": "death*|died|deceased|dod",
    "de": "tod*|sterbe*|gestorben|verstorben",
    "nl": "overlijden*|overleden|sterfte*",
    "fr": "décès*",
    "it": "decesso*|morte",
    "es": "muerte|fallecimiento*|defunción*|exitus",
    "pt": "óbito*|morte|falecimento*",
}
# columns that identify
IDENTIFIER = {
    "en": "id|ids|*_id|uuid|barcode|accession|mrn|pseudonym|usubjid|subjid|patid|pid|ptid|caseid|patientid"
    "|subjectid|personid|studyid|sampleid|recordid|record|patient|subject|case|nr|no|number|num|key"
    "|code nr|nhs"
    "|caseno|patno|patientno",
    "de": "fallnummer|fallnr|patientennummer|patnr|patientennr|patientenid|nummer|pat|lfdnr|lfd|kennung|fall"
    "|laufnummer|pseudonym|aufnahmenummer|studiennummer",
    "nl": "patiëntnummer|patientnummer|nummer|studienummer|dossiernummer",
    "fr": "numéro|num|identifiant|dossier|ipp|nip",
    "it": "codice|paziente|identificativo|numero|cartella",
    "es": "identificador|historia|nhc|número|paciente|expediente|código",
    "pt": "prontuário|identificador|número|paciente|registro|código",
}
# of these, what a count or a group may be called too
COUNTED = {
    "any": "number|num|nr|no|case|patient|subject|record|key|pat|fall|nummer|numero|paziente|paciente|codigo"
}
COUNTED |= {"fr": "numéro|dossier", "it": "codice|cartella", "es": "historia|registro|expediente"}
# rows that are no patients
TOTALS = {
    "en": "total|totals|sum|mean|average|median|count|grand total|subtotal|overall|n|all|min|max|sd",
    "de": "summe|gesamt|insgesamt|mittelwert|durchschnitt|anzahl|gesamtsumme|zwischensumme"
    "|gesamtergebnis|σ|mw",
    "nl": "totaal|som|gemiddelde|aantal|eindtotaal",
    "fr": "total|totaux|somme|moyenne|médiane|effectif|total général",
    "it": "totale|totali|somma|media|mediana|totale complessivo",
    "es": "total|totales|suma|media|promedio|mediana|total general",
    "pt": "total|totais|soma|média|mediana|total geral",
}
# what a row of units under the header says
UNITS = {
    "any": "%|mm|cm|kg|g|mg|ml|l|mg/dl|g/dl|ng/ml|mmol/l|µg/l|u/l|u/ml|iu/l|bpm|mmhg|kg/m2|kg/m²|m2"
    "|cells|n|nr|#|-"
    "|m/f|f/m|w/m|m/w|y/n|j/n|o/n|s/n|0/1|1/0|id|text|string|number|numeric|integer|date|char|float",
    "en": "yes/no|days|weeks|months|years|year|category|free text|code",
    "de": "ja/nein|tage|wochen|monate|jahre|jahr|freitext|zahl|datum|m/w/d",
    "nl": "ja/nee|dagen|weken|maanden|jaren|jaar|m/v",
    "fr": "oui/non|jours|semaines|mois|ans|texte|h/f|f/h",
    "it": "sì/no|si/no|giorni|settimane|mesi|anni|testo",
    "es": "sí/no|si/no|días|semanas|meses|años|texto|h/m",
    "pt": "sim/não|dias|semanas|meses|anos|texto",
}
# levels in their order
SCALES = {
    "en": (
        "very low|low|low normal|normal|intermediate|medium|moderate|high|very high",
        "none|minimal|mild|moderate|severe|very severe|life threatening|fatal",
        "none|weak|moderate|strong",
        "none|slight|some|marked",
        "none|few|some|many",
        "never|rarely|sometimes|often|always",
        "never|former|ex|current",
        "small|medium|large",
        "absent|partial|complete",
        "poor|fair|good|very good|excellent",
        "well|moderate|poor|undifferentiated",
        "well differentiated|moderately differentiated|poorly differentiated|undifferentiated",
        "negative|equivocal|borderline|positive",
        "in situ|localized|localised|local|regional|distant|metastatic",
        "young|middle|old",
        "first|second|third|fourth|fifth",
        "early|intermediate|late|advanced",
        "underweight|normal|overweight|obese",
        "thin|normal|overweight|obese",
        "primary|secondary|tertiary",
    ),
    "de": (
        "sehr niedrig|niedrig|gering|normal|mittel|intermediär|mäßig|hoch|sehr hoch",
        "keine|kein|leicht|gering|mild|mäßig|mittel|mittelschwer|moderat|stark|schwer|sehr schwer",
        "nie|selten|manchmal|oft|immer",
        "nie|ehemals|früher|ex|aktuell|aktiv",
        "klein|mittel|groß",
        "schlecht|mäßig|gut|sehr gut",
        "negativ|grenzwertig|fraglich|positiv",
        "untergewicht|normalgewicht|übergewicht|adipositas",
        "lokal|regional|fern",
    ),
    "nl": (
        "zeer laag|laag|normaal|gemiddeld|matig|middel|hoog|zeer hoog",
        "geen|licht|mild|matig|ernstig",
        "nooit|zelden|soms|vaak|altijd",
        "klein|middel|groot",
    ),
    "fr": (
        "très bas|bas|faible|normal|moyen|intermédiaire|modéré|modérée|élevé|élevée|haut|fort|très élevé",
        "aucun|aucune|léger|légère|minime|modéré|modérée|sévère",
        "jamais|rarement|parfois|souvent|toujours",
        "petit|moyen|grand",
    ),
    "it": (
        "molto basso|basso|bassa|normale|medio|media|intermedio|intermedia|moderato|alto|alta|molto alto",
        "nessuno|nessuna|assente|lieve|moderato|moderata|grave|severo|severa",
        "mai|raramente|talvolta|spesso|sempre",
        "piccolo|medio|grande",
    ),
    "es": (
        "muy bajo|bajo|baja|normal|medio|media|intermedio|intermedia|moderado|alto|alta|muy alto",
        "ninguno|ninguna|leve|moderado|moderada|grave|severo|severa",
        "nunca|raramente|a veces|a menudo|siempre",
        "pequeño|mediano|grande",
    ),
    "pt": (
        "muito baixo|baixo|baixa|normal|médio|média|intermediário|intermediária|moderado|alto|alta"
        "|muito alto",
        "nenhum|nenhuma|leve|moderado|moderada|grave",
        "nunca|raramente|às vezes|frequentemente|sempre",
        "pequeno|médio|grande",
    ),
}
# spellings of one level each; all levels of a column must be known in one language
CONCEPTS = {
    "en": (
        "f|female|woman|women",
        "m|male|man|men",
        "l|left|lt",
        "r|right|rt",
        "pos|positive|+",
        "neg|negative",
    ),
    "de": ("w|weiblich|frau|weibl", "m|männlich|mann|maennlich|männl", "l|links|li", "r|rechts|re")
    + ("pos|positiv|+", "neg|negativ", "d|divers"),
    "nl": (
        "v|vrouw|vrouwelijk",
        "m|man|mannelijk",
        "l|links|li",
        "r|rechts|re",
        "pos|positief|+",
        "neg|negatief",
    ),
    "fr": ("f|femme|féminin|feminin", "h|homme", "m|masculin", "g|gauche", "d|droite|droit", "pos|positif|+")
    + ("neg|nég|négatif",),
    "it": ("f|femmina|femminile|donna", "m|maschio|maschile|uomo", "sx|sinistra|sinistro", "dx|destra|destro")
    + ("pos|positivo|+", "neg|negativo"),
    "es": (
        "f|femenino|mujer",
        "masculino|varón|hombre|h",
        "i|izquierda|izq",
        "d|derecha|der",
        "pos|positivo|+",
    )
    + ("neg|negativo",),
    "pt": ("f|feminino|mulher", "masculino|homem", "e|esquerda|esq", "d|direita|dir", "pos|positivo|+")
    + ("neg|negativo",),
}


def plain(text: str) -> str:
    """A text without case, accents, and the spaces that are typed or not after a dot."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    letters = re.sub(r"(?<=[^\W\d])[_-](?=[^\W\d])", " ", letters)
    return re.sub(r"\.\s+", ".", " ".join(letters.split()))


@lru_cache
def tokens(name: str) -> tuple[str, ...]:
    """The words of a column's name: `dxDate`, `dx_date` and `DX.DATE` have two."""
    parted = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", name)
    return tuple(re.findall(r"[^\W_]+", plain(parted)))


def endpoint_tokens(name: str) -> tuple[str, ...]:
    """The words of a name, `progression free survival` and the like as one word."""
    said = " ".join(tokens(name))
    for written, short in ENDPOINT_NAMES.items():
        said = re.sub(rf"\b{written}\b", short, said)
    return tuple(said.split())


def flat(table: dict[str, str]) -> frozenset[str]:
    """All words of a table, plain."""
    return _flat(tuple(table.values()))


def has_any(name: str, table: dict[str, str]) -> bool:
    """Whether a column's name has a word of a table, or several in a row."""
    return bool(_pattern(tuple(table.values())).search(" ".join(tokens(name))))


def is_missing(text: str) -> bool:
    """Whether a text means that there is none, in brackets or not."""
    if text.startswith("[") and text.endswith("]") and len(text) > 2:
        text = text[1:-1].strip()
    word = plain(text)
    words = flat(MISSING)
    return word in words or (len(word) > 1 and word.removesuffix(".") in words)


@lru_cache
def _flat(rows: tuple[str, ...]) -> frozenset[str]:
    return frozenset(plain(word) for row in rows for word in row.split("|"))


@lru_cache
def _pattern(rows: tuple[str, ...]) -> re.Pattern[str]:
    words = (re.escape(word).replace(r"\*", r"\w*") for word in sorted(_flat(rows)))
    return re.compile(rf"(^| )({'|'.join(words)})($| )")
