"""Words found in name fields that are no names, and words that belong to the name beside them."""

from __future__ import annotations

from matching.attributes.word_list import phrases_of, words_of

TITLES = words_of("""
    mr mrs ms miss mx master dr doctor prof professor sir dame rev reverend hon pastor rabbi capt captain lt col
    sgt maj mister madam madame mme mlle monsieur herr frau hr fr dipl ing mag sig signor signora dott senor
    senora srta sra dhr mevr mw pan pani shri smt lord baron baroness baronet earl viscount viscountess duke
    duchess marquess count countess general gen major brigadier brig colonel admiral commander lieutenant lieut
""")
"""Titles, cut off before a name."""

CREDENTIALS = words_of("""
    phd md dds dmd dvm esq esquire cpa mba rn msc bsc llm llb lpn np psyd edd pharmd fnp dnp obe mbe frcp facs
    jd ccna pmp cfa cissp
""")
"""Degrees and honours, cut off after a name."""
SHORT_CREDENTIALS = words_of("""
    ma ba bs ms do nd od pa pt ot ra dc jp qc kc cbe mp
""")
"""Degrees that are also names: cut off only after a comma."""

SUFFIXES = {
    "jr": "jr",
    "jnr": "jr",
    "junior": "jr",
    "sr": "sr",
    "snr": "sr",
    "senior": "sr",
    "ii": "ii",
    "2nd": "ii",
    "iii": "iii",
    "3rd": "iii",
    "iv": "iv",
    "4th": "iv",
}
"""Generational suffixes as found, and the form they are compared in."""
CLEAN_SUFFIXES = {"jr": "Jr", "sr": "Sr", "ii": "II", "iii": "III", "iv": "IV", "v": "V"}

PARTICLES = words_of("""
    van von der den het ter ten de del della delle dei di da do dos das du des la las le les lo los el al bin
    ibn abu st saint mc mac zu zum zur vom af av
""")
"""Words that belong to the family name after them."""
ELIDED_PARTICLES = frozenset(["o", "d", "l"])
"""One-letter particles, told from initials only inside a field that holds nothing but the family name."""

ROLE_NOUNS = words_of("""
    man woman lady gentleman boy girl male female child children baby infant adult son daughter husband wife
    spouse mother father mom mum dad parent brother sister grandmother grandfather grandson granddaughter aunt
    uncle head owner homeowner householder occupant occupants resident residents tenant person people respondent
    informant roommate boarder lodger friend member
""")
"""What somebody is to a household, written where a given name should be."""
CERTAIN_ROLES = ROLE_NOUNS - frozenset(["man", "lady", "son", "baby"])
"""Role words that are nobody's given name."""
ROLE_FILLERS = words_of("""
    mom mum dad husband wife spouse daughter granddaughter grandson householder homeowner occupant occupants
    resident residents respondent roommate
""")
"""Role words that are nobody's family name either."""

FILLERS = (
    ROLE_FILLERS
    | {"household"}
    | phrases_of("""
    unknown
    unk
    none
    null
    anonymous
    not given
    not provided
    not available
    not applicable
    dont know
    declined
    refused
    first name
    firstname
    given name
    last name
    lastname
    surname
    family name
    no name
    no last name
    no first name
    no surname
    unbekannt
    keine angabe
    inconnu
    desconocido
    sconosciuto
    onbekend
""")
)
"""Fillers, folded, that stand where a part of a name is missing."""
PLACEHOLDERS = FILLERS | frozenset(("n/a", "nil", "tbd", "tba", "noname", "don't know", "full name", "customer name"))
"""What a whole field may hold instead of a part of a name."""
WHOLE_PLACEHOLDERS = PLACEHOLDERS | frozenset(["name", "customer", "guest", "client", "user", "nan"])
"""What a one-line name may hold instead of a name; as a part, some of these are names."""

TEST_WORDS = frozenset(["test", "tests", "testing", "tester", "testuser", "dummy"])
"""Names of records that somebody made to try the system out."""
BESIDE_TEST_WORDS = words_of("""
    order customer user account guest checkout record person client name qa asdf qwerty a an the
""")
"""Words that may stand beside them without making a person of them."""

LEGAL_FORMS = words_of("""
    inc incorporated llc llp lp ltd limited plc corp corporation gmbh mbh kg ohg ug sarl sas srl spa bv nv oy
    oyj aps asa pty pvt pllc ltda kft zrt
""")
"""Legal forms: wherever one stands, the name is an organisation's."""
ORGANISATION_WORDS = words_of("""
    company clinic hospital school university college academy institute church ministries temple bank credit
    union hotel motel inn restaurant cafe grill pizza bakery store stores shop market supermarket supply
    supplies services service solutions systems associates association society foundation group holdings
    partners partnership agency department office center centre medical dental pharmacy insurance financial
    realty properties construction plumbing electric roofing landscaping landscape motors auto automotive garage
    salon spa studio studios gallery museum library park club team trust council county city state federal
    national international global enterprises industries manufacturing logistics transport trucking consulting
    marketing media technologies technology software laboratories practice surgery nursery daycare farm farms
    ranch brewery winery theatre theater gym fitness laundry cleaners rentals storage verein stiftung schule
    kirche firma societe association entreprise empresa escuela iglesia
""")
"""Words that make a name of three or more words an organisation's, unless it begins like a person's."""

HOUSEHOLD_WORDS = words_of("""
    family household familie famille familia haushalt hogar famiglia
""")
