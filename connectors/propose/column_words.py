"""What people call their columns, in several languages: words for each attribute, folded to plain small letters.

A word stands here without spaces and underscores: `first_name`, `First Name` and `firstName` are all `firstname`.
"""

from __future__ import annotations

from connectors.propose.word_sets import word_set

GIVEN_NAME = """
    firstname givenname forename fname first given christianname vorname rufname prenom nombre nombres nombredepila
    nome voornaam roepnaam fornavn fornamn etunimi imie keresztnev onoma primeironome namefirst
"""
MIDDLE_NAME = """
    middlename middleinitial mname mi middle middleinit secondname zweitervorname zweitname deuxiemeprenom
    segundonombre secondonome tweedenaam mellomnavn mellannamn namemiddle
"""
FAMILY_NAME = """
    lastname surname familyname lname last family secondnamefamily nachname familienname zuname nomdefamille
    nomfamille apellido apellidos cognome achternaam familienaam etternavn efternavn efternamn sukunimi nazwisko
    sobrenome apelido namelast
"""
FULL_NAME = """
    name fullname customername customer client clientname contactname contact personname displayname accountname
    accountholder holder holdername accountowner ownername cardholder recipient recipientname shiptoname billtoname
    buyer buyername patron patronname membername member subscriber callername caller requester requestername sender
    sendername user realname kunde kundenname kontakt ansprechpartner inhaber empfaenger empfanger vollername nom
    nomcomplet nomprenom nometprenom nomclient client titulaire destinataire nombrecompleto nombreyapellidos cliente
    nombrecliente titular destinatario nomecompleto nomecliente intestatario klant klantnaam volledigenaam naam navn
    namn fulltnavn kundenavn kundnamn namefull guest guestname attendee patient patientname
"""
NAME_SUFFIX = "suffix namesuffix generation generational namenszusatz"
ORGANISATION = """
    company companyname organisation organization organisationname organizationname org orgname employer
    employername business businessname firm firmname firma firmenname firmenbezeichnung unternehmen
    organisationsname societe entreprise raisonsociale empresa razonsocial azienda ragionesociale ditta bedrijf
    bedrijfsnaam firmanaam foretag virksomhet virksomhed yritys nameorg institution
"""
BIRTH_DATE = """
    dateofbirth birthdate dob birthday born bday borndate birth birthdt dobdate geburtsdatum geburtstag gebdatum
    geboren gebdat datedenaissance datenaissance naissance neele ddn fechadenacimiento fechanacimiento nacimiento
    nacido fnac datadinascita datanascita nascita geboortedatum gebdatum fodselsdato fodd fodselsdag fodelsedatum
    syntymaaika dataurodzenia datadenascimento datanascimento
"""
EMAIL = """
    email emailaddress mail mailaddress emailaddr eaddress emailid primaryemail contactemail workemail homeemail
    useremail epost epostadresse emailadresse mailadresse courriel adressemail adressecourriel adresseelectronique
    correo correoelectronico correoe direcciondecorreo postaelettronica indirizzoemail emailadres epostadress
    sahkoposti adresemail replyto
"""
PHONE = """
    phone phonenumber telephone telephonenumber tel telno telnumber telnr phoneno phonenum mobile mobilephone
    mobilenumber mobileno cell cellphone cellnumber cellular landline homephone workphone dayphone eveningphone
    daytimephone contactnumber contactphone callerid callernumber callerphone msisdn ani telefon telefonnummer
    telefonnr telefonmobil mobil mobilnummer mobiltelefon handy handynummer handynr festnetz rufnummer
    numerodetelephone notelephone telfixe portable telephoneportable telportable telmobile telefono telefonofijo
    telefonomovil movil celular numerodetelefono cellulare telefonofisso telefoon telefoonnummer gsm mobiel vast
    puhelin telefone telemovel celular whatsapp whatsappnumber
"""
STREET = """
    street streetname streetaddress address1 addressline1 addrline1 addr1 addressline address1line line1 strasse str
    anschrift1 adresszeile1 adresse1 rue voie libellevoie adresseligne1 calle via domicilio direccion1
    direccionlinea1 indirizzo1 straat straatnaam gate gateadresse gatuadress vej vejnavn ulica rua logradouro
    katuosoite streetline1 road thoroughfare
"""
STREET_NUMBER = """
    streetnumber streetno streetnum streetnr housenumber houseno housenum housenr number hausnummer hausnr hnr
    numerovoie numerorue nrue numerocalle numerocivico civico huisnummer huisnr husnummer husnr buildingnumber
    bldgno numerodeporta
"""
UNIT = """
    unit unitnumber unitno apartment apt aptno aptnumber apartmentnumber suite suiteno flat flatno floor wohnung
    wohnungsnummer stockwerk appartement apto piso puerta interno scala bus toevoeging leilighet address2
    addressline2 addrline2 addr2 line2 adresszusatz adresse2 complementadresse complemento
"""
CITY = """
    city town suburb locality municipality cityname place posttown ort stadt wohnort gemeinde plzort ville commune
    localite ciudad poblacion localidad municipio citta comune localita plaats woonplaats stad poststed postort
    kaupunki miasto cidade postnummersted cityortown
"""
REGION = """
    state region province county statecode stateprovince provincestate territory canton departement department
    bundesland kanton land provincia comunidad regione provinz provincie fylke lan wojewodztwo estado uf prov
"""
POSTAL_CODE = """
    zip zipcode postcode postalcode zippostal zippostalcode postalzip zip5 zip4 zipplus4 plz postleitzahl codepostal
    cp codigopostal cap codiceavviamentopostale postcodenummer postnr postnummer kodpocztowy cep pin pincode eircode
    postinumero codepost
"""
COUNTRY = """
    country countrycode countryname nation land laender pays codepays pais codigopais paese nazione landcode staat
    kraj maa countryiso iso2 isocountry
"""
ADDRESS = """
    address fulladdress postaladdress mailingaddress homeaddress shippingaddress billingaddress deliveryaddress
    streetandcity contactaddress addressfull addrfull anschrift adresse adressezeile lieferadresse rechnungsadresse
    postanschrift postadresse adressecomplete adressepostale adressedelivraison direccion direccioncompleta
    domiciliocompleto direcciondeenvio indirizzo indirizzocompleto adres bezorgadres adress endereco osoite addr
"""

KEY = """
    id uuid guid recordid rowid uniqueid uniquekey key pk oid objectid sysid recordno recordnumber rownumber
    sourcerecordid
"""
REFERENCE = """
    orderid orderno ordernumber ordernr orderref orderreference ordercode salesorder salesorderid salesordernumber
    invoiceid invoiceno invoicenumber invoicenr bill billno billnumber receiptno receiptnumber accountid accountno
    accountnumber accountnr caseid caseno casenumber casenr ticketid ticketno ticketnumber ticketnr ticket
    incidentid incidentnumber requestid requestno complaintid claimid claimno claimnumber transactionid
    bestellnummer bestellnr bestellid auftragsnummer auftragsnr auftrag rechnungsnummer rechnungsnr rechnung rgnr
    belegnr belegnummer vorgang vorgangsnummer kontonummer numerocommande nocommande commande numcommande
    numerofacture nofacture facture numerodossier dossier numeropedido nopedido pedido numerofactura factura
    numeroexpediente numerodordine ordine numerofattura fattura ordernummer bestelnummer factuurnummer klantnummer
    ordrenummer fakturanummer fakturanr saksnummer arendenummer
"""
CUSTOMER_ID = """
    customerid customerno customernumber customernr customerref customerkey custid custno custnumber custnr clientid
    clientno clientnumber cid userid userno memberid memberno membernumber patronid accountref partyid personid
    contactid subscriberid crmid kundennummer kundennr kundenr kundenid kdnr kundnr numeroclient noclient codeclient
    idclient numerocliente idcliente codigocliente nocliente codicecliente klantnummer klantnr klantid kundenummer
    kundnummer customeraccount customer holderid buyerid callercustomerid
"""
AT = """
    date timestamp ts datetime time at when createdat createddate createdon created creationdate datecreated
    orderedat orderedon orderdate orderts ordertime ordertimestamp purchasedate purchasedat purchasedon placedat
    placedon invoicedate invoicedat invoicets billdate billedon issuedon issuedate dateissued openedat openedon
    openeddate opened opendate dateopened openingdate submittedat submittedon reportedat reportedon receivedat
    receiveddate receivedon datereceived calledat callstart callstarted callstarttime starttime startedat started
    startdate sessionstart visitedat visitdate sentat senton sentdate senddate joinedat joinedon joindate joined
    membersince customersince since signupdate signedupon signupat registeredat registeredon registrationdate
    registered enrolledat enrolledon enrolldate transactiondate eventdate eventtime eventts postedat loggedat datum
    bestelldatum bestelltam auftragsdatum rechnungsdatum belegdatum angelegt angelegtam erstelltam eingangsdatum
    eingang kundeseit datecommande datedecommande commandele datefacture datecreation datedecreation creele
    datereception fecha fechapedido fechadepedido fechafactura fechacreacion fechaalta fechadealta data dataordine
    dataordinazione datafattura datacreazione besteldatum orderdatum factuurdatum aangemaakt ordredato
    bestillingsdato fakturadato orderdatum fakturadatum dato
"""
UPDATED_AT = """
    updatedat updatedon updateddate updated lastupdated lastupdate lastupdatedat lastupdatedon modifiedat modifiedon
    modified modifieddate lastmodified lastmodifieddate lastmodifiedat changedat changedon changed changedate
    lastchanged lastchange dateupdated datemodified geaendertam aenderungsdatum
    geandertam letzteaenderung letzteanderung modifiele datemodification dateestmaj datemaj actualizado
    actualizadoel fechamodificacion fechaactualizacion modificatoil datamodifica gewijzigd gewijzigdop endret
    endretdato andrad andradat
"""
PROMISED_AT = """
    promisedat promisedon promiseddate promisedfor promiseby duedate due dueon dueat dueby deliverby
    expecteddelivery expecteddeliverydate estimateddelivery deliverydue eta liefertermin faellig faelligam
    zugesagtam wunschtermin dateecheance echeance datelivraisonprevue fechaprevista fechavencimiento fechaentrega
    datascadenza dataconsegna leverdatum vervaldatum forfallsdato
"""
AMOUNT = """
    amount total totalamount ordertotal ordervalue grandtotal totalprice totalvalue totaldue invoicetotal
    invoiceamount amountdue amountpaid paid price sum value balance accountbalance revenue net gross nettotal
    grosstotal subtotal spend betrag gesamtbetrag summe gesamtsumme gesamt bruttobetrag nettobetrag rechnungsbetrag
    saldo kontostand preis montant montantttc montantht montanttotal totalttc prix solde importe importetotal precio
    preciototal saldo importo totale importototale prezzo bedrag totaalbedrag totaal prijs belop sumbelop belob
    summa pris kwota valor valortotal
"""
CURRENCY = """currency currencycode ccy cur iso4217 waehrung wahrung devise monnaie moneda divisa valuta moeda waluta"""
STATUS = """
    status state orderstatus accountstatus casestatus ticketstatus invoicestatus stage statusname statuscode
    auftragsstatus bestellstatus zustand statut etat etatcommande statutcommande estado estadopedido stato
    statoordine tila situacao statustext
"""
SUBJECT = """
    subject title summary headline topic issue complainttype reason shortdescription betreff titel thema anliegen
    sujet objet titre asunto tema motivo titulo oggetto titolo onderwerp emne amne temat assunto complaint
"""
BODY = """
    body description text message content details comment comments notes note descriptor longdescription messagetext
    transcript problem question inquiry beschreibung nachricht inhalt
    bemerkung bemerkungen notiz notizen kommentar anmerkung texte contenu commentaire commentaires remarque
    remarques mensaje descripcion texto contenido comentario comentarios notas messaggio testo descrizione bericht
    omschrijving opmerking opmerkingen inhoud beskrivelse melding beskrivning meddelande mensagem descricao
"""
CHANNEL = """
    channel contactchannel saleschannel medium kanal canal canale kanaal contactmethod
    channeltype
"""
DIRECTION = "direction inout inboundoutbound calldirection richtung sens direccionllamada direzione richtungdesanrufs"
HANDLED_BY = """
    handledby agent agentname agentid assignee assignedto assigned operator rep salesrep csr representative
    handledbyname clerk servedby takenby bearbeiter sachbearbeiter mitarbeiter betreuer agente operatore operateur
    conseiller medewerker behandeldoor saksbehandler handlaggare
"""
CONVERSATION = """
    conversation conversationid thread threadid chatid sessionid dialogid callid roomid gespraech gespraechsid
    konversation
"""
SKU = """
    sku skus stockcode itemcode itemid itemno itemnumber productid productcode productno product productsku
    articleno articlenumber articleid article partno partnumber material materialno ean gtin upc asin isbn artikel
    artikelnr artikelnummer artnr artikelid produkt produktnr codearticle refarticle reference referenceproduit
    codeproduit articulo codigoarticulo codigoproducto referencia codicearticolo articolo codiceprodotto artikelcode
    varenummer varenr artikelnr
"""
QUANTITY = """
    quantity qty qtyordered units unitssold count pieces pcs menge anzahl stueck stueckzahl quantite qte nombre
    cantidad cant unidades quantita qta pezzi aantal hoeveelheid antall antal ilosc quantidade qtd
"""
DESCRIPTION = """
    itemdescription itemname productname producttitle productdescription description article itemtitle articlename
    artikelbezeichnung bezeichnung produktname artikelname designation libelle libellearticle descripcion
    descripcionarticulo nombreproducto producto descrizione descrizionearticolo omschrijving productnaam varenavn
    benamning prodotto produit lineitem
"""
UNIT_PRICE = """
    unitprice priceperunit itemprice priceeach unitcost einzelpreis stueckpreis prixunitaire preciounitario
    prezzounitario stuksprijs enhetspris stykpris
"""
LINE_AMOUNT = """
    lineamount linetotal lineprice linevalue itemtotal itemamount extendedprice positionsbetrag zeilensumme
    montantligne totalligne importelinea totallinea importoriga regelbedrag linjebelop
"""
ABOUT = """
    orderref orderreference relatedorder relatedto aboutorder referencenumber relatedid originalorder parentorder
    aboutid regarding ref refno referenceno relatedorderid
"""
ISSUE_TITLE = "title issue name summary problem"

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
    "given_name": GIVEN_NAME,
    "middle_name": MIDDLE_NAME,
    "family_name": FAMILY_NAME,
    "full_name": FULL_NAME,
    "name_suffix": NAME_SUFFIX,
    "organisation": ORGANISATION,
    "birth_date": BIRTH_DATE,
    "email": EMAIL,
    "phone": PHONE,
    "street": STREET,
    "street_number": STREET_NUMBER,
    "unit": UNIT,
    "city": CITY,
    "region": REGION,
    "postal_code": POSTAL_CODE,
    "country": COUNTRY,
    "address": ADDRESS,
    "customer_id": CUSTOMER_ID,
    "reference": REFERENCE,
    "about": ABOUT,
    "at": AT,
    "updated_at": UPDATED_AT,
    "promised_at": PROMISED_AT,
    "amount": AMOUNT,
    "currency": CURRENCY,
    "status": STATUS,
    "subject": SUBJECT,
    "body": BODY,
    "channel": CHANNEL,
    "direction": DIRECTION,
    "handled_by": HANDLED_BY,
    "conversation": CONVERSATION,
    "sku": SKU,
    "quantity": QUANTITY,
    "description": DESCRIPTION,
    "unit_price": UNIT_PRICE,
    "line_amount": LINE_AMOUNT,
    "key": KEY,
    **{f"identifier.{name}": words for name, words in IDENTIFIERS.items()},
}
"""Every attribute a column may be, with what it is called; a word may stand under several."""

TOLD_BY_VALUES = ("email", "phone", "postal_code", "birth_date")
"""Attributes whose values are so much their own that part of a name is enough to look at them."""

TOLD_BY_ENDING = ("updated_at", "promised_at", "channel", "status", "currency", "amount")
"""Attributes that the last words of a name may tell, whatever stands before them."""
