"""What people call the columns that say who somebody is, in several languages; see `column_words`."""

from __future__ import annotations

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
