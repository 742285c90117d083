"""What a text of a customer tells of, by words of English, German, French and Spanish: a complaint, praise, and so on.

The lists are short and mean one thing only: better to miss what is said in another way than to take a question for a
complaint. All of it is SQL over `plain_sql`, so that a night asks all texts at once.
"""

from __future__ import annotations

from typing import Literal

from warehouse.connection import quote_literal

Matter = Literal["complaint", "refund", "delay", "cancellation", "praise", "thanks"]

_PATTERNS: dict[Matter, tuple[str, ...]] = {
    "complaint": (
        # English
        r"complain(t|ts|ing|ed)?|damaged?|defect(s|ive)?|faulty|broken?|cracked|scratched|chipped|torn|leaks|leaking",
        r"(does not|doesn'?t|do not|don'?t|not|stopped) (work|working|fit|match)",
        r"wrong (items?|article|product|size|colou?r|one|order|thing|amount|price|goods)",
        r"(missing|lost) (a |an |the |my )?(part|parts|piece|pieces|item|items|parcel|package|order|screws)",
        r"(parts?|pieces?|items?) (is |are |was |were )?missing|incomplete",
        r"charged (me )?(twice|double|too much)|double.charged?|overcharged|billed twice",
        r"disappoint(ed|ing)|dissatisfied|unhappy|not (happy|satisfied)|unacceptable|terrible|awful|worst|fed up",
        r"poor quality|never again|rip.?off",
        # German
        r"beschwer(de|den|e|en)|reklam(ation|ationen|iere|ieren)|beschadigt(e|er|es|en)?",
        r"defekt(e|er|es|en)?|kaputt",
        r"(funktioniert|geht|passt) (leider )?nicht",
        r"falsche[rsnm]? (artikel|ware|grosse|farbe|lieferung|produkt|betrag)",
        r"unvollstandig|es fehl(t|en)|fehlende[rsnm]? teile?|zerbrochen|zerkratzt|mangelhaft|enttauscht|unzufrieden",
        r"nicht zufrieden|doppelt (abgebucht|berechnet|belastet)|zu viel (abgebucht|berechnet)|unverschamt",
        # French
        r"reclamation|plainte|endommage(e|s|es)?|abime(e|s|es)?|defectueu(x|se|ses)|casse(e|s|es)?",
        r"ne (fonctionne|marche) (pas|plus)|mauvais(e)? (article|produit|taille|couleur)|pieces? manquantes?",
        r"(il|ils) manque(nt)?|decu(e|s|es)?|mecontente?|pas (content|contente|satisfait|satisfaite)|inacceptable",
        r"(facture|debite|preleve)e? deux fois",
        # Spanish
        r"reclamacion|quejas?|danad[oa]s?|defectuos[oa]s?|rot[oa]s?|no funciona",
        r"(articulo|producto|pedido|talla|color) (equivocad[oa]|incorrect[oa])|falta una pieza|faltan piezas",
        r"decepcionad[oa]|insatisfech[oa]|inaceptable|cobrad[oa] dos veces|doble cobro",
    ),
    "refund": (
        r"refund(s|ed|ing)?|money back|reimburse(d|ment)?",
        r"(ruck)?erstattung|(ruck)?erstatten|geld zuruck",
        r"rembours(e|ee|er|ez|ement)",
        r"reembols(o|ar|en)|(devolver|devolucion de) (mi |el )?dinero",
    ),
    "delay": (
        r"where('s| is| are| has) my (order|orders|parcel|package|delivery|shipment|goods)",
        r"(hasn'?t|haven'?t|has not|have not|not|never|nothing) (yet |been )?(arrived|come|delivered|received|shipped)",
        r"(is|was|are|still|too|very|days?|weeks?|arrived|came) late|late (delivery|order|parcel)",
        r"(was|is|been) delayed",
        r"still waiting|order is overdue|(delivery|shipping) delay",
        r"wo (ist|bleibt|bleiben) mein[e]?|noch nicht (erhalten|angekommen|geliefert|da)|verspatet|verspatung",
        r"nicht (angekommen|geliefert|erhalten)|warte (noch|seit|immer)",
        r"ou (est|sont|en est) (ma|mon|mes) (commandes?|colis|livraison)|toujours pas|en retard|retard de",
        r"pas (encore )?(recu|arrive|livre)e?",
        r"donde esta mi (pedido|paquete)|no (me )?(ha|han) llegado|no he recibido|todavia no|retraso|sigo esperando",
    ),
    "cancellation": (
        r"cancel(s|led|ed|ling|ing|lation)?|close my account|terminate my",
        r"kundig(e|en|ung)|storn(iere|ieren|ierung|o)|widerruf(e|en)?",
        r"annul(e|er|ez|ation)|resili(e|er|ation)|retractation",
        r"anular|anulacion|darme de baja|cancelar|cancelacion",
    ),
    "praise": (
        r"(great|excellent|wonderful|fantastic|outstanding|amazing) (service|product|quality|work|job|help|support)",
        r"(very|so|really) (happy|pleased|satisfied|impressed|grateful)|love (it|them|this|the)|well done",
        r"(highly|can only) recommend",
        r"thank(s| you) (so much |very much )?for (the|your) (great|quick|kind|good|excellent)",
        r"sehr zufrieden|begeistert|hervorragend|ausgezeichnet|toller service|weiterempfehlen|tolle arbeit",
        r"tres (content|contente|satisfait|satisfaite)|ravie?|excellent service|je recommande",
        r"muy (content[oa]|satisfech[oa])|encantad[oa]|excelente (servicio|producto)|lo recomiendo",
    ),
    "thanks": (
        r"thank(s| you)",
        r"danke|vielen dank|dankeschon",
        r"merci",
        r"gracias",
    ),
}
"""Matter -> patterns of RE2 over plain text, each between word boundaries."""

_NO_MATTER = (
    r"\b(no|any|keine?|keinerlei|sans|aucune?|ningun|ninguna|sin)"
    r" (complaints?|beschwerden?|reclamation|plainte|quejas?)\b"
)
"""Said in good mood; it is taken out before anything is looked for."""


def plain_sql(*texts: str) -> str:
    """Return SQL for the texts in one, in lower case and without accents; each is an SQL expression, null is empty."""
    joined = f"replace(lower(concat_ws(' . ', {', '.join(texts)})), chr(8217), '''')"
    return f"regexp_replace(strip_accents(replace({joined}, 'ß', 'ss')), {quote_literal(_NO_MATTER)}, ' ', 'g')"


def tells_sql(plain: str, *matters: Matter) -> str:
    """Return SQL for whether a text, as `plain_sql` gives it, tells of one of these matters; false of no text."""
    patterns = "|".join(pattern for matter in matters for pattern in _PATTERNS[matter])
    words = quote_literal(rf"\b({patterns})\b")
    return f"coalesce(regexp_matches({plain}, {words}), false)"


def tells_of_problem_sql(plain: str) -> str:
    """Return SQL for whether a text tells that something went wrong: a complaint, a refund that is owed, a delay."""
    return tells_sql(plain, "complaint", "refund", "delay")


def tells_of_praise_sql(plain: str) -> str:
    """Return SQL for whether a text praises and tells of nothing that went wrong."""
    return f"({tells_sql(plain, 'praise')} AND NOT {tells_of_problem_sql(plain)})"


def only_thanks_sql(plain: str) -> str:
    """Return SQL for whether a text says thanks and wants no answer: it is short and asks nothing."""
    wants = tells_sql(plain, "complaint", "refund", "delay", "cancellation")
    return (
        f"({tells_sql(plain, 'thanks', 'praise')} AND length({plain}) <= {MOST_THANKS}"
        f" AND NOT contains({plain}, '?') AND NOT {wants})"
    )


MOST_THANKS = 200
"""Characters: who writes more than that has something to say besides."""
