"""The words the invented shop is made of: names, places, goods, and what people write about.

Nobody and nowhere here is real: the towns, their region (KL) and its postcodes (987xx) do not exist, every mail
domain ends in `.example`, and every telephone number has the exchange 555, which no subscriber has.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Frequent first: `Dice.skewed` draws the front of these lists far more often.
GIVEN_NAMES = _words(
    """
    James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
    Jessica Thomas Sarah Christopher Karen Charles Lisa Daniel Nancy Matthew Sandra Anthony Betty Mark Ashley Steven
    Emily Paul Kimberly Andrew Margaret Joshua Donna Kenneth Michelle Kevin Carol Brian Amanda George Melissa Timothy
    Deborah Edward Stephanie Jason Rebecca Jeffrey Laura Ryan Helen Jacob Sharon Gary Cynthia Nicholas Kathleen Eric
    Amy Jonathan Angela Stephen Shirley Larry Anna Justin Brenda Scott Pamela Brandon Emma Benjamin Nicole Samuel
    Katherine Gregory Christine Alexander Debra Patrick Rachel Frank Carolyn Raymond Janet Jack Maria Dennis Olivia
    Jerry Heather Tyler Diane Aaron Julie José Joyce Adam Victoria Nathan Renée Henry Zoë Zachary Lauren Peter Kelly
    Kyle Christina Ethan Joan Walter Evelyn Noah Judith Jeremy Andrea Christian Hannah Keith Megan Terry Alice Sean
    Teresa André Ruth Luis Hazel Omar Priya Mateo Ingrid Kofi Yuki Tariq Leilani Pavel Saoirse Anselm Ottilie
    """
)
FAMILY_NAMES = _words(
    """
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Wilson Anderson Thomas
    Taylor Moore Jackson Martin Lee Perez Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright
    Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Phillips
    Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers Morgan Peterson Cooper Reed Bailey Kelly
    Howard Ward Cox Richardson Watson Brooks Wood James Bennett Gray Hughes Price Myers Long Foster Sanders Ross
    Powell Sullivan Russell Jenkins Perry Butler Barnes Fisher Coleman Simmons Patterson Jordan Graham Reynolds
    Hamilton Ford Griffin Wallace West Cole Hayes Bryant Gibson Ellis Stevens Murray Owens Marshall Kennedy Wells
    Woods Burns Gordon Crawford Tucker Hicks Hunter Boyd Mason Warren Dixon Hunt Rice Black Palmer Stone Dunn Lane
    Hudson Spencer Pierce Hart Hawkins Elliott Andrews Snyder Arnold Carroll Lawson Armstrong Franklin Chapman Fields
    Weaver Dean Willis Bishop Schmidt Vasquez Banks Carr Oliver Montgomery O'Brien O'Connor McCarthy McBride Fowler
    Delacroix Núñez Muñoz Petrov Kowalski Lindholm Haddad Nakamura Okeke Ferreira Jansen Van-Dyke Abbott Thorne
    Ashdown Birch Calloway Draycott Eastman Farrow Gilchrist Holloway Iverson Jessop Kirkland Larrabee Merrow Norcross
    """
)
NICKNAMES = {
    "James": ("Jim", "Jimmy"),
    "Robert": ("Bob", "Rob"),
    "Patricia": ("Pat", "Patty"),
    "John": ("Jack", "Johnny"),
    "Jennifer": ("Jen", "Jenny"),
    "Michael": ("Mike", "Mick"),
    "David": ("Dave",),
    "Elizabeth": ("Liz", "Beth"),
    "William": ("Bill", "Will"),
    "Barbara": ("Barb",),
    "Richard": ("Rick", "Dick"),
    "Susan": ("Sue",),
    "Joseph": ("Joe",),
    "Jessica": ("Jess",),
    "Thomas": ("Tom",),
    "Christopher": ("Chris",),
    "Charles": ("Charlie", "Chuck"),
    "Daniel": ("Dan", "Danny"),
    "Matthew": ("Matt",),
    "Anthony": ("Tony",),
    "Steven": ("Steve",),
    "Kimberly": ("Kim",),
    "Andrew": ("Andy", "Drew"),
    "Margaret": ("Peggy", "Maggie"),
    "Joshua": ("Josh",),
    "Kenneth": ("Ken",),
    "Timothy": ("Tim",),
    "Deborah": ("Deb",),
    "Edward": ("Ed", "Ted"),
    "Stephanie": ("Steph",),
    "Rebecca": ("Becky",),
    "Jeffrey": ("Jeff",),
    "Nicholas": ("Nick",),
    "Kathleen": ("Kathy",),
    "Jonathan": ("Jon",),
    "Benjamin": ("Ben",),
    "Samuel": ("Sam",),
    "Katherine": ("Kate", "Kathy"),
    "Gregory": ("Greg",),
    "Alexander": ("Alex",),
    "Patrick": ("Pat",),
    "Victoria": ("Vicky",),
    "Zachary": ("Zach",),
    "Peter": ("Pete",),
}

REGION = "KL"
TOWNS = (
    ("Alderford", "98701"),
    ("Alderford", "98702"),
    ("Brackwater", "98710"),
    ("Carrow Falls", "98714"),
    ("Dunmere", "98718"),
    ("Eastlow", "98721"),
    ("Fenbrook", "98725"),
    ("Gillhaven", "98730"),
    ("Ironmoor", "98734"),
    ("Kestrel Bay", "98740"),
    ("Kestrel Bay", "98741"),
    ("Lowmarsh", "98746"),
    ("Millstow", "98752"),
    ("Otterby", "98758"),
    ("Pinehollow", "98763"),
    ("Wexcombe", "98770"),
)
STREET_NAMES = _words(
    """
    Maple Oak Cedar Elm Pine Walnut Chestnut Willow Juniper Hawthorn Alder Birch Main Church Mill Bridge Station
    Orchard Meadow River Lake Harbor Ferry Quarry Foundry Chapel Market School Garden Spring Summit Ridge Valley
    Prospect Highland Franklin Jefferson Monroe Lincoln Kestrel Heron Osprey Plover Sandpiper Lantern Cooper Weaver
    Tanner Wheelwright Saltmarsh Windmill Larkspur Foxglove Primrose Clover Bramble Thistle Ember Granite Slate
    """
)
STREET_TYPES = (
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("Lane", "Ln"),
    ("Drive", "Dr"),
    ("Court", "Ct"),
    ("Way", "Way"),
)
AREA_CODES = ("360", "509", "564")

SHOP_NAME = "Larkspur Goods"
SHOP_DOMAIN = "larkspur.example"
SHOP_PHONE = "(800) 555-0100"
STAFF = (("Mara", "mara@larkspur.example"), ("Theo", "theo@larkspur.example"))
MAIL_HOSTS = ("postbox.example", "webmail.example", "fastpost.example", "homenet.example", "inbox.example")
HANDLES = _words(
    "bluefinch fernhollow rivertrout oldlantern sunnybank quietharbor redwagon nightheron gardengate stonewall "
    "paperkite copperpot wildthyme mossycreek tallspruce saltandpepper brickoven hilltop seaglass woodpile"
)
TRADES = ("Dental Group", "Bakery", "Veterinary Clinic", "Hardware", "Law Office", "Catering", "Design Studio", "Inn")

# sku, description, price in cents
GOODS = (
    ("KT-1010", "Stoneware mug, blue", 1450),
    ("KT-1011", "Stoneware mug, sand", 1450),
    ("KT-1024", "Café press, 1 l", 3990),
    ("GD-2003", "Pruning shears", 2795),
    ("KT-1042", "Cast iron skillet, 10 in", 4900),
    ("GD-2011", "Watering can, zinc", 3450),
    ("HM-3007", "Wool throw, heather", 8900),
    ("KT-1055", "Bread knife", 3200),
    ("HM-3012", "Beeswax candles, set of 6", 1895),
    ("GD-2018", "Seed tin, herbs", 1250),
    ("KT-1061", "Crème brûlée set", 5400),
    ("HM-3020", "Linen towel, pair", 2650),
    ("GD-2025", "Garden kneeler", 3999),
    ("KT-1070", "Enamel kettle", 4750),
    ("HM-3033", "Wall clock, oak", 7450),
    ("GD-2031", "Bird feeder", 2995),
    ("KT-1084", "Dutch oven, 5 qt", 12900),
    ("HM-3041", "Reading lamp, brass", 14900),
    ("GD-2040", "Potting bench", 24900),
    ("HM-3052", "Rag rug, 5 x 8", 18900),
    ("KT-1090", "Maple cutting board", 6800),
    ("HM-3060", "Log basket", 7900),
    ("GD-2052", "Cold frame, cedar", 32900),
    ("HM-3075", "Oak bench", 124900),
)

# subject, what is said about it, whether an order is what it is about
TOPICS = (
    ("Where is my order?", "My parcel was due last week and nothing has come. Can you tell me where it is?", True),
    ("Arrived damaged", "The box was crushed and one piece is cracked. I would like a replacement, please.", True),
    ("Wrong item", "You sent me something I did not order. How do I return it?", True),
    ("Refund not received", "I returned this three weeks ago and still have no refund. This is disappointing.", True),
    ("Missing part", "The screws are missing from the bag, so I cannot put it together.", True),
    ("Thank you", "Everything came quickly and well packed. I am very happy with it.", True),
    ("Change of delivery day", "I will be away on the day promised. Could it come two days later?", True),
    ("Invoice question", "I was charged twice for the same thing, I believe. Please check.", True),
    ("Question about care", "Can the enamel kettle go in the dishwasher?", False),
    ("Opening hours", "Are you open on Sunday? I would like to look at the oak bench.", False),
    ("Password", "I cannot sign in to my account any more. Please reset it.", False),
    ("Catalogue", "Please send me the spring catalogue if there is one.", False),
)
