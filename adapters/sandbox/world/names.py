"""Invented names of people and companies; no person or company is meant, and every address ends in .example."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from adapters.sandbox.chance import below, pick

LANGUAGES = ("en", "de", "fr", "es", "nl")
_FIRST = {
    "en": "Ada Alma Barnaby Clem Dorrit Edwin Flora Gideon Hester Ivo Jemima Kit Lorna Miles Nell Orla Piers Quill "
    "Rowan Selby Tamsin Una Verity Wilf",
    "de": "Anneke Bertram Cosima Detlev Elfriede Falk Gesine Hauke Ilse Jörn Käthe Lorenz Mechthild Norbert Ottilie "
    "Rüdiger Swantje Thilo Ulrike Volkmar Wiebke Xaver",
    "fr": "Aurélie Bastien Célestine Désiré Éloïse Fabrice Gwenaëlle Hippolyte Inès Jérôme Léonie Maël Noémie Octave "
    "Pauline Régis Solène Théo Violette Yann",
    "es": "Abril Bruno Candela Diego Elvira Fermín Graciela Hernán Inés Jacinta Lautaro Maite Nicanor Olalla Paloma "
    "Ramiro Soledad Tadeo Úrsula Vidal",
    "nl": "Aleida Bram Coosje Diederik Elske Floris Geertje Huib Ineke Joris Klaartje Lodewijk Maaike Niek Oda Pim "
    "Rixt Sjoerd Tjitske Wouter",
}
_LAST = {
    "en": "Applegarth Birtwhistle Cobblewick Dunmere Eastlake Farthingale Garrowby Hollowell Inkpen Jessop Kettlewell "
    "Larkspur Merriden Nethercote Oakshott Pennyfold Quarrington Ravensby Silverthorn Tillingham Umberleigh "
    "Vexley Wetherspool Yarrowdale O'Dell",
    "de": "Ahornau Birkenhain Dornbach Eschenried Feldmühl Grünthaler Haselhorst Immendorf Krähwinkel Lindenschmied "
    "Moosgruber Nebelthau Öhlweiler Pfeifenschnitt Quellmoser Rübsamen Storchenau Tannhofer Uhlenbrook "
    "Weidenfels Zinnkann",
    "fr": "Aubépin Boisclair Chanterive Desnoyers-Pré Églantier Fontbleue Grandchamp-Lys Hautecloche Jolivent "
    "Larocheverte Montfleuri Noisevent Ormeval Pierrelune Rivesoleil Sautereau Tournevent Vallombreuse",
    "es": "Alamedilla Brisamar Camponuevo Dosríos Encinares Fuenteclara Guadalmar Hoyasverdes Jaralejo Lagunilla "
    "Montearoma Navarrubia Olmedal Peñasol Robledillo Torreluna Valdeniebla Zarzamora",
    "nl": "van Appelaar Bosweide ter Kluinen de Zeemeeuw Duinhof Eikenboom Graanveld Havikhorst IJsbreker Korenaar "
    "Lindewater Molenpolder van Nevelen Oeverdijk Rietland Sterrenwacht Tulpenberg Wilgentuin",
}
FIRST_NAMES = {language: tuple(names.split()) for language, names in _FIRST.items()}
LAST_NAMES = {language: tuple(re.findall(r"(?:(?:van|ter|de) )?\S+", names)) for language, names in _LAST.items()}
_HEADS = "Bel Cor Dal Fen Gal Hol Jor Kel Lum Mar Nor Ost Pel Quin Ros Sel Tam Ulm Ver Wen Xan Yor Zel Brim".split()
_MIDDLES = "a e i o u ai ea ou".split()
_TAILS = "dane dric fax gard lent mark nor pell quist rand sten tor vane wick zen bry".split()
_TRADES = (
    "Instruments Logistics Energy Foods Systems Works Medical Marine Optics Materials Paper Textiles Dairy Robotics"
).split()
COMPANY_NAMES = len(_HEADS) * len(_MIDDLES) * len(_TAILS) * len(_TRADES)
VENDOR = "Kea Instruments (invented)"
VENDOR_DOMAIN = "kea.example"


def company_name(seed: int, number: int) -> str:
    """The name of the company with this number; different for every number below COMPANY_NAMES."""
    # 40009 is prime and no factor of the number of names: the walk meets each name once.
    place = (number * 40009 + below(COMPANY_NAMES, seed, "company names")) % COMPANY_NAMES
    place, trade = divmod(place, len(_TRADES))
    place, tail = divmod(place, len(_TAILS))
    head, middle = divmod(place, len(_MIDDLES))
    return f"{_HEADS[head]}{_MIDDLES[middle]}{_TAILS[tail]} {_TRADES[trade]}"


def person_name(language: str, *key: object) -> tuple[str, str]:
    """First and last name of a person who speaks this language."""
    return pick(FIRST_NAMES[language], *key, "first"), pick(LAST_NAMES[language], *key, "last")


@lru_cache(maxsize=5_000)
def slug(text: str) -> str:
    """The text as it may stand in a mail address or a host name: plain letters, digits and dashes."""
    spelled = text.lower().replace("ö", "oe").replace("ü", "ue").replace("ä", "ae")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def address(first: str, last: str, domain: str) -> str:
    """The mail address such a person has at such a company."""
    return f"{slug(first)}.{slug(last)}@{domain}"
