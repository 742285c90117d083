"""Words of street lines: abbreviations, kinds of street, directions, routes, units; English first, then others."""

from __future__ import annotations

from matching.attributes.word_list import phrases_of, spellings_of, words_of

ABBREVIATIONS = spellings_of("""
    alley: allee ally aly
    arcade: arc
    avenue: av ave aven avenu avn avnue
    bayou: byu
    beach: bch
    bend: bnd
    bluff: blf
    boulevard: blvd boul boulv blvrd bd
    branch: br brnch
    bridge: brg brdg
    brook: brk
    brooks: brks
    bypass: byp
    camp: cp
    canyon: cyn cnyn
    center: centre ctr cntr
    circle: cir circ crcl cr
    cliff: clf
    close: cl
    club: clb
    common: cmn
    corner: cor
    corners: cors
    course: crse
    court: ct crt
    cove: cv
    creek: crk ck
    crescent: cres crsent
    crest: crst cst
    crossing: xing crssng
    dale: dl
    drive: dr drv driv
    estate: est
    estates: ests
    expressway: expy expwy
    extension: ext
    falls: fls
    ferry: fry
    field: fld
    fields: flds flts
    ford: frd
    forest: frst
    fork: frk
    forks: frks
    fort: ft frt
    freeway: fwy
    garden: gdn
    gardens: gdns
    gate: gte
    gateway: gtwy
    glen: gln
    green: grn
    grove: grv
    harbor: harbour hbr
    haven: hvn
    heights: hts hgths hgts
    highlands: hlnds
    highway: hwy hiway
    hill: hl
    hills: hls
    hollow: holw
    junction: jct
    knoll: knl
    knolls: knls
    lake: lk
    lakes: lks
    landing: lndg
    lane: ln lan
    lodge: ldg
    loop: lp
    manor: mnr
    meadow: mdw
    meadows: mdws
    mews: mws
    mill: ml
    mills: mls
    mount: mt
    mountain: mtn mntn
    north: nth
    old: ol
    orchard: orch
    parade: pde
    park: pk prk
    parkway: pkwy pkway parkwy
    passage: psge
    path: pth
    pike: pke
    pine: pne
    pines: pnes
    place: pl plac plc
    plain: pln
    plains: plns
    plaza: plz plza
    point: pt pnt
    points: pts
    port: prt
    prairie: pr
    quay: qy
    ranch: rnch
    rest: rst
    ridge: rdg rdge rdgy
    river: riv
    road: rd
    route: rt rte
    row: rw
    run: rn
    shore: shr
    shores: shrs
    south: sth
    spring: spg sprng
    springs: spgs sprngs
    square: sq sqr
    station: sta
    stream: strm
    street: str stre strt stree st
    summit: smt
    terrace: ter terr
    trace: trce
    trail: trl tr
    turnpike: tpke
    valley: vly vlly
    view: vw
    views: vws
    village: vlg villag
    ville: vl
    vista: vis
    walk: wlk
    way: wy
    well: wl
    wells: wls
    west: wst
    woods: wds
""")
"""Abbreviated words of English street names, and the words they are compared as."""

STREET_TYPES = words_of("""
    street avenue road drive lane court place circle boulevard way terrace trail parkway highway square loop
    crescent close alley path walk expressway freeway turnpike circuit parade esplanade mews strasse weg platz
    gasse allee straat laan
""")
"""Kinds of street, cut off after a name; rarer ones (mill, ridge, …) stay, since they are as often part of it."""
LONG_STREET_TYPES = tuple(sorted(word for word in STREET_TYPES if len(word) >= 5))  # noqa: PLR2004 - see below
"""Kinds of street long enough to be recognised when one letter is wrong."""

LEADING_TYPES = words_of("""
    calle cl avenida avda paseo camino carrer carretera ronda via viale piazza corso largo rue rua avenue
    boulevard impasse chemin allee quai cours travessa ulica ul
""")
"""Kinds of street that stand before the name."""
LEADING_ARTICLES = words_of("""
    de la las los el del della delle dei di du des da do dos das le les l d of the
""")
"""Small words between such a kind and the name."""

COMPOUND_ENDINGS = ("strasse", "straat", "gatan", "platz", "gasse", "laan", "damm", "str", "weg", "vej")
"""Kinds of street written in one word with the name (`Hauptstr.`), longest first."""

DIRECTIONS = words_of("""
    n s e w ne nw se sw north south east west northeast northwest southeast southwest nord sud est ouest norte
    sur este oeste
""")
ROUTES = words_of("""
    highway hwy hiway route rte rt road rd ro us state county cnty private township twp interstate i cr sr tr fm
    old
""")
"""Words that, before a number, make it a numbered road: its number is its name."""

_ORDINALS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
    fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
ORDINALS = {word: str(number) for number, word in enumerate(_ORDINALS.split(), start=1)}

UNIT_WORDS = words_of("""
    apt apartment aptmnt aprt aptmt appt apto ap apartamento unit unt u ste suite room rm bldg building trlr
    trailer lot space spc flat wohnung whg app appartement bureau piso puerta pta depto departamento dpto int
    interior no number nbr nr num numero door dept office penthouse ph
""")
"""Words that say that a unit follows."""
CERTAIN_UNIT_WORDS = UNIT_WORDS - words_of("""
    u ap int no number nbr nr num numero door office ph space app dept
""")
"""Those that start a unit even inside a street line."""
FLOOR_WORDS = words_of("""
    floor fl flr story storey level etage stock og eg stockwerk planta
""")

PLACEHOLDERS = words_of("""
    unknown none null n/a na nil tbd test same various homeless address street unbekannt inconnu desconocido
""") | phrases_of("""
    no address
    not given
    not provided
    not available
    general delivery
    see above
    same as above
    no fixed abode
""")
"""What stands, folded, where a street is missing."""
