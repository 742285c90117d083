"""What people call their columns, in several languages: words for each attribute, folded to plain small letters.

A word stands here without spaces and underscores: `first_name`, `First Name` and `firstName` are all `firstname`.
"""

from __future__ import annotations

from connectors.propose import words_of_activity as activity
from connectors.propose import words_of_identity as identity
from connectors.propose.word_sets import word_set

IDENTIFIERS = {
    "loyalty": """
    loyalty loyaltyno loyaltynumber loyaltyid loyaltycard cardno cardnumber membershipno membershipnumber
    membershipid bonuscard bonuskarte treuekarte kundenkarte carteclient cartefidelite tarjetafidelidad tessera
    klantenkaart frequentflyer rewardsno rewardsid rewardsnumber clubcard
""",
    "ssn": "ssn ssnnumber socialsecurity socialsecuritynumber socsec socsecno nino nationalinsurance",
    "tax_id": """
    taxid taxidnumber taxnumber taxno tin ein vat vatid vatno vatnumber ustid ustidnr steuernummer steuerid siren
    siret numtva tva nif cif partitaiva codicefiscale btwnummer orgnr organisasjonsnummer cpf cnpj
""",
    "national_id": """
    nationalid nationalidnumber idcard idcardno personalausweis personnummer fodselsnummer dni curp identitycard
    idnumber bsn pesel
""",
    "passport": "passport passportno passportnumber passnummer reisepass numeropasaporte pasaporte",
    "drivers_license": """
    driverslicense driverslicensenumber driverslicenseno driverlicense driverlicensenumber licensenumber dlnumber
    fuehrerschein
""",
    "twitter": "twitter twitterhandle twittername twitterid",
    "instagram": "instagram instagramhandle instagramid insta",
    "facebook": "facebook facebookid facebookname fb fbid fbname",
    "linkedin": "linkedin linkedinurl linkedinid linkedinhandle",
    "tiktok": "tiktok tiktokhandle tiktokid",
    "telegram": "telegram telegramhandle telegramid",
    "lei": "lei leinumber leicode",
    "iban": "iban ibannumber accountiban",
    "device": "deviceid cookieid visitorid",
    "trusted_id": "trustedid trustedidnumber",
}
"""Numbers and handles that several exports may share, by the name they get."""

WEAK = word_set("""
    employer employername institution user member reference value sum place land line1 notes note comment comments
    source group date time when from data ref at description text reason
""")
"""Words that as often mean something else."""

NOT_OURS = word_set("""
    agent mother father spouse partner husband wife emergency manager supervisor seller vendor supplier product item
    warehouse store shop branch park taxi bridge school birth carrier courier technician driver drivers license
    passport tax national sales rep agency parent sibling executive center program previous former maiden old
    relation relationship reference related cross intersection site facility vehicle landmark agentur verkaeufer
    lieferant filiale mutter vater
""")
"""Words before an attribute that make it somebody else's, or that of another thing."""

NEUTRAL = word_set("""
    customer cust client contact ship shipping shipto bill billing billto delivery deliver home work primary main
    user account buyer purchaser recipient holder caller requester person member patron owner mailing postal
    residential kunde kunden liefer lieferung rechnungs rechnung cliente livraison facturation envio facturacion
    spedizione fatturazione klant the my our your default current new addr business physical incident address
""")
"""Words around an attribute that say which one it is, or nothing at all."""

ATTRIBUTE_WORDS: dict[str, str] = {
    "given_name": identity.GIVEN_NAME,
    "middle_name": identity.MIDDLE_NAME,
    "family_name": identity.FAMILY_NAME,
    "full_name": identity.FULL_NAME,
    "name_suffix": identity.NAME_SUFFIX,
    "organisation": identity.ORGANISATION,
    "birth_date": identity.BIRTH_DATE,
    "email": identity.EMAIL,
    "phone": identity.PHONE,
    "street": identity.STREET,
    "street_number": identity.STREET_NUMBER,
    "unit": identity.UNIT,
    "city": identity.CITY,
    "region": identity.REGION,
    "postal_code": identity.POSTAL_CODE,
    "country": identity.COUNTRY,
    "address": identity.ADDRESS,
    "customer_id": activity.CUSTOMER_ID,
    "reference": activity.REFERENCE,
    "about": activity.ABOUT,
    "at": activity.AT,
    "updated_at": activity.UPDATED_AT,
    "promised_at": activity.PROMISED_AT,
    "amount": activity.AMOUNT,
    "currency": activity.CURRENCY,
    "status": activity.STATUS,
    "subject": activity.SUBJECT,
    "body": activity.BODY,
    "channel": activity.CHANNEL,
    "direction": activity.DIRECTION,
    "handled_by": activity.HANDLED_BY,
    "conversation": activity.CONVERSATION,
    "sku": activity.SKU,
    "quantity": activity.QUANTITY,
    "description": activity.DESCRIPTION,
    "unit_price": activity.UNIT_PRICE,
    "line_amount": activity.LINE_AMOUNT,
    "key": activity.KEY,
    **{f"identifier.{name}": words for name, words in IDENTIFIERS.items()},
}
"""Every attribute a column may be, with what it is called; a word may stand under several."""

TOLD_BY_VALUES = ("email", "phone", "postal_code", "birth_date")
"""Attributes whose values are so much their own that part of a name is enough to look at them."""

TOLD_BY_ENDING = ("updated_at", "promised_at", "channel", "status", "currency", "amount")
"""Attributes that the last words of a name may tell, whatever stands before them."""
