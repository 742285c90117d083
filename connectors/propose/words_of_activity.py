"""What people call the columns that say what happened, in several languages; see `column_words`."""

from __future__ import annotations

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
