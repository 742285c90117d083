"""Mail domains at which anybody can have an address, so that sharing one says nothing."""

from __future__ import annotations

# A name without a dot stands for the provider in every country (yahoo.com, yahoo.co.uk, …).
_DOMAINS = """
126.com 163.com 1und1.de aim.com alice.it aol aon.at arcor.de att.net bbox.fr bellsouth.net bigpond.com bigpond.net.au
bk.ru blueyonder.co.uk bluewin.ch bol.com.br btinternet.com btopenworld.com centurylink.net charter.net chello.at
comcast.net cox.net daum.net earthlink.net eircom.net email.com fastmail fastwebnet.it foxmail.com free.fr freenet.de
frontier.com globo.com gmail.com gmx googlemail.com hanmail.net hetnet.nl hey.com hispeed.ch home.nl hotmail
hushmail.com icloud.com ig.com.br iinet.net.au inbox.ru interia.pl inwind.it juno.com kabelmail.de kpnmail.nl
laposte.net libero.it list.ru live mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com netzero.net neuf.fr
ntlworld.com numericable.fr o2.pl onet.pl online.de optonline.net optusnet.com.au orange.fr outlook passport.com
planet.nl pm.me posteo.de proton.me protonmail proximus.be qq.com rambler.ru rediffmail.com roadrunner.com
rocketmail.com rogers.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com skynet.be sky.com sohu.com
spectrum.net sympatico.ca t-online.de talktalk.net telefonica.net telenet.be telia.com telus.net terra tin.it tiscali
tuta.io tutanota uol.com.br upcmail.nl usa.com verizon.net videotron.ca virgilio.it virgin.net virginmedia.com
vodafone.de wanadoo.fr web.de windowslive.com windstream.net wp.pl xfinity.com xs4all.nl xtra.co.nz yahoo yandex
yeah.net ymail.com ziggo.nl zoho
"""
_PROVIDERS = frozenset(_DOMAINS.split())


def is_public(domain: str) -> bool:
    """Whether a domain, in small letters, is that of a public mail provider."""
    return domain in _PROVIDERS or domain.split(".", 1)[0] in _PROVIDERS
